"""What is asked of a server and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dcvlr.http.addresses import require_base_url
from dcvlr.records import Failure, FailureKind
from dcvlr.settings import Count, Seconds, Timeout, checked

Body = Mapping[str, Any] | Callable[[], Mapping[str, Any] | Failure]


def no_fault(body: Any) -> str | None:
    """Any JSON is an answer."""
    return None


@dataclass(frozen=True, kw_only=True)
class Call:
    """One POST; `path` lies below the server's base_url.

    `body` becomes JSON. A callable is called in a worker thread when the call's turn comes, so that a picture is read
    and encoded then; a `Failure` it gives is the call's outcome, without a request. `tokens` is the estimate that
    counts against tokens_per_minute. `fault` says why a parsed body is no answer, or None; such a call is made again.
    """

    path: str
    body: Body
    tokens: int = 0
    fault: Callable[[Any], str | None] = no_fault


@dataclass(frozen=True, kw_only=True)
class Response:
    """`body` is the parsed JSON, `seconds` the time of the attempt that worked, `attempts` how many it took."""

    body: Any
    seconds: float
    attempts: int


@dataclass(frozen=True, kw_only=True)
class Retry:
    """An attempt that may work another time; `wait_s` is how long the server wants to be left alone.

    `is_away`: the server cannot take requests just now, whichever they are; that counts against no request.
    """

    kind: FailureKind
    message: str
    wait_s: float | None = None
    is_away: bool = False
    is_connected: bool = True  # False: not even a connection was made


@dataclass(frozen=True, kw_only=True)
class Forbidden:
    """A 403: this request was flagged, or the key may do nothing at all; other requests tell which."""

    message: str


Outcome = Response | Failure | Forbidden


@dataclass(frozen=True, kw_only=True)
@checked
class ClientSettings:
    """The settings of `Server`; those with a default are for one that is made by hand, parts of conf/ give theirs."""

    base_url: str
    headers: Callable[[], Mapping[str, str]] | Mapping[str, str] = field(repr=False)
    timeout_s: Timeout
    attempts: Count
    concurrency: Count
    requests_per_minute: Count | None
    tokens_per_minute: Count | None
    first_wait_s: float = 0.5
    max_wait_s: Seconds = 120.0
    max_reply_mb: Count = 16

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", require_base_url(self.base_url))

    def headers_now(self) -> dict[str, str]:
        """What a request that starts now is sent with; it may hold a key."""
        return dict(self.headers() if callable(self.headers) else self.headers)

    @property
    def max_reply_bytes(self) -> int:
        return self.max_reply_mb << 20
