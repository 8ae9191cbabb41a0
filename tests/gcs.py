"""A real server of Google Cloud Storage on loopback (gcp-storage-emulator), with the faults of `s3.Fault`."""

from __future__ import annotations

import threading
import time
from functools import partial
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from s3 import Fault


class GCS:
    """Serves from a thread per connection until the `with` block ends."""

    def __init__(self) -> None:
        self.faults: dict[str, list[Fault]] = {}  # by key
        self.requests: list[tuple[str, str, str | None]] = []  # method, path, range
        self._lock = threading.Lock()

    def __enter__(self) -> GCS:
        from gcp_storage_emulator.server import RequestHandler
        from gcp_storage_emulator.storage import Storage

        owner, self._storage = self, Storage(use_memory_fs=True)

        class Handler(RequestHandler):  # type: ignore[misc]
            def parse_request(self) -> bool:
                return bool(super().parse_request()) and not owner._misbehaves(self)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, self._storage))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="gcs")
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        # Zonal and hierarchical buckets are asked for through gRPC, which the emulator does not speak.
        no_grpc = {"GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false"}
        return {**no_grpc, "STORAGE_EMULATOR_HOST": self.url, "FSSPEC_GS_TOKEN": "anon"}

    def clear(self) -> None:
        """As if it had just been started."""
        self._storage.wipe()
        self.faults.clear()
        self.requests.clear()

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """As another program would: a new generation of the object."""
        from gcp_storage_emulator.handlers import buckets, objects

        if self._storage.get_bucket(bucket) is None:
            buckets.create_bucket(bucket, self._storage)
        made = objects._make_object_resource(self.url, bucket, key, "image/png", str(len(content)))
        self._storage.create_file(bucket, key, content, objects._checksums(content, made))

    def get(self, bucket: str, key: str) -> bytes:
        return bytes(self._storage.get_file(bucket, key))

    def delete(self, bucket: str, key: str) -> None:
        self._storage.delete_file(bucket, key)

    def keys(self, bucket: str) -> list[str]:
        items, _ = self._storage.get_file_list(bucket)
        return sorted(item["name"] for item in items)

    def gets(self, ending: str = "") -> list[tuple[str, str | None]]:
        """Key and range of every read of an object's bytes so far."""
        return [(path, part) for method, path, part in self.requests if method == "GET" and path.endswith(ending)]

    def _misbehaves(self, handler: Any) -> bool:
        """Count a request, and answer it in place of the emulator where a fault is due."""
        parts = urlsplit(handler.path)
        key = unquote(parts.path.rpartition("/o/")[2])
        with self._lock:
            self.requests.append((handler.command, f"{key}?{parts.query}", handler.headers.get("Range")))
            queue = self.faults.get(key, [])
            fault = queue.pop(0) if queue and queue[0].method == handler.command else None
        if fault is None:
            return False
        if fault.then is not None:
            fault.then()
        time.sleep(fault.delay_s)
        if fault.reset:
            handler.close_connection = True
            handler.connection.close()
            return True
        if fault.status:
            body = f'{{"error": {{"code": {fault.status}, "message": "{fault.code} of a test"}}}}'.encode()
            handler.send_response(fault.status)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
            return True
        return False
