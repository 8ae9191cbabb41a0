"""What is asked of a server and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dcvlr.records import Failure, FailureKind

Body = Mapping[str, Any] | Callable[[], Mapping[str, Any] | Failure]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One POST; `path` lies below the server's base_url.

    `body` becomes JSON. A callable is called in a worker thread when the call's turn comes, so that a picture is read
    and encoded then; a `Failure` it gives is the call's outcome, without a request. `tokens` is the estimate that
    counts against tokens_per_minute.
    """

    path: str
    body: Body
    tokens: int = 0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`body` is the parsed JSON, `seconds` the time of the attempt that worked, `attempts` how many it took."""

    body: Any
    seconds: float
    attempts: int


@dataclass(frozen=True, kw_only=True)
class Again:
    """An attempt that may work another time; `wait_s` is how long the server wants to be left alone."""

    kind: FailureKind
    message: str
    wait_s: float | None = None
    is_connected: bool = True  # False: not even a connection was made
