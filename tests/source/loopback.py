"""Real servers on loopback: one that serves pictures and misbehaves on purpose, one that is a small hub."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

Answer = tuple[int, dict[str, str], bytes]


class Server:
    """Answers `path -> (status, headers, body)`; `asked` counts requests by path."""

    def __init__(self, answer: Callable[[str], Answer]) -> None:
        self.asked: Counter[str] = Counter()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.asked[self.path] += 1
                status, headers, body = answer(self.path)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

            def do_HEAD(self) -> None:
                self.do_GET()

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Tests print nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Server:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def hub(repo: str, folder: Path) -> Iterator[Server]:
    """As much of the hub as `datasets` and `huggingface_hub` ask to load one dataset: the files of `folder`."""
    commit = hashlib.sha1(repo.encode()).hexdigest()
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def tree() -> list[dict[str, object]]:
        return [
            {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
            for name, data in sorted(files.items())
        ]

    def answer(path: str) -> Answer:
        path = path.partition("?")[0]
        api = f"/api/datasets/{repo}"
        if path in (api, *(f"{api}/revision/{name}" for name in ("main", commit))):
            siblings = [{"rfilename": name, "size": len(data)} for name, data in sorted(files.items())]
            return _json({"id": repo, "sha": commit, "private": False, "tags": [], "siblings": siblings})
        if path.startswith(f"{api}/tree/"):
            return _json(tree())
        if path.startswith(f"{api}/paths-info/"):
            return _json([])
        start, _, rest = path.partition("/resolve/")
        name = rest.partition("/")[2]
        if start == f"/datasets/{repo}" and name in files:
            etag = hashlib.sha1(files[name]).hexdigest()
            return 200, {"ETag": f'"{etag}"', "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}, files[name]
        code = "EntryNotFound" if start == f"/datasets/{repo}" else "RepoNotFound"
        return 404, {"X-Error-Code": code, "X-Error-Message": "not here"}, b""

    with Server(answer) as server:
        yield server


def _json(value: object) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()
