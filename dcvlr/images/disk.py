"""Opening files that may hold pictures: of this machine what is no file of a disk is never read."""

from __future__ import annotations

import errno
import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

from dcvlr.remote import Locator, remote_files
from dcvlr.remote.stores import RemoteReader

_BUFFER_BYTES = 1 << 16


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


def opened_in_parts(url: str) -> BinaryIO:
    """A file for reading and seeking, of this machine by its `file://` URL or from a store. Raises `OSError`."""
    path = Locator.of(url).local_path
    if path is not None:
        return open_file(path)
    size = remote_files.state(url).size
    if size is None:
        raise OSError(f"{url} cannot be read in parts: its server does not tell its size")
    return io.BufferedReader(RemoteReader(remote_files, url, size), _BUFFER_BYTES)


def is_on_disk(path: Path) -> bool:
    """Whether a file is none of /proc or /sys, which look like files and tell of this machine."""
    return path.stat().st_dev not in _kernel_devices()


def _require_disk_file(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode) or status.st_dev in _kernel_devices():
        raise OSError(errno.EINVAL, "it is no file of a disk")


def _kernel_devices() -> set[int]:
    return {os.stat(folder).st_dev for folder in ("/proc", "/sys") if os.path.isdir(folder)}  # noqa: PTH112, PTH116
