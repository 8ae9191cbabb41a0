"""Chunk files: how signals lie on disk.

A chunk is JSON lines, `{"id": …, "signal": {…}}` or `{"id": …, "failure": {…}}`, closed by a line with the number of
lines and their BLAKE3. It is written under a temporary name, flushed to the disk and linked to its own, so a chunk that
exists is complete and the first writer wins. One that was damaged later does not match its digest: it is set aside.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from dcvlr.errors import DcvlrError
from dcvlr.identity import digest
from dcvlr.rundir.files import remove_stale_temporaries, temporary_path

log = logging.getLogger(__name__)

NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}

_ID_START = len(b'{"id":"')
_OFFSET_BITS = 40
_OFFSET_MASK = (1 << _OFFSET_BITS) - 1
_OPEN_CHUNKS = 8  # items are asked for in the order they were measured in, so few chunks are in use at a time


class ChunkStore:
    """All signals of one model identity: an index of item ids, and lines read when asked for.

    The index costs about 200 bytes an item; signals themselves stay on disk.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._index: dict[str, int] = {}
        self._chunks: list[str] = []
        self._indexed: set[str] = set()
        self._open: dict[int, bytes] = {}
        remove_stale_temporaries(folder)

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._index

    def __len__(self) -> int:
        return len(self._index)

    def refresh(self) -> None:
        """Index chunks that appeared since the last look; for an item in two chunks the first one seen answers."""
        if not self.folder.is_dir():
            return
        with os.scandir(self.folder) as entries:
            names = (e.name for e in entries if e.name.endswith(".jsonl") and not e.name.startswith("."))
            fresh = sorted(name for name in names if name not in self._indexed)
        for name in fresh:
            self._add(name)

    def line(self, item_id: str) -> bytes:
        """The JSON line of an item; raises KeyError if no chunk has it."""
        packed = self._index[item_id]
        chunk, offset = packed >> _OFFSET_BITS, packed & _OFFSET_MASK
        content = self._open.get(chunk) or self._read(chunk)
        return content[offset : content.index(b"\n", offset)]

    def publish(self, name: str, lines: Sequence[bytes]) -> None:
        """Make a chunk of `lines` visible under `name`; if another worker was first, its chunk stays."""
        body = b"".join(line + b"\n" for line in lines)
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = temporary_path(self.folder / name)
        try:
            with unfinished.open("xb") as file:
                file.write(body + _footer(body, len(lines)))
                file.flush()
                os.fsync(file.fileno())
            _link(unfinished, self.folder / name)
        finally:
            unfinished.unlink(missing_ok=True)
        _sync_folder(self.folder)
        self._add(name)

    def _add(self, name: str) -> None:
        path = self.folder / name
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # another worker has just set it aside
            return
        body = _verified(content)
        if body is None:
            _set_aside(path)
            return
        chunk = len(self._chunks) << _OFFSET_BITS
        self._chunks.append(name)
        self._indexed.add(name)
        offset, index = 0, self._index
        for line in body.split(b"\n")[:-1]:
            index.setdefault(id_of(line), chunk | offset)
            offset += len(line) + 1

    def _read(self, chunk: int) -> bytes:
        path = self.folder / self._chunks[chunk]
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # set aside by another worker
            content = b""
        if _verified(content) is None:
            raise DcvlrError(f"{path} was damaged while the run went on: run the same command again")
        if len(self._open) == _OPEN_CHUNKS:
            del self._open[next(iter(self._open))]
        self._open[chunk] = content
        return content


def chunk_name(index: int, item_ids: Iterable[str]) -> str:
    """The name every worker gives to the same work: the chunk's index and a digest of the items to do."""
    return f"{index:06d}-{digest(','.join(item_ids).encode())[:12]}.jsonl"


def id_of(line: bytes) -> str:
    """The item that a line is about."""
    return line[_ID_START : line.index(b'"', _ID_START)].decode()


def _footer(body: bytes, lines: int) -> bytes:
    return msgspec.json.encode({"lines": lines, "blake3": digest(body)}) + b"\n"


def _verified(content: bytes) -> bytes | None:
    """The lines of a chunk without their footer, or None if the chunk is not what was written."""
    start = content.rfind(b"\n", 0, len(content) - 1) + 1
    body, footer = content[:start], content[start:]
    return body if footer == _footer(body, body.count(b"\n")) else None


def _set_aside(path: Path) -> None:
    aside = path.with_name(f"{path.name}.damaged")
    try:
        path.rename(aside)
    except FileNotFoundError:  # another worker was first
        return
    log.warning("%s is damaged: set aside as %s, its items are computed again", path, aside.name)


def _link(unfinished: Path, path: Path) -> None:
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        if not path.exists():
            unfinished.replace(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system whose folders cannot be flushed
            raise
    finally:
        os.close(descriptor)
