"""What was fetched lately, by its digest, in a folder of bounded size that processes share."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from contextlib import suppress
from pathlib import Path

from dcvlr.identity import digest

log = logging.getLogger(__name__)

_KEPT = 0.9  # of what is allowed, after room was made


class PictureCache:
    """Bytes by their own digest, so that nobody's copy can be a wrong one; `folder` None keeps nothing.

    What was used longest ago goes once `most_bytes` are exceeded. Processes that share a folder each count what they
    add, so together they may exceed it for a while. A disk that is full or cannot be written costs only the copies.
    """

    def __init__(self, folder: str | None, most_bytes: int) -> None:
        self._folder = Path(folder).expanduser() if folder is not None and most_bytes else None
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._bytes: int | None = None  # None: nobody has looked yet

    def get(self, key: str) -> bytes | None:
        """The bytes whose digest is `key`, if they are here."""
        if self._folder is None:
            return None
        path = self._path(self._folder, key)
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        if digest(data) == key:
            return data
        path.unlink(missing_ok=True)
        return None

    def put(self, key: str, data: bytes) -> None:
        if self._folder is None or len(data) > self._most_bytes:
            return
        path = self._path(self._folder, key)
        if path.exists():
            return
        unfinished = path.with_name(f".{secrets.token_hex(8)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(data)
            unfinished.replace(path)
            self._count(self._folder, len(data))
        except OSError as error:
            log.warning("remote.cache_folder=%s takes nothing more: %s", self._folder, error.strerror)
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            self._folder = None

    @staticmethod
    def _path(folder: Path, key: str) -> Path:
        return folder / key[:2] / key

    def _count(self, folder: Path, added: int) -> None:
        with self._lock:
            self._bytes = sum(size for _, size, _ in _files(folder)) if self._bytes is None else self._bytes + added
            if self._bytes > self._most_bytes:
                self._bytes = _shrunk(folder, round(self._most_bytes * _KEPT))


def _shrunk(folder: Path, wanted: int) -> int:
    """How many bytes are left once what was used longest ago is gone."""
    files = sorted(_files(folder))
    total = sum(size for _, size, _ in files)
    for _, size, path in files:
        if total <= wanted:
            break
        path.unlink(missing_ok=True)
        total -= size
    return total


def _files(folder: Path) -> list[tuple[int, int, Path]]:
    """Time of last use, size and path of every file."""
    found = []
    for path in folder.glob("??/*"):
        with suppress(FileNotFoundError):  # another process was making room
            status = path.stat()
            found.append((status.st_mtime_ns, status.st_size, path))
    return found
