"""A real S3 server on loopback (moto's), that misbehaves where it is asked to, and keeps count.

with S3() as server:
    server.put("bucket", "a/b.jpg", content)
    server.faults["a/b.jpg"] = [Fault(status=500, code="InternalError")] * 2     # the next two requests for it
    server.requests[-1]                                                           # ("GET", "/bucket/a/b.jpg", range)
"""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What comes instead of the answer: an error of S3, a broken connection, or the answer after `delay_s`.

    `then` is called first: what another program does to the bucket just before this request.
    """

    status: int = 0
    code: str = ""
    reset: bool = False
    delay_s: float = 0.0
    method: str = "GET"
    then: Callable[[], None] | None = None


class S3:
    """Serves from a thread per connection until the `with` block ends."""

    def __init__(self) -> None:
        self.faults: dict[str, list[Fault]] = {}  # by key
        self.requests: list[tuple[str, str, str | None]] = []
        self._lock = threading.Lock()

    def __enter__(self) -> S3:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            def log(self, *message: object) -> None:
                pass

        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="s3")
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def clear(self) -> None:
        """As if it had just been started."""
        self._backend().reset()
        self.faults.clear()
        self.requests.clear()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {**ENVIRONMENT, "AWS_ENDPOINT_URL": self.url}

    def client(self) -> Any:
        import boto3

        return boto3.client("s3", endpoint_url=self.url)

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Straight into the store: no request is counted, no fault met."""
        self._backend().put_object(self._bucket(bucket), key, content)

    def get(self, bucket: str, key: str) -> bytes:
        return bytes(self._backend().get_object(self._bucket(bucket), key).value)

    def delete(self, bucket: str, key: str) -> None:
        self._backend().delete_object(self._bucket(bucket), key)

    def keys(self, bucket: str) -> list[str]:
        return sorted(self._backend().buckets[self._bucket(bucket)].keys.keys())

    def gets(self, ending: str = "") -> list[tuple[str, str | None]]:
        """Path and range of every GET of a file so far."""
        return [(path, part) for method, path, part in self.requests if method == "GET" and path.endswith(ending)]

    def _backend(self) -> Any:
        from moto.core.models import DEFAULT_ACCOUNT_ID
        from moto.s3.models import s3_backends

        return s3_backends[DEFAULT_ACCOUNT_ID]["aws"]

    def _bucket(self, name: str) -> str:
        if name not in self._backend().buckets:
            self._backend().create_bucket(name, "us-east-1")
        return name

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        with self._lock:
            self.requests.append((method, path, environ.get("HTTP_RANGE")))
            queue = self.faults.get(path.split("/", 2)[-1], [])
            fault = queue.pop(0) if queue and queue[0].method == method else None
        if fault is not None:
            if fault.then is not None:
                fault.then()
            time.sleep(fault.delay_s)
            if fault.reset:
                open_socket: socket.socket = environ["werkzeug.socket"]
                open_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                os.close(open_socket.detach())
                return []
            if fault.status:
                body = f"<Error><Code>{fault.code}</Code><Message>{fault.code} of a test</Message></Error>".encode()
                start_response(f"{fault.status} {fault.code}", [("Content-Length", str(len(body)))])
                return [body]
        answer: Iterable[bytes] = self._moto(environ, start_response)
        return answer
