"""Opening files of this machine that may be pictures: what is no file of a disk is never read."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_file(path: str) -> BinaryIO:
    """A file for reading, if it is one of a disk.

    Raises OSError without opening a pipe or socket, which would be waited for, a device, which may have no end, or a
    file of /proc and /sys, which tells of this machine.
    """
    _require_disk_file(os.stat(path))  # noqa: PTH116  called once per picture and model: no Path object needed
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb")
    try:
        _require_disk_file(os.fstat(file.fileno()))
    except OSError:
        file.close()
        raise
    return file


def is_on_disk(path: Path) -> bool:
    """Whether a file is none of /proc or /sys, which look like files and tell of this machine."""
    return path.stat().st_dev not in _kernel_devices()


def _require_disk_file(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode) or status.st_dev in _kernel_devices():
        raise OSError(errno.EINVAL, "it is no file of a disk")


def _kernel_devices() -> set[int]:
    return {os.stat(folder).st_dev for folder in ("/proc", "/sys") if os.path.isdir(folder)}  # noqa: PTH112, PTH116
