"""A file that is being written: what is written goes on its way to the disk, and a full disk is named."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # a full disk, a quota, `ulimit -f`
_SENT_AT_ONCE = 1 << 24  # bytes


@contextmanager
def full_disk_named(path: Path, draft: Path | None = None) -> Iterator[None]:
    """Let the error of a write without room name `path` where it names no file, or one in `draft` that was for it."""
    try:
        yield
    except OSError as error:
        is_draft = draft is not None and Path(str(error.filename)).is_relative_to(draft)
        if error.errno in NO_ROOM and (error.filename is None or is_draft):
            error.filename = str(path)
        raise


class Draft(io.FileIO):
    """An unfinished file; where the disk is full, its writes name the file that it was to become, and no others do.

    The disk writes while more comes, so that there is little to wait for in the end.
    """

    def __init__(self, draft: Path, path: Path) -> None:
        super().__init__(draft, "x")
        self._path = path
        self._size = self._sent = 0

    def write(self, data: Any, /) -> int:  # a buffer, which has no name in Python 3.11
        with full_disk_named(self._path):
            written = super().write(data)
        self._size += written
        if self._size - self._sent >= _SENT_AT_ONCE and hasattr(os, "posix_fadvise"):
            # On Linux this begins to write what was not written yet, and waits for nothing.
            os.posix_fadvise(self.fileno(), self._sent, self._size - self._sent, os.POSIX_FADV_DONTNEED)
            self._sent = self._size
        return written

    def sync(self) -> None:
        with full_disk_named(self._path):
            os.fsync(self.fileno())
