"""A real server on loopback that speaks as much of the hub's protocol as a push of a dataset needs."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_COMMIT = "0" * 40


class Hub:
    """`files` is what one repository holds, `keys` every authorization that came.

    `objects` are the large files that it holds, committed or not, `received` their digests as they came; it takes
    `takes` of them.
    """

    def __init__(self) -> None:
        self.takes = 99
        self.received: list[str] = []
        self.files: dict[str, bytes] = {}
        self.objects: dict[str, bytes] = {}
        self.private: list[str] = []
        self.keys: set[str | None] = set()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                hub.keys.add(self.headers.get("Authorization"))
                status, content = hub.answer(self.path, body)
                self.send_response(status)
                headers = {"Content-Length": str(len(content)), "X-Repo-Commit": _COMMIT, "ETag": '"1"'}
                if status == 404:
                    headers["X-Error-Code"] = "EntryNotFound"
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            def do_HEAD(self) -> None:
                self.do_GET()

            def do_POST(self) -> None:
                self.do_GET()

            def do_PUT(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Tests print nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Hub:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, address: str, body: bytes) -> tuple[int, bytes]:
        path, _, query = address.partition("?")
        if "/resolve/" in path:
            name = path.partition("/resolve/")[2].partition("/")[2]
            return (200, self.files[name]) if name in self.files else (404, b"")
        if path.startswith("/objects/") and len(self.received) >= self.takes:
            return 403, b'{"error": "the quota is spent"}'
        value = self._value(path, body, everywhere="recursive=true" in query.lower())
        return (404, b"") if value is None else (200, json.dumps(value).encode())

    def _value(self, path: str, body: bytes, *, everywhere: bool) -> Any:
        if path == "/api/repos/create":
            self.private.append(json.loads(body)["visibility"])
            return {"url": f"{self.url}/datasets/me/set"}
        if path == "/api/validate-yaml":
            return {"errors": [], "warnings": []}
        if "/preupload/" in path:
            return {"files": [_mode(file["path"]) for file in json.loads(body)["files"]]}
        if path.endswith("/objects/batch"):
            return {"transfer": "basic", "objects": [self._upload(item) for item in json.loads(body)["objects"]]}
        if path.startswith("/objects/"):
            self.received.append(path.removeprefix("/objects/"))
            self.objects[self.received[-1]] = body
            return {}
        if "/commit/" in path:
            return self._commit([json.loads(line) for line in body.splitlines()])
        if "/tree/" in path:
            under = path.partition("/tree/")[2].partition("/")[2]
            return [self._file(name) for name in sorted(self.files)] if everywhere else self._tree(under)
        if path.startswith("/api/datasets/me/set"):
            names = [{"rfilename": name} for name in self.files]
            return {"_id": "1", "id": "me/set", "sha": _COMMIT, "private": True, "siblings": names, "tags": []}
        return None

    def _upload(self, item: dict[str, Any]) -> dict[str, Any]:
        address = {"href": f"{self.url}/objects/{item['oid']}", "header": {}}
        actions = {} if item["oid"] in self.objects else {"actions": {"upload": address}}
        return {**item, "authenticated": True, **actions}

    def _commit(self, steps: list[dict[str, Any]]) -> dict[str, Any]:
        for step in steps:
            value = step["value"]
            if step["key"] == "file":
                self.files[value["path"]] = base64.b64decode(value["content"])
            elif step["key"] == "lfsFile":
                self.files[value["path"]] = self.objects[value["oid"]]
            elif step["key"] == "deletedFile":
                del self.files[value["path"]]
        return {"success": True, "commitOid": _COMMIT, "commitUrl": f"{self.url}/datasets/me/set/commit/{_COMMIT}"}

    def _file(self, name: str) -> dict[str, Any]:
        return {"type": "file", "path": name, "size": len(self.files[name]), "oid": "2" * 40}

    def _tree(self, under: str) -> list[dict[str, Any]] | None:
        start = f"{under}/" if under else ""
        names = sorted({start + name[len(start) :].partition("/")[0] for name in self.files if name.startswith(start)})
        if under and not names:
            return None
        return [
            self._file(name) if name in self.files else {"type": "directory", "path": name, "oid": "3" * 40}
            for name in names
        ]


def _mode(path: str) -> dict[str, Any]:
    return {"path": path, "uploadMode": "lfs" if path.endswith(".parquet") else "regular", "shouldIgnore": False}
