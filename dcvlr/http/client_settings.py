"""How a server is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dcvlr.settings import Count, Seconds, Timeout, checked


@dataclass(frozen=True, kw_only=True)
@checked
class ClientSettings:
    """The settings of `Server`."""

    base_url: str
    headers: Callable[[], Mapping[str, str]]
    timeout_s: Timeout
    attempts: Count
    concurrency: Count
    requests_per_minute: Count | None
    tokens_per_minute: Count | None
    first_wait_s: float
    max_wait_s: Seconds
    max_reply_mb: Count

    @property
    def max_reply_bytes(self) -> int:
        return self.max_reply_mb << 20
