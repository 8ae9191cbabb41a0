"""Replies on disk as they come: what was paid for is not lost with the chunk it belongs to.

One file per process and model, a line per reply with its own digest, flushed to the disk at least once a second while
replies come. It goes away when its replies stand in chunks; one that is left, by a killed process or because the chunks
could not be written, is read by the next run.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from dcvlr.identity import digest
from dcvlr.rundir.files import read_regular, set_aside
from dcvlr.rundir.locks import Locks
from dcvlr.rundir.processes import has_ended, this_process

_SUFFIX = ".journal"
_SECONDS_BETWEEN_SYNCS = 1.0
_SECONDS_TO_READ = 0.05


class Journal:
    """A context manager; inside, `add` each reply, and `close` once all of them stand in chunks.

    A journal that was not closed stays. It is locked until its `with` block ends.
    """

    def __init__(self, folder: Path, locks: Locks) -> None:
        self._path = folder / f"{this_process()}-{secrets.token_hex(4)}{_SUFFIX}"
        self._locks = locks
        self._file: BinaryIO | None = None
        self._synced = 0.0

    def __enter__(self) -> Journal:
        self._locks.take(_lock(self._path))
        return self

    def add(self, line: bytes) -> None:
        if self._file is None:
            self._file = self._path.open("xb", buffering=0)
        self._file.write(line + b"\t" + digest(line).encode() + b"\n")
        if time.monotonic() - self._synced > _SECONDS_BETWEEN_SYNCS:
            os.fsync(self._file.fileno())
            self._synced = time.monotonic()

    def close(self) -> None:
        """Remove the journal: its lines are in chunks by now."""
        if self._file is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)
            self._file = None

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        self._locks.release(_lock(self._path))


def adopt_orphans(folder: Path, locks: Locks, adopt: Callable[[list[bytes]], int]) -> None:
    """Hand over the whole lines of each journal whose process is gone; it is removed once they were used.

    `adopt` says how many of them are no records; such a journal, and what is none, is set aside.
    """
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        if not _is_ours_to_read(path, locks):
            continue
        try:
            content = read_regular(path)
            bad = content if isinstance(content, str) else _bad(adopt(_whole_lines(content)))
            if bad:
                set_aside(path, bad)
            else:
                path.unlink(missing_ok=True)
        except FileNotFoundError:  # another worker was first
            continue
        finally:
            locks.release(_lock(path))


def _bad(count: int) -> str:
    return f"{count} of its lines hold no record of this model; what they were about is computed again" if count else ""


def _is_ours_to_read(path: Path, locks: Locks) -> bool:
    """Whether this worker has the lock of a journal; another one that reads what a dead process left is waited for."""
    while not locks.take(_lock(path)):
        if not path.exists() or not has_ended(path.name.rpartition("-")[0]):
            return False
        time.sleep(_SECONDS_TO_READ)
    return True


def _lock(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def _whole_lines(content: bytes) -> list[bytes]:
    pairs = (line.rpartition(b"\t") for line in content.split(b"\n"))
    return [line for line, _, checksum in pairs if checksum == digest(line).encode() and line]
