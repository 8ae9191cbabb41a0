"""Waiting for a server that is away, together: one pause for all requests, longer each time, until one works."""

from __future__ import annotations

import random
import time

_LONGEST_PAUSE_S = 15.0  # a window of a minute that opens is then found while most of it is left


class Outage:
    """The time in which a server turns requests away: from the first one until one that started later works.

    Pauses double from `first_wait_s`, with jitter (M. Brooker, Exponential Backoff and Jitter, AWS Architecture Blog,
    2015). All of an outage together take no longer than `max_wait_s`.
    """

    def __init__(self, *, first_wait_s: float, max_wait_s: float) -> None:
        self._first_wait_s = first_wait_s
        self._max_wait_s = max_wait_s
        self._began: float | None = None
        self._paused_at = -1.0
        self._pauses = 0

    def pause_s(self, started: float, wait_s: float | None) -> float | None:
        """How long no request may start, after an attempt that `started` then was turned away; None: no longer waited.

        Attempts that started before the latest pause are part of it and lengthen it only by the server's own `wait_s`.
        """
        now = time.monotonic()
        if self._began is None:
            self._began = now
        left = self._began + self._max_wait_s - now
        if left <= 0:
            return None
        if started <= self._paused_at:
            return min(left, wait_s or 0.0)
        self._paused_at = now
        longest = min(_LONGEST_PAUSE_S, self._first_wait_s * 2**self._pauses)
        self._pauses += 1
        return min(left, (wait_s or 0.0) + random.uniform(longest / 2, longest))

    def succeeded(self, started: float) -> None:
        if self._began is not None and started > self._paused_at:
            self._began, self._pauses = None, 0
