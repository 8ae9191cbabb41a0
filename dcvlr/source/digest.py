"""File ids, remembered like git's index remembers them: a file that was not touched is not read again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

import msgspec
from blake3 import blake3

from dcvlr.identity import digest, speed
from dcvlr.images.disk import open_file
from dcvlr.images.located import keep, located_bytes, why
from dcvlr.records import Failure, Record
from dcvlr.remote import is_url, remote_files

_BLOCK_BYTES = 1 << 20


class FileState(msgspec.Struct, frozen=True, gc=False):
    """One file, or what a locator names; `id` changes when its path, size or time of modification does."""

    id: str
    path: str


class FileId(Record, frozen=True):
    """The first 128 bits of the BLAKE3 of a file's bytes, in hexadecimal."""

    id: str


def file_state(path: str, status: os.stat_result) -> FileState:
    return FileState(digest(f"{path}\x00{status.st_size}\x00{status.st_mtime_ns}".encode()), path)


def located_state(path: str, version: str) -> FileState:
    """`version` is what the store says of the file: another text whenever its bytes may be others."""
    return FileState(digest(f"{path}\x00{version}".encode()), path)


@dataclass(frozen=True, kw_only=True)
class FileDigest:
    """Reads whole files, those at URLs `remote.threads` at a time.

    One that vanished, is forbidden or changed while it was read is a passing failure.
    """

    name: ClassVar[str] = "file_digest"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = FileId

    batch_size: int = speed()
    threads: int = speed()

    def check_ready(self) -> None:
        """BLAKE3 is a core dependency: always ready."""

    def __call__(self, items: Sequence[FileState], /) -> list[FileId | Failure]:
        threads = max(self.threads, remote_files.access.threads) if any(is_url(one.path) for one in items) else 0
        with ThreadPoolExecutor(threads or self.threads) as pool:
            return list(pool.map(_file_id, items))


def _file_id(item: FileState) -> FileId | Failure:
    if is_url(item.path):
        return _located_id(item.path)
    hasher = blake3()
    try:
        with open_file(item.path) as file:
            while block := file.read(_BLOCK_BYTES):
                hasher.update(block)
            status = os.fstat(file.fileno())
    except OSError as error:
        return why(error, item.path)
    if file_state(item.path, status).id != item.id:
        return Failure(kind="changed", message=f"{item.path} changed while it was read")
    return FileId(id=hasher.hexdigest(length=16))


def _located_id(path: str) -> FileId | Failure:
    try:
        data = located_bytes(path)
    except OSError as error:
        return why(error, path)
    found = digest(data)
    keep(found, path, data)
    return FileId(id=found)
