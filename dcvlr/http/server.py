"""The face of the client: hand over calls, take answers as they come."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import cached_property
from queue import Empty
from typing import Generic, Protocol, TypeVar

from dcvlr.errors import DcvlrError
from dcvlr.http.call_runner import ServerState
from dcvlr.http.calls import Call, ClientSettings, Forbidden, Outcome, Response
from dcvlr.http.request_loop import RequestLoop
from dcvlr.records import Failure

_ENOUGH_FORBIDDEN = 3  # requests that all got a 403, before any has worked: then it is the key

K = TypeVar("K")


class AsksServer(Protocol):
    """How a part's own settings say that its server is asked."""

    @property
    def base_url(self) -> str | None: ...
    @property
    def timeout_s(self) -> float: ...
    @property
    def attempts(self) -> int: ...
    @property
    def max_wait_s(self) -> float: ...
    @property
    def max_reply_mb(self) -> int: ...
    @property
    def concurrency(self) -> int: ...


def server_of(
    part: AsksServer,
    headers: Callable[[], Mapping[str, str]],
    *,
    requests_per_minute: int | None = None,
    tokens_per_minute: int | None = None,
) -> Server:
    """The server that a part asks, as its settings say; raises `ConfigError` for what cannot be meant."""
    return Server(
        base_url=part.base_url or "",
        headers=headers,
        timeout_s=part.timeout_s,
        attempts=part.attempts,
        max_wait_s=part.max_wait_s,
        max_reply_mb=part.max_reply_mb,
        concurrency=part.concurrency,
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
    )


class Server(ClientSettings):
    """One address that is asked by its settings, with at most `concurrency` requests in flight, fewer after a 429.

    While a server is away (429, 502, 503, 504, 529, no connection) all requests wait together, in pauses that grow from
    `first_wait_s`, after its Retry-After, for up to `max_wait_s` until one works; that counts as no attempt. Timeouts
    (`timeout_s` per attempt, all of it), other 5xx and `MAY_PASS`, broken connections, bodies that are no JSON or no
    answer are tried again, `attempts` times in all, after a random back-off that doubles. A reply larger than
    `max_reply_mb`, decompressed, is not read to its end and fails. The pace is kept from one `ask` to the next;
    threads and connections live no longer than their `ask`.

    `headers` may be a function; it is called for every request. Keys appear in no error, log line or repr.
    HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY are honoured, except towards this machine itself.
    """

    @cached_property
    def _state(self) -> ServerState:
        return ServerState(self)

    def ask(
        self, calls: Iterable[tuple[K, Call]], *, has_room: Callable[[], bool] = lambda: True
    ) -> Generator[tuple[K, Response | Failure]]:
        """Every key with its answer, in any order.

        The next call is pulled, in the caller's thread, only when less than `concurrency` of them are under way, and
        while others are, only when `has_room` says so.
        `Failure`: `refused` for a request that the server will not answer (other 4xx, and a 403 once any request has
        worked), else `timeout`, `rate_limited` or `server`. Raises `DcvlrError` where no request will work: a wrong
        key, an empty account, a wrong address. Closing the iterator cancels what is in flight and ends all threads;
        wrap it in `contextlib.closing` where it may be left before its end.
        """
        with RequestLoop[K](self, self._state) as loop:
            under_way = _UnderWay(loop, self._state)
            source = iter(calls)
            has_more = True
            while has_more or under_way.count:
                if is_open := under_way.count < self.concurrency and (not under_way.count or has_room()):
                    has_more = has_more and under_way.begin_next(source)
                yield from under_way.outcomes(wait=not (is_open and has_more))
            under_way.raise_if_all_were_forbidden()

    def answers(self, calls: Iterable[Call]) -> list[Response | Failure]:
        """The answer to each call, in their order; as `ask`, and raises like it."""
        found = dict(self.ask(enumerate(calls)))
        return [found[index] for index in range(len(found))]


class _UnderWay(Generic[K]):
    """The calls of one `ask` that have no outcome yet, and those that were forbidden before any has worked."""

    def __init__(self, loop: RequestLoop[K], state: ServerState) -> None:
        self._loop = loop
        self._state = state
        self._forbidden: list[tuple[K, Forbidden]] = []
        self.count = 0

    def begin_next(self, source: Iterator[tuple[K, Call]]) -> bool:
        """Whether there was a next call."""
        for key, call in source:
            self.count += 1
            self._loop.begin(key, call)
            return True
        return False

    def outcomes(self, *, wait: bool) -> Iterator[tuple[K, Response | Failure]]:
        """All that is there by now; at least one where it is waited for."""
        while self.count:
            try:
                done = self._loop.done.get(block=wait)
            except Empty:
                return
            if isinstance(done, BaseException):
                raise done
            wait = False
            self.count -= 1
            key, outcome = done
            if isinstance(outcome, BaseException):
                yield from self._answered()
                raise outcome
            yield from self._judged(key, outcome)

    def _judged(self, key: K, outcome: Outcome) -> Iterator[tuple[K, Response | Failure]]:
        if isinstance(outcome, Forbidden):
            self._forbidden.append((key, outcome))
            if not self._state.has_worked and len(self._forbidden) >= _ENOUGH_FORBIDDEN:
                self.raise_if_all_were_forbidden()
        else:
            yield key, outcome
        if self._state.has_worked:
            for flagged, forbidden in self._forbidden:
                yield flagged, Failure(kind="refused", message=forbidden.message)
            self._forbidden = []

    def raise_if_all_were_forbidden(self) -> None:
        if self._forbidden:
            raise DcvlrError(f"{self._forbidden[0][1].message} (the key may not do this)")

    def _answered(self) -> Iterator[tuple[K, Response | Failure]]:
        """Answers that came before the error was looked at: they may have cost money."""
        while not self._loop.done.empty():
            done = self._loop.done.get()
            if isinstance(done, tuple) and isinstance(done[1], Response | Failure):
                yield done[0], done[1]
