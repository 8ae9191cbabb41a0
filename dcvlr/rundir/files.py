"""What is written into a run directory: every file appears whole or not at all, and is on disk when it does."""

from __future__ import annotations

import errno
import io
import logging
import os
import secrets
import shutil
import stat
import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec

from dcvlr.records import to_json, to_json_lines
from dcvlr.records.paths import absolute_from, all_relative_to, relative_to
from dcvlr.rundir.draft import Draft
from dcvlr.rundir.processes import has_ended, this_process
from dcvlr.rundir.record_list import RecordSequence

log = logging.getLogger(__name__)

_BLOCK_BYTES = 1 << 20
_BUFFER_BYTES = 1 << 16
_TOGETHER = 64  # records that are written at a time
_MOST_BYTES = 1 << 32  # of a file that is read as a whole
_UNREADABLE = {errno.EACCES, errno.EPERM, errno.EIO}

R = TypeVar("R")


class NotRegularError(Exception):
    """Why what stands under a name is not read as a file."""


def temporary_path(path: Path) -> Path:
    """A hidden name beside `path` that no other process or call uses."""
    return path.with_name(f".{path.name}.{this_process()}.{secrets.token_hex(4)}.tmp")


def remove_stale_temporaries(folder: Path) -> None:
    """Remove what killed processes of this host left half written in `folder`."""
    for path in folder.glob(".*.tmp"):
        if has_ended(path.name.split(".")[-3]):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def read_regular(path: Path) -> bytes | str:
    """The bytes of a file, or why it is none: a pipe would wait for ever, a device has no end.

    Raises `FileNotFoundError` only where there is nothing at all, not for a link that leads nowhere.
    """
    try:
        with open_regular(path) as file:
            return file.read()
    except NotRegularError as error:
        return str(error)
    except OSError as error:
        if error.errno not in _UNREADABLE:
            raise
        return f"it cannot be read: {error.strerror}"


def open_regular(path: Path) -> BinaryIO:
    """A file to read; raises `NotRegularError`, or `FileNotFoundError` where there is nothing at all."""
    if not stat.S_ISREG(_mode(path)):
        raise NotRegularError("it is no file")
    try:
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb")
    except OSError as error:
        if error.errno not in _UNREADABLE:
            raise
        raise NotRegularError(f"it cannot be read: {error.strerror}") from error
    size = os.fstat(file.fileno()).st_size
    if size > _MOST_BYTES:
        file.close()
        raise NotRegularError(f"it has {size} bytes")
    return file


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return path.lstat().st_mode
    except OSError:  # a link in a circle
        return 0


def set_aside(path: Path, reason: str) -> bool:
    """Move what stands in the place of a file of ours and is none out of the way, by name; False: another was first."""
    aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.damaged")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return False
    log.warning("%s is set aside as %s: %s", path, aside.name, reason)
    return True


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """A file that becomes `path` by an atomic rename when the block ends well, and vanishes when it does not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = temporary_path(path)
    try:
        draft = Draft(unfinished, path)
        with io.BufferedWriter(draft, _BUFFER_BYTES) as file:
            yield file
            file.flush()
            draft.sync()
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Flush to the disk what has been named in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system whose folders cannot be flushed
            raise
    finally:
        os.close(descriptor)


def swap(new: Path, folder: Path, aside: Path) -> None:
    """Put `new` in the place of `folder`; another run of the same settings that was quicker made the same."""
    try:
        if folder.exists():
            folder.rename(aside)
        new.rename(folder)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
            raise


def scratch_folder(user: object) -> Path:
    """A temporary folder that goes when `user` does; those that killed processes of this host left go now."""
    for left in Path(tempfile.gettempdir()).glob("dcvlr.*.*"):
        if has_ended(left.name.split(".")[1]):
            shutil.rmtree(left, ignore_errors=True)  # another user's stays
    folder = tempfile.mkdtemp(prefix=f"dcvlr.{this_process()}.")
    weakref.finalize(user, shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def write_json(path: Path, value: Any) -> None:
    with atomic_write(path) as file:
        file.write(msgspec.json.format(to_json(value), indent=2) + b"\n")


class JsonLinesFile:
    """Writes one JSON line per record, with paths relative to `root`, and counts them."""

    def __init__(self, file: BinaryIO, root: str) -> None:
        self._file = file
        self._root = root
        self.count = 0

    def write(self, record: Any) -> None:
        self.add(to_json(relative_to(self._root, record)) + b"\n", 1)

    def lines(self, records: Sequence[Any]) -> bytes:
        """How records stand in the file; nothing is written."""
        return to_json_lines(all_relative_to(self._root, records))

    def add(self, lines: bytes, count: int) -> None:
        self._file.write(lines)
        self.count += count

    def write_many(self, records: Iterable[Any]) -> None:
        rest = iter(records)
        while block := list(islice(rest, _TOGETHER)):
            self.add(self.lines(block), len(block))


@contextmanager
def open_lines(path: Path, root: str = "") -> Iterator[JsonLinesFile]:
    """A file of JSON lines that is written record by record and appears at the end."""
    with atomic_write(path) as file:
        yield JsonLinesFile(file, root)


def write_lines(path: Path, records: Iterable[Any], root: str = "") -> int:
    """One JSON line per record, with paths relative to `root` where one is given; how many there were."""
    with open_lines(path, root) as lines:
        lines.write_many(records)
    return lines.count


class JsonLines(RecordSequence[R]):
    """A JSON-lines file as a sequence: only the offsets are in memory, a line is decoded when it is asked for.

    What was written when this was made is what is read, also after another file has taken its name. Relative paths in
    records are those below `root`, where one is given.
    """

    def __init__(self, path: Path, record_type: type[R], root: str = "") -> None:
        self.path = path
        self._root = root
        self._decoder = msgspec.json.Decoder(record_type)
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)

    @cached_property
    def _offsets(self) -> array[int]:
        offsets = array("Q", [0])
        for line in self._lines():
            offsets.append(offsets[-1] + len(line))
        return offsets

    def _lines(self) -> Iterator[bytes]:
        position, rest = 0, b""
        while block := os.pread(self._file, _BLOCK_BYTES, position):
            position += len(block)
            *whole, rest = (rest + block).split(b"\n")
            for line in whole:
                yield line + b"\n"

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __iter__(self) -> Iterator[R]:
        return map(self._decoded, self._lines())

    def row(self, index: int) -> R:
        start, end = self._offsets[index], self._offsets[index + 1]
        return self._decoded(os.pread(self._file, end - start, start))

    def _decoded(self, line: bytes) -> R:
        return absolute_from(self._root, self._decoder.decode(line))


@dataclass(frozen=True)
class Folder:
    """One stage's folder of a run directory; paths in its files are relative to `root`."""

    path: Path
    root: str = ""

    def write_json(self, name: str, value: Any) -> None:
        write_json(self.path / name, value)

    def open_lines(self, name: str) -> AbstractContextManager[JsonLinesFile]:
        return open_lines(self.path / name, self.root)

    def write_lines(self, name: str, records: Iterable[Any]) -> int:
        return write_lines(self.path / name, records, self.root)

    def read_lines(self, name: str, record_type: type[R]) -> JsonLines[R]:
        return JsonLines(self.path / name, record_type, self.root)
