"""Chunk files: how signals lie on disk.

A chunk is written under a temporary name, flushed to the disk and linked to its own, so a chunk that exists is complete
and the first writer wins. What is not a chunk of this model under this name (damaged, moved, forged, no file at all) is
named and set aside, and its items are computed again.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dcvlr.errors import DcvlrError
from dcvlr.memo.chunks import chunk_name, closed, item_of, line_decoder, verified
from dcvlr.records import Failure
from dcvlr.rundir.files import read_regular, remove_stale_temporaries, set_aside, temporary_path

NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}

_OFFSET_BITS = 40
_OFFSET_MASK = (1 << _OFFSET_BITS) - 1
_OPEN_CHUNKS = 8  # items are asked for in the order they were measured in, so few chunks are in use at a time


class ChunkStore:
    """All signals of one model identity: an index of item ids, and lines read when asked for.

    The index costs about 200 bytes an item; signals themselves, of the type `signal`, stay on disk.
    """

    def __init__(self, folder: Path, signal: Any) -> None:
        self.folder = folder
        self._decoder = line_decoder(signal)
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

    def result(self, item_id: str) -> Any | Failure:
        """The signal or failure of an item; raises KeyError if no chunk has it."""
        record = self._decoder.decode(self.line(item_id))
        return record.signal if record.failure is None else record.failure

    def records(self, lines: Iterable[bytes]) -> dict[str, bytes]:
        """Those of the lines that hold a record of this model's type, by item."""
        return {item_id: line for line in lines if (item_id := item_of(line, self._decoder)) is not None}

    def publish(self, name: str, lines: Sequence[bytes]) -> None:
        """Make a chunk of `lines` visible under `name`; if another worker was first, its chunk stays."""
        body = b"".join(line + b"\n" for line in lines)
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = temporary_path(self.folder / name)
        try:
            self._write(unfinished, name, body)
            _link(unfinished, self.folder / name)
        finally:
            unfinished.unlink(missing_ok=True)
        _sync_folder(self.folder)
        self._add(name)

    def _write(self, unfinished: Path, name: str, body: bytes) -> None:
        with unfinished.open("xb") as file:
            file.write(closed(body, model=self.folder.name, name=name))
            file.flush()
            os.fsync(file.fileno())

    def _lines(self, name: str) -> bytes | str:
        """The lines of a chunk, or what is wrong with it; one that does not name its model yet is written anew."""
        content = read_regular(self.folder / name)
        lines = content if isinstance(content, str) else verified(content, model=self.folder.name, name=name)
        if isinstance(lines, str):
            return lines
        if not lines.is_bound:
            unfinished = temporary_path(self.folder / name)
            try:
                self._write(unfinished, name, lines.body)
                unfinished.replace(self.folder / name)
            finally:
                unfinished.unlink(missing_ok=True)
        return lines.body

    def _add(self, name: str) -> None:
        try:
            body = self._lines(name)
        except FileNotFoundError:  # another worker has just set it aside
            return
        if isinstance(body, str):
            set_aside(self.folder / name, f"{body}; its items are computed again")
            return
        lines = body.split(b"\n")[:-1]
        records = self.records(lines)
        if len(records) < len(lines):
            bad = f"{len(lines) - len(records)} of its {len(lines)} lines hold no record of this model"
            set_aside(self.folder / name, f"{bad}; these items are computed again")
            if records:
                self.publish(chunk_name(0, records), list(records.values()))
            return
        chunk = len(self._chunks) << _OFFSET_BITS
        self._chunks.append(name)
        self._indexed.add(name)
        offset, index = 0, self._index
        for item_id, line in records.items():
            index.setdefault(item_id, chunk | offset)
            offset += len(line) + 1

    def _read(self, chunk: int) -> bytes:
        name = self._chunks[chunk]
        try:
            content = self._lines(name)
        except FileNotFoundError:
            content = "another worker set it aside"
        if isinstance(content, str):
            path = self.folder / name
            raise DcvlrError(f"{path} was lost while the run went on ({content}): run the same command again")
        if len(self._open) == _OPEN_CHUNKS:
            del self._open[next(iter(self._open))]
        self._open[chunk] = content
        return content


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
