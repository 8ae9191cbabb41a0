"""Requests to one server one after the other, files among them: what batches of requests are sent and fetched with."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from dcvlr.errors import DcvlrError
from dcvlr.http.addresses import proxy_for, require_base_url
from dcvlr.http.calls import Forbidden, Retry
from dcvlr.http.statuses import verdict
from dcvlr.records import Failure

if TYPE_CHECKING:
    from aiohttp import ClientResponse, FormData

log = logging.getLogger(__name__)

_OK = 200
_CONNECT_S = 15.0
_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 60.0


class UncertainError(DcvlrError):
    """A request of which nobody knows whether the server carried it out: the connection broke before an answer came."""


class Transfers:
    """GET, POST and files; a connection ends with its request, and each call waits for its end.

    What may pass (no connection, 5xx, 429 and others of `MAY_PASS`) is tried `attempts` times in all, with waits that
    double from a second or as long as Retry-After says. Everything else raises `DcvlrError`, as does the last attempt.
    Keys appear in no error or log line; redirects are refused.
    """

    def __init__(
        self,
        *,
        base_url: str,
        headers: Callable[[], Mapping[str, str]],
        timeout_s: float,
        attempts: int,
    ) -> None:
        self._base_url = require_base_url(base_url)
        self._headers = headers
        self._timeout_s = timeout_s
        self._attempts = attempts

    def get(self, path: str, **parameters: str) -> Any:
        return self._tried(lambda: self._json("GET", path, params=parameters))

    def upload(self, path: str, file: Path, fields: Mapping[str, str]) -> Any:
        """POST a file as a form, `multipart/form-data`."""
        return self._tried(lambda: self._json("POST", path, form=(file, fields)))

    def post_once(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST what must not be done twice. Raises `UncertainError` where it may have been done without an answer."""

        def send() -> Any:
            result = self._json("POST", path, json=dict(body))
            if isinstance(result, Retry) and result.is_connected and result.kind != "rate_limited":
                raise UncertainError(result.message)
            return result

        return self._tried(send)

    def download(self, path: str, file: BinaryIO) -> None:
        """The bytes at `path` into `file`, from its beginning."""
        self._tried(lambda: _run(self._send("GET", path, file)))

    def _tried(self, send: Callable[[], Any]) -> Any:
        for attempt in range(1, self._attempts + 1):
            result = send()
            if not isinstance(result, Retry):
                return result
            if attempt < self._attempts:
                wait = result.wait_s or min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** (attempt - 1))
                log.info("%s; again in %.1f s", result.message, wait)
                time.sleep(wait)
        raise DcvlrError(f"{result.message} (attempt {self._attempts} of {self._attempts})")

    def _json(self, method: str, path: str, **options: Any) -> Any:
        return _run(self._send(method, path, None, **options))

    async def _send(self, method: str, path: str, file: BinaryIO | None, **options: Any) -> Any:
        """The parsed answer, or None once its bytes are in `file`; `Retry` where it may come another time."""
        import aiohttp

        url = f"{self._base_url}/{path}"
        request = f"{method} {url}"
        timeout = aiohttp.ClientTimeout(sock_connect=min(_CONNECT_S, self._timeout_s), sock_read=self._timeout_s)
        headers = dict(self._headers())
        try:
            async with aiohttp.ClientSession(timeout=timeout, proxy=proxy_for(self._base_url)) as session:
                with _form(options.pop("form", None)) as form:
                    asked = session.request(method, url, headers=headers, allow_redirects=False, data=form, **options)
                    async with asked as answer:
                        if file is not None and answer.status == _OK:
                            return await _into(file, answer)
                        return self._judged(request, answer, await answer.read(), headers)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Retry(
                kind="server", message=f"{request}: no connection ({type(error).__name__})", is_connected=False
            )
        except (aiohttp.ClientError, OSError) as error:
            return Retry(kind="server", message=f"{request}: the connection broke ({type(error).__name__})")

    @staticmethod
    def _judged(request: str, answer: ClientResponse, data: bytes, headers: Mapping[str, str]) -> Any:
        result = verdict(request, answer.status, answer.headers, data, headers)
        if isinstance(result, Failure | Forbidden):
            raise DcvlrError(result.message)
        return result


async def _into(file: BinaryIO, answer: ClientResponse) -> None:
    file.seek(0)
    file.truncate()
    async for block in answer.content.iter_any():
        file.write(block)


@contextmanager
def _form(parts: tuple[Path, Mapping[str, str]] | None) -> Iterator[FormData | None]:
    import aiohttp

    if parts is None:
        yield None
        return
    path, fields = parts
    form = aiohttp.FormData(dict(fields))
    with path.open("rb") as content:
        form.add_field("file", content, filename=path.name, content_type="application/jsonl")
        yield form


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own, so that it works where an event loop already runs, as in a notebook."""
    with ThreadPoolExecutor(1, thread_name_prefix="dcvlr-transfer") as thread:
        return thread.submit(asyncio.run, work).result()
