"""How a server is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ClientSettings:
    """The settings of `Server`, checked there."""

    base_url: str
    headers: Callable[[], Mapping[str, str]]
    timeout_s: float
    attempts: int
    concurrency: int
    requests_per_minute: int | None
    tokens_per_minute: int | None
    first_wait_s: float
    max_wait_s: float
    max_reply_mb: int

    @property
    def max_reply_bytes(self) -> int:
        return self.max_reply_mb << 20
