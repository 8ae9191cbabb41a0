"""The thread in which the requests of one `ask` are made: its event loop and its connections."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

from dcvlr.http.addresses import proxy_for
from dcvlr.http.call_runner import CallRunner, ServerState
from dcvlr.http.calls import Call, ClientSettings, Outcome

if TYPE_CHECKING:
    from aiohttp import ClientRequest, ClientResponse
    from aiohttp.connector import Connection

_CONNECT_S = 15.0
_ENCODING_THREADS = 4
_END_S = 30.0  # a body that is being made is waited for: a large picture takes seconds

K = TypeVar("K")


class RequestLoop(Generic[K]):
    """Runs calls in a thread of its own, so that it works where an event loop already runs, as in a notebook.

    A context manager: at its end nothing is in flight and no thread is left. `done` gets each key with its outcome, or
    with what was raised for it; an error of the loop itself comes without a key. The garbage collector may end it from
    any thread, so only the thread that began it waits for its end.
    """

    def __init__(self, settings: ClientSettings, state: ServerState) -> None:
        self._settings = settings
        self._state = state
        self._owner = threading.current_thread()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dcvlr-http", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.done: SimpleQueue[tuple[K, Outcome | BaseException] | BaseException] = SimpleQueue()

    def __enter__(self) -> RequestLoop[K]:
        self._thread.start()
        try:
            self._ready.wait()
        except BaseException:  # Ctrl-C: nobody would end what has begun
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._stop)
        if threading.current_thread() is self._owner:
            self._thread.join(_END_S)

    def _stop(self) -> None:
        self._end.set()

    def begin(self, key: K, call: Call) -> None:
        """Make the call; `done` gets its outcome."""
        self._call(lambda: self._begin(key, call))

    def _call(self, action: Callable[[], None]) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended, which `done` was told
                self._loop.call_soon_threadsafe(action)

    def _run(self) -> None:
        try:
            with asyncio.Runner() as runner:
                runner.run(self._serve())
        except BaseException as error:  # noqa: BLE001  handed to the thread that started this one
            self.done.put(error)
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        import aiohttp

        settings = self._settings
        self._end = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(_ENCODING_THREADS, thread_name_prefix="dcvlr-http-body") as threads:
            async with aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=settings.concurrency),
                timeout=aiohttp.ClientTimeout(
                    total=settings.timeout_s, sock_connect=min(_CONNECT_S, settings.timeout_s)
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                request_class=wary_request_class(),
                proxy=proxy_for(settings.base_url),
            ) as session:
                self._exchange = CallRunner(settings, self._state, session, threads)
                self._ready.set()
                await self._end.wait()
                await _cancelled(asyncio.all_tasks() - {asyncio.current_task()})

    def _begin(self, key: K, call: Call) -> None:
        task = asyncio.get_running_loop().create_task(self._exchange.outcome(call))
        task.add_done_callback(lambda task: self._report(key, task))

    def _report(self, key: K, task: asyncio.Task[Outcome]) -> None:
        if not task.cancelled():
            self.done.put((key, task.exception() or task.result()))


async def _cancelled(tasks: set[asyncio.Task[Outcome]]) -> None:
    """Return when all tasks have ended, whatever they were doing."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def wary_request_class() -> type[ClientRequest]:
    """A `request_class` for sessions; aiohttp looks for such bytes when a connection comes back, not when it is used.

    Sending over such a connection raises `aiohttp.ServerDisconnectedError` and closes it. What comes after a request
    was sent is its reply as far as HTTP/1.1 can tell.
    """
    import aiohttp

    class WaryRequest(aiohttp.ClientRequest):
        async def send(self, conn: Connection) -> ClientResponse:
            if conn.protocol is None or conn.protocol.should_close:
                raise aiohttp.ServerDisconnectedError("bytes that nobody asked for")
            return await super().send(conn)

    return WaryRequest
