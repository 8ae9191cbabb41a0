"""When to kill a run, and what it was doing when it was killed: both are told by the files it makes."""

from __future__ import annotations

import ctypes
import os
import select
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from dcvlr.rundir.processes import this_process

PHASES = ("start-up", "measuring", "publishing", "generating", "exporting")

_CREATED, _MOVED_HERE, _IS_FOLDER = 0x100, 0x80, 0x40000000  # of inotify(7)
_HEADER = struct.Struct("iIII")


class NewFiles:
    """Every file and folder that appears below a folder, as inotify tells of it; a context manager."""

    def __init__(self, folder: Path) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._file = self._libc.inotify_init1(os.O_NONBLOCK)
        self._folders: dict[int, Path] = {}
        for below in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
            self._watch(below)

    def __enter__(self) -> NewFiles:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def within(self, seconds: float) -> Iterator[Path]:
        """What appears before so many seconds are over."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._file], [], [], left)[0]:
                yield from self._read()

    def _read(self) -> Iterator[Path]:
        data, start = os.read(self._file, 1 << 16), 0
        while start < len(data):
            watch, mask, _, length = _HEADER.unpack_from(data, start)
            start += _HEADER.size + length
            name = data[start - length : start].rstrip(b"\0")
            if name and watch in self._folders:
                path = self._folders[watch] / os.fsdecode(name)
                yield path
                if mask & _IS_FOLDER:
                    yield from self._watch(path)

    def _watch(self, folder: Path) -> list[Path]:
        """What was in it before anybody could tell of it."""
        watch = self._libc.inotify_add_watch(self._file, os.fsencode(folder), _CREATED | _MOVED_HERE)
        if watch < 0:  # gone again
            return []
        self._folders[watch] = folder
        return sorted(folder.iterdir()) if folder.is_dir() else []


def phase_of(path: Path, out: Path) -> str:
    """In which phase of a run a file appears; those of no phase are of "other"."""
    parts = path.relative_to(out).parts
    if parts[0] == "checkpoints" and len(parts) > 2:
        if path.suffix == ".tmp":
            return "publishing"
        return "generating" if parts[1].startswith("openai") else "measuring"
    return "exporting" if parts[0] == "export" or "synthetic_qa_dataset" in parts[0] else "other"


def counted(new: NewFiles, out: Path, alive: Callable[[], bool]) -> Counter[str]:
    """How many files appear in each phase while `alive()` is true."""
    counts: Counter[str] = Counter()
    while alive():
        counts.update(phase_of(path, out) for path in new.within(0.2))
    return counts


def process_of(pid: int) -> str:
    """How the program names a process of this machine."""
    return f"{this_process().partition('-')[0]}-{pid}"


def phase_at_death(out: Path, pid: int, *, alone: bool) -> str:
    """What a killed process was doing, by what it left; the log is asked where it was `alone` in writing it."""
    process = process_of(pid)
    if not list((out / "status").glob(f"rank*-{process}.json")):
        return "start-up"
    if list((out / "checkpoints").glob(f"*/.*.{process}.*.tmp")):
        return "publishing"
    models = {path.parent.name for path in held(out, pid)}
    if models:
        return "generating" if any(name.startswith("openai") for name in models) else "measuring"
    if list(out.glob(f".synthetic*.{process}.*.tmp")) or list((out / "export").glob(f".*.{process}.*.tmp")):
        return "exporting"
    logged = (out / "pipeline.log").read_text().rpartition(" start: ")[2]
    return "exporting" if alone and "pipeline: selection: " in logged else "between stages"


def held(out: Path, pid: int) -> list[Path]:
    """The locks of chunks that a killed process left."""
    locks = (out / "checkpoints").glob("*/*.jsonl.lock")
    return [path for path in locks if path.is_file() and path.read_text().startswith(f"{process_of(pid)} ")]
