"""How many requests are in flight, and how soon the next may start."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque

_LONGEST_PAUSE_S = 15.0  # a window of a minute that opens is then found while most of it is left
_LATENESS_S = 0.05  # sleeps end late; what was lost so is made up for, up to this much


class AdaptiveLimit:
    """A bound on requests in flight that halves when the server says 429 and grows by one per full round of successes.

    Additive increase, multiplicative decrease as in TCP (Chiu and Jain 1989). All requests that started before a cut
    belong to its window: their 429s do not cut again.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._successes = 0
        self.bound = most
        self.window = 0

    def succeeded(self) -> None:
        self._successes += 1
        if self._successes >= self.bound:
            self._successes = 0
            self.bound = min(self._most, self.bound + 1)

    def refused(self, window: int) -> bool:
        """Whether a 429 of a request of this window lowered the bound."""
        if window != self.window:
            return False
        self.window += 1
        self._successes = 0
        before, self.bound = self.bound, max(1, self.bound // 2)
        return self.bound < before


class Gate:
    """Lets requests of one event loop through, first come first served, as many at a time as the limit allows."""

    def __init__(self, limit: AdaptiveLimit) -> None:
        self._limit = limit
        self._busy = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        while self._busy >= self._limit.bound:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                self._wake()  # the turn may have been given already
                raise
        self._busy += 1

    def leave(self) -> None:
        self._busy -= 1
        self._wake()

    def _wake(self) -> None:
        free = self._limit.bound - self._busy
        while free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1


class RateLimiter:
    """Lets requests start one after the other, so far apart that neither cap is passed: no bursts at all.

    A request keeps the next one waiting for its share of a minute, by the cap that asks for longer.
    """

    def __init__(self, *, requests_per_minute: int | None, tokens_per_minute: int | None) -> None:
        self._s_per_request = 60 / requests_per_minute if requests_per_minute else 0.0
        self._s_per_token = 60 / tokens_per_minute if tokens_per_minute else 0.0
        self._opens_at = -1.0

    def pause(self, seconds: float) -> None:
        """No request starts within `seconds` from now."""
        self._opens_at = max(self._opens_at, time.monotonic() + seconds)

    async def turn(self, tokens: int, queue: asyncio.Lock) -> None:
        """Return when a request of so many tokens may start; those of one event loop wait in its `queue`."""
        async with queue:
            while (wait := self._opens_at - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            start = max(self._opens_at, time.monotonic() - _LATENESS_S)
            self._opens_at = start + max(self._s_per_request, tokens * self._s_per_token)


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
