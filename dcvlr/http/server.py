"""The face of the client: hand over calls, take answers as they come."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Generic, TypeVar

from dcvlr.errors import require_range, require_whole
from dcvlr.http.addresses import require_base_url
from dcvlr.http.background import Background, Manners
from dcvlr.http.calls import Answer, Call
from dcvlr.records import Failure

K = TypeVar("K")
_Outcome = Answer | Failure | BaseException


class Server:
    """One address that is asked, with at most `concurrency` requests in flight, fewer after a 429.

    Timeouts (`timeout_s` per attempt, all of it), 408, 425, 429, 5xx, broken connections and bodies that are not JSON
    are tried again, `attempts` times in all, after Retry-After and a random back-off of up to `first_wait_s`, which
    doubles up to `max_wait_s`. A Retry-After holds all requests back. Pace and connections are kept until `close`,
    which also happens when nobody refers to the server any more.

    `headers` may be a function; it is called for every request, and must not refer to whoever holds this server, or
    that would never be forgotten. Keys appear in no error, log line or repr.
    HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY are honoured, except towards this machine itself.
    """

    def __init__(
        self,
        *,
        base_url: str,
        headers: Callable[[], Mapping[str, str]] | Mapping[str, str],
        timeout_s: float,
        attempts: int,
        concurrency: int,
        requests_per_minute: int | None,
        tokens_per_minute: int | None,
        first_wait_s: float = 0.5,
        max_wait_s: float = 60.0,
    ) -> None:
        require_range("timeout_s", timeout_s, 0.001, 86_400)
        for key, value in (("attempts", attempts), ("concurrency", concurrency)):
            require_whole(key, value, 1)
        for key, cap in (("requests_per_minute", requests_per_minute), ("tokens_per_minute", tokens_per_minute)):
            if cap is not None:
                require_whole(key, cap, 1)
        self._manners = Manners(
            base_url=require_base_url(base_url),
            headers=headers if callable(headers) else partial(dict, headers),
            timeout_s=timeout_s,
            attempts=attempts,
            concurrency=concurrency,
            requests_per_minute=requests_per_minute,
            tokens_per_minute=tokens_per_minute,
            first_wait_s=first_wait_s,
            max_wait_s=max_wait_s,
        )
        self._starting = threading.Lock()
        self._stop: weakref.finalize[[], Server] | None = None
        self._background: Background | None = None

    def ask(self, calls: Iterable[tuple[K, Call]]) -> Iterator[tuple[K, Answer | Failure]]:
        """Every key with its answer, in any order.

        The next call is pulled, in the caller's thread, only when less than `concurrency` of them are under way.
        `Failure`: `refused` for a request that the server will not answer (other 4xx), else `timeout`, `rate_limited`
        or `server`, after the last attempt. Raises `DcvlrError` where no request will work: a wrong key, an empty
        account, a wrong address. Closing the iterator cancels what is in flight.
        """
        asked = _Asked[K](self._running())
        source = iter(calls)
        try:
            has_more = True
            while has_more or asked.pending:
                if has_more and asked.pending < self._manners.concurrency:
                    has_more = asked.begin_next(source)
                is_full = asked.pending >= self._manners.concurrency or not has_more
                yield from asked.outcomes(wait=is_full)
        finally:
            asked.cancel()

    def close(self) -> None:
        """End the thread and its connections; the next `ask` starts anew."""
        with self._starting:
            if self._stop:
                self._stop()
            self._background = None

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _running(self) -> Background:
        with self._starting:
            if self._background is None:
                background = Background(self._manners)
                background.start()
                self._stop = weakref.finalize(self, background.stop)
                self._background = background
            return self._background


class _Asked(Generic[K]):
    """The calls of one `ask`."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self._tasks: set[asyncio.Task[Any]] = set()
        self._done: SimpleQueue[tuple[K, _Outcome]] = SimpleQueue()
        self.pending = 0

    def begin_next(self, source: Iterator[tuple[K, Call]]) -> bool:
        """Whether there was a next call."""
        for key, call in source:
            self.pending += 1
            self._background.begin(call, self._tasks, partial(self._report, key))
            return True
        return False

    def outcomes(self, *, wait: bool) -> Iterator[tuple[K, Answer | Failure]]:
        """All that is there by now; at least one where it is waited for."""
        while self.pending:
            try:
                key, outcome = self._done.get(block=wait)
            except Empty:
                return
            wait = False
            self.pending -= 1
            if isinstance(outcome, BaseException):
                yield from self._answered()
                raise outcome
            yield key, outcome

    def _answered(self) -> Iterator[tuple[K, Answer | Failure]]:
        """Answers that came before the error was looked at: they may have cost money."""
        while not self._done.empty():
            key, outcome = self._done.get()
            self.pending -= 1
            if not isinstance(outcome, BaseException):
                yield key, outcome

    def cancel(self) -> None:
        if self.pending:
            self._background.cancel(self._tasks)

    def _report(self, key: K, outcome: _Outcome) -> None:
        self._done.put((key, outcome))
