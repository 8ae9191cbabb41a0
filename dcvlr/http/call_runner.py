"""One call from its body to its outcome: attempts, waits, and what is learned about the server on the way."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

import msgspec

from dcvlr.errors import DcvlrError
from dcvlr.http.calls import Call, ClientSettings, Forbidden, Outcome, Response, Retry
from dcvlr.http.json_body import read_at_most
from dcvlr.http.limits import AdaptiveLimit, Gate, Outage, RateLimiter
from dcvlr.http.statuses import one_line, verdict
from dcvlr.records import Failure

if TYPE_CHECKING:
    from aiohttp import ClientSession

log = logging.getLogger(__name__)

_MOST_TURNED_AWAY = 50  # of one request that is turned away again and again while others work
_WORTH_A_LINE_S = 1.0
_MOST_OF_AN_ERROR = 1 << 16  # bytes that are read of a response that is no answer


class ServerState:
    """What is known of a server; it outlives connections, so that the pace of one `ask` is that of the next."""

    def __init__(self, settings: ClientSettings) -> None:
        self.limit = AdaptiveLimit(settings.concurrency)
        self.limiter = RateLimiter(
            requests_per_minute=settings.requests_per_minute, tokens_per_minute=settings.tokens_per_minute
        )
        self.outage = Outage(first_wait_s=settings.first_wait_s, max_wait_s=settings.max_wait_s)
        self.was_reached = False
        self.has_worked = False


class CallRunner:
    """Carries out calls in one event loop, over one session."""

    def __init__(self, settings: ClientSettings, state: ServerState, session: ClientSession, threads: Executor) -> None:
        self._settings = settings
        self._state = state
        self._session = session
        self._threads = threads
        self._gate = Gate(state.limit)
        self._queue = asyncio.Lock()

    async def outcome(self, call: Call) -> Outcome:
        """Raises `DcvlrError` where no request will work."""
        data = await self._encoded(call)
        if isinstance(data, Failure):
            return data
        failed = turned_away = 0
        while True:
            started, result = await self._attempt(call, data)
            if not isinstance(result, Retry):
                return self._answered(result, time.monotonic() - started, 1 + failed + turned_away)
            if result.is_away:
                turned_away += 1
                if turned_away > _MOST_TURNED_AWAY or not self._pause(result, started):
                    return self._given_up(result)
                continue
            failed += 1
            if failed == self._settings.attempts:
                return Failure(kind=result.kind, message=f"{result.message} (attempt {failed} of {failed})")
            await asyncio.sleep(self._back_off_s(failed) + (result.wait_s or 0.0))

    async def _encoded(self, call: Call) -> bytes | Failure:
        if not callable(call.body):
            return msgspec.json.encode(call.body)
        return await asyncio.get_running_loop().run_in_executor(self._threads, _built, call.body)

    async def _attempt(self, call: Call, data: bytes) -> tuple[float, Any]:
        """When the request started, and `Retry`, `Failure`, `Forbidden` or the parsed body."""
        state = self._state
        await self._gate.enter()
        try:
            await state.limiter.turn(call.tokens, self._queue)
            window, started = state.limit.window, time.monotonic()
            result = await self._post(call, data)
            if isinstance(result, Retry):
                self._slow_down(result, window)
            else:
                state.limit.succeeded()
                state.outage.succeeded(started)
        finally:
            self._gate.leave()
        return started, result

    def _answered(self, result: Any, seconds: float, attempts: int) -> Outcome:
        if isinstance(result, Failure | Forbidden):
            return result
        self._state.has_worked = True
        return Response(body=result, seconds=seconds, attempts=attempts)

    def _slow_down(self, retry: Retry, window: int) -> None:
        limit = self._state.limit
        if retry.kind == "rate_limited" and limit.refused(window):
            log.info("%s; at most %d at a time from now on", retry.message, limit.bound)

    def _pause(self, retry: Retry, started: float) -> bool:
        """Hold all requests back for a while; False when the server was waited for as long as allowed."""
        seconds = self._state.outage.pause_s(started, retry.wait_s)
        if seconds is None:
            return False
        self._state.limiter.pause(seconds)
        if seconds >= _WORTH_A_LINE_S:
            waits = (seconds, self._settings.max_wait_s)
            log.info("%s; all requests wait %.1f s, up to %g s in all while none works", retry.message, *waits)
        return True

    def _given_up(self, retry: Retry) -> Failure:
        if not (retry.is_connected or self._state.was_reached):
            raise DcvlrError(f"{retry.message}; nothing has answered there yet, is base_url right and the server up?")
        waited = f"(waited for up to max_wait_s={self._settings.max_wait_s:g})"
        return Failure(kind=retry.kind, message=f"{retry.message} {waited}")

    def _back_off_s(self, failed: int) -> float:
        """Exponential, with full jitter (M. Brooker, AWS Architecture Blog, 2015)."""
        return random.uniform(0, min(self._settings.max_wait_s, self._settings.first_wait_s * 2 ** (failed - 1)))

    async def _post(self, call: Call, data: bytes) -> Any:
        import aiohttp

        settings = self._settings
        url = f"{settings.base_url}/{call.path.lstrip('/')}"
        request = f"POST {url.partition('?')[0]}"
        secrets = settings.headers_now()
        headers = {"Content-Type": "application/json", "Accept": "application/json", **secrets}
        try:
            async with self._session.post(url, data=data, headers=headers, allow_redirects=False) as response:
                self._state.was_reached = True
                is_error = response.status >= 300
                body = await read_at_most(response, _MOST_OF_AN_ERROR if is_error else settings.max_reply_bytes)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            message = f"{request}: no connection ({_cause(error)})"
            return Retry(kind="server", message=message, is_away=True, is_connected=False)
        except TimeoutError:
            return Retry(kind="timeout", message=f"{request}: no answer within {settings.timeout_s:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Retry(kind="server", message=f"{request}: the connection broke ({_cause(error)})")
        if body is None and not is_error:
            message = f"{request}: a reply of more than max_reply_mb={settings.max_reply_mb}"
            return Failure(kind="server", message=message)
        result = verdict(request, response.status, response.headers, body or b"", secrets)
        return result if isinstance(result, Retry | Failure | Forbidden) else _checked(request, call, result, secrets)


def _checked(request: str, call: Call, body: Any, secrets: Mapping[str, str]) -> Any:
    fault = call.fault(body)
    return body if fault is None else Retry(kind="server", message=f"{request}: {one_line(fault, secrets)}")


def _built(body: Callable[[], Mapping[str, Any] | Failure]) -> bytes | Failure:
    built = body()
    return built if isinstance(built, Failure) else msgspec.json.encode(built)


def _cause(error: Exception) -> str:
    """The kind of the error, and the system's words for it; not the error's own, which may hold headers."""
    strerror = getattr(error, "strerror", None)
    return f"{type(error).__name__}: {strerror}" if strerror else type(error).__name__
