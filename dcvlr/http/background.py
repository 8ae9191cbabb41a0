"""The thread in which requests are made: its event loop, its connections, and the patience with the server."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from dcvlr.errors import DcvlrError
from dcvlr.http.addresses import proxy_for
from dcvlr.http.calls import Again, Answer, Call
from dcvlr.http.pace import Slots, Turnstile
from dcvlr.http.statuses import verdict
from dcvlr.records import Failure

log = logging.getLogger(__name__)

_CONNECT_S = 15.0
_ENCODING_THREADS = 4

Report = Callable[[Answer | Failure | BaseException], None]


@dataclass(frozen=True, kw_only=True)
class Manners:
    """How a server is asked; the fields of `Server`."""

    base_url: str
    headers: Callable[[], Mapping[str, str]]
    timeout_s: float
    attempts: int
    concurrency: int
    requests_per_minute: int | None
    tokens_per_minute: int | None
    first_wait_s: float
    max_wait_s: float


class Background:
    """Runs calls in a thread of its own, so that it works where an event loop already runs, as in a notebook."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dcvlr-http", daemon=True)
        self._trouble: BaseException | None = None

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()
        if self._trouble:
            raise self._trouble

    def begin(self, call: Call, group: set[asyncio.Task[Any]], report: Report) -> None:
        """Make the call as one of `group`; `report` gets its outcome, in the background thread."""
        self._loop.call_soon_threadsafe(self._begin, call, group, report)

    def cancel(self, group: set[asyncio.Task[Any]]) -> None:
        """Return when nothing of the group is in flight any more."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(_cancelled(group), self._loop).result()

    def stop(self) -> None:
        """Close all connections and end the thread."""
        if not self._thread.is_alive():
            return
        with suppress(RuntimeError):  # the loop was closed in between
            self._loop.call_soon_threadsafe(self._end.set)
        if threading.current_thread() is not self._thread:  # the garbage collector may call from anywhere
            self._thread.join()

    def _run(self) -> None:
        try:
            with asyncio.Runner() as runner:
                runner.run(self._serve())
        except BaseException as trouble:  # noqa: BLE001  handed to the thread that started this one
            self._trouble = trouble
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        import aiohttp

        manners = self._manners
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        self._slots = Slots(manners.concurrency)
        self._turnstile = Turnstile(
            requests_per_minute=manners.requests_per_minute, tokens_per_minute=manners.tokens_per_minute
        )
        self._was_reached = False
        connect_s = min(_CONNECT_S, manners.timeout_s)
        with ThreadPoolExecutor(_ENCODING_THREADS, thread_name_prefix="dcvlr-http-body") as threads:
            self._threads: Executor = threads
            async with aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=manners.concurrency),
                timeout=aiohttp.ClientTimeout(total=manners.timeout_s, sock_connect=connect_s),
                cookie_jar=aiohttp.DummyCookieJar(),
                proxy=proxy_for(manners.base_url),
            ) as self._session:
                self._ready.set()
                await self._end.wait()
                await _cancelled(asyncio.all_tasks() - {asyncio.current_task()})

    def _begin(self, call: Call, group: set[asyncio.Task[Any]], report: Report) -> None:
        task = self._loop.create_task(self._outcome(call))
        group.add(task)

        def ended(task: asyncio.Task[Answer | Failure]) -> None:
            group.discard(task)
            if task.cancelled():
                report(DcvlrError("the connections were closed before the answer came"))
            else:
                report(task.exception() or task.result())

        task.add_done_callback(ended)

    async def _outcome(self, call: Call) -> Answer | Failure:
        data = await self._encoded(call)
        if isinstance(data, Failure):
            return data
        attempts = self._manners.attempts
        for attempt in range(1, attempts + 1):
            result = await self._attempt(call, data, attempt)
            if not isinstance(result, Again):
                return result
            if attempt < attempts:
                await asyncio.sleep(self._wait_s(attempt, result))
        assert isinstance(result, Again)
        if not (result.is_connected or self._was_reached):
            raise DcvlrError(f"{result.message}; nothing has answered there yet, is base_url right and the server up?")
        return Failure(kind=result.kind, message=f"{result.message} (attempt {attempts} of {attempts})")

    def _wait_s(self, attempt: int, again: Again) -> float:
        """Exponential back-off with full jitter (M. Brooker, AWS Architecture Blog, 2015), after Retry-After."""
        longest = min(self._manners.max_wait_s, self._manners.first_wait_s * 2 ** (attempt - 1))
        return (again.wait_s or 0.0) + random.uniform(0, longest)

    async def _encoded(self, call: Call) -> bytes | Failure:
        if not callable(call.body):
            return msgspec.json.encode(call.body)
        return await self._loop.run_in_executor(self._threads, _built, call.body)

    async def _attempt(self, call: Call, data: bytes, attempt: int) -> Answer | Failure | Again:
        await self._slots.enter()
        try:
            await self._turnstile.walk_through(call.tokens)
            window = self._slots.window
            start = self._loop.time()
            result = await self._post(call.path, data)
        finally:
            self._slots.leave()
        if isinstance(result, Again):
            self._slow_down(result, window)
            return result
        self._slots.succeeded()
        if isinstance(result, Failure):
            return result
        return Answer(body=result, seconds=self._loop.time() - start, attempts=attempt)

    def _slow_down(self, again: Again, window: int) -> None:
        if again.wait_s:
            self._turnstile.close_for(again.wait_s)
        if again.kind == "rate_limited" and self._slots.refused(window):
            log.info("%s; at most %d at a time from now on", again.message, self._slots.bound)

    async def _post(self, path: str, data: bytes) -> Any:
        """One request: parsed JSON, `Failure` or `Again`."""
        import aiohttp

        url = f"{self._manners.base_url}/{path.lstrip('/')}"
        where = f"POST {url.partition('?')[0]}"
        secrets = dict(self._manners.headers())
        headers = {"Content-Type": "application/json", "Accept": "application/json", **secrets}
        try:
            async with self._session.post(url, data=data, headers=headers, allow_redirects=False) as response:
                self._was_reached = True
                body = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Again(kind="server", message=f"{where}: no connection ({_cause(error)})", is_connected=False)
        except TimeoutError:
            return Again(kind="timeout", message=f"{where}: no answer within {self._manners.timeout_s:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Again(kind="server", message=f"{where}: the connection broke ({_cause(error)})")
        return verdict(where, response.status, response.headers, body, secrets)


def _built(body: Callable[[], Mapping[str, Any] | Failure]) -> bytes | Failure:
    built = body()
    return built if isinstance(built, Failure) else msgspec.json.encode(built)


def _cause(error: Exception) -> str:
    """The kind of the error, and the system's words for it; not the error's own, which may hold headers."""
    strerror = getattr(error, "strerror", None)
    return f"{type(error).__name__}: {strerror}" if strerror else type(error).__name__


async def _cancelled(tasks: set[asyncio.Task[Any]]) -> None:
    """Return when all tasks have ended, whatever they were doing."""
    for task in list(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
