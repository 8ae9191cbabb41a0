"""How far a run is, in a log line now and then; `dcvlr.rundir.bars` draws it on a terminal."""

from __future__ import annotations

import logging
import time
from typing import Any, Protocol

log = logging.getLogger(__name__)

_SECONDS_BETWEEN_LINES = 30.0


class Reporter(Protocol):
    """Hears of every stage, and of every model that has work left: once how much, then each time some is done.

    `key` is `<model name>-<identity>`, since two models of one name may run at a time. What is counted are
    `computed` and `failed.<kind>` items, `prompt_tokens`, `completion_tokens` and `cost`.
    """

    def stage_begun(self, name: str, records: int) -> None: ...
    def stage_ended(self, name: str, kept: int) -> None: ...
    def count(self, key: str, what: str, amount: float) -> None: ...
    def spent(self) -> dict[str, Any]:
        """What all runs in the folder have cost; empty where nobody keeps it."""

    def begin(self, key: str, total: int, done: int) -> None: ...
    def advance(self, key: str, done: int) -> None: ...
    def end(self, key: str) -> None: ...


class NoProgress:
    """Reports nothing: for notebooks, tests and workers beside the first."""

    def stage_begun(self, name: str, records: int) -> None: ...
    def stage_ended(self, name: str, kept: int) -> None: ...
    def count(self, key: str, what: str, amount: float) -> None: ...
    def spent(self) -> dict[str, Any]:
        return {}

    def begin(self, key: str, total: int, done: int) -> None: ...
    def advance(self, key: str, done: int) -> None: ...
    def end(self, key: str) -> None: ...


class ProgressLines(NoProgress):
    """One log line per model at most every half minute."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[int, int, float, float]] = {}  # total, done at the start, start, last line

    def begin(self, key: str, total: int, done: int) -> None:
        now = time.monotonic()
        self._running[key] = (total, done, now, now)

    def advance(self, key: str, done: int) -> None:
        total, first, start, last = self._running[key]
        now = time.monotonic()
        if now - last < _SECONDS_BETWEEN_LINES:
            return
        self._running[key] = (total, first, start, now)
        rate = (done - first) / (now - start)
        left = f"{(total - done) / rate:.0f} s left" if rate > 0 else "no rate yet"
        log.info("%s: %d of %d, %.1f/s, %s", key.rpartition("-")[0], done, total, rate, left)

    def end(self, key: str) -> None:
        self._running.pop(key, None)
