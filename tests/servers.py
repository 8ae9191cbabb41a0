"""A real HTTP server on loopback that answers as scripted, misbehaves where it is asked to, and keeps count.

with Loopback(lambda request: Response(json={"answer": 42})) as server:
    ask(server.url)                     # http://127.0.0.1:<port>
server.requests[0].body, server.most_at_once
"""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Request:
    """What came in; `index` counts from 0 in the order of arrival, `at` is the server's monotonic clock."""

    index: int
    method: str
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: Any  # parsed JSON, None for an empty body, bytes for a form
    at: float


@dataclass(frozen=True, kw_only=True)
class Response:
    """`raw` is sent as it is instead of `json`; of its end `cut` bytes are missing, then the connection is closed.

    `drop` closes the connection without a word, `reset` breaks it. `wire` is sent instead of all that HTTP wants, and
    the connection stays open. `pause_s` pass between the two halves of a body or, where there is one, before what is
    `late`.
    """

    status: int = 200
    json: Any = None
    raw: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    cut: int = 0
    drop: bool = False
    reset: bool = False
    wire: bytes | None = None
    pause_s: float = 0.0
    late: bytes = b""


class Loopback:
    """Serves from a thread per connection until the `with` block ends; `respond` is called in those threads."""

    def __init__(self, respond: Callable[[Request], Response], *, port: int = 0) -> None:
        self._respond = respond
        self._port = port
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._at_once = 0
        self.requests: list[Request] = []
        self.most_at_once = 0
        self.busy_s = 0.0  # of all requests together
        self.connections = 0

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def open_connections(self) -> int:
        return len(self._sockets)

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    def __enter__(self) -> Loopback:
        self._server = _Quiet(("127.0.0.1", self._port), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="loopback")
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.set()
        self._server.shutdown()
        self._thread.join()
        for open_socket in list(self._sockets):
            with suppress(OSError):  # its client was faster
                open_socket.shutdown(socket.SHUT_RDWR)
        self._server.server_close()  # waits for the connections' threads

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(_Handler):
            loopback = server

        return Handler

    def _begin(self, handler: BaseHTTPRequestHandler, body: bytes) -> Request:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            is_form = handler.headers.get("Content-Type", "").startswith("multipart/")
            request = Request(
                index=len(self.requests),
                method=handler.command,
                path=handler.path,
                headers={name.lower(): value for name, value in handler.headers.items()},
                body=body if is_form else json.loads(body) if body else None,
                at=time.monotonic(),
            )
            self.requests.append(request)
            return request

    def _end(self, request: Request) -> None:
        with self._lock:
            self._at_once -= 1
            self.busy_s += time.monotonic() - request.at


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    loopback: Loopback

    def setup(self) -> None:
        super().setup()
        self.loopback._sockets.add(self.connection)
        self.loopback.connections += 1

    def finish(self) -> None:
        self.loopback._sockets.discard(self.connection)
        super().finish()

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def do_GET(self) -> None:
        self._answer(b"")

    def do_HEAD(self) -> None:
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        request = self.loopback._begin(self, body)
        try:
            response = self.loopback._respond(request)
            self.loopback._ending.wait(response.delay_s)
        finally:
            self.loopback._end(request)
        self._send(response)

    def _send(self, response: Response) -> None:
        self.close_connection = response.drop or response.reset or response.cut > 0 or self.close_connection
        if response.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())
        if response.drop or response.reset:
            return
        if response.wire is not None:
            self.wfile.write(response.wire)
            return
        data = json.dumps(response.json).encode() if response.raw is None else response.raw
        headers = {"Content-Type": "application/json", "Content-Length": str(len(data)), **response.headers}
        self.send_response(response.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        body = data[: len(data) - response.cut]
        first, rest = (body, response.late) if response.late else (body[: len(body) // 2], body[len(body) // 2 :])
        self.wfile.write(first)
        if response.pause_s:
            self.wfile.flush()
            self.loopback._ending.wait(response.pause_s)
        self.wfile.write(rest)

    def log_message(self, *message: object) -> None:
        pass


class _Quiet(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 256

    def handle_error(self, *about: object) -> None:
        """A client that went away in the middle is what some tests are about."""
