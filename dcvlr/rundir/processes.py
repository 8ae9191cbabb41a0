"""Who made a file: the host and process in its name or text, by which leftovers of a killed process are found."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from dcvlr.identity import digest


def this_process() -> str:
    """`<digest of the host's name>-<pid>`; the same for every call in a process."""
    return f"{_host()}-{os.getpid()}"


def is_here(owner: str) -> bool:
    """Whether the process is, or was, one of this host."""
    return owner.partition("-")[0] == _host()


def has_ended(process: str) -> bool:
    """Whether the process has certainly ended: False for one of another host, where nobody here can tell."""
    host, _, pid = process.partition("-")
    if host != _host() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, OverflowError, ValueError):  # the last two: a number that no process can have
        return True
    except PermissionError:
        return False
    return _is_zombie(int(pid))


def _host() -> str:
    """The host and, in a container, the namespace in which a pid means something."""
    try:
        namespace = Path("/proc/self/ns/pid").readlink()
    except OSError:
        namespace = Path()
    return digest(f"{socket.gethostname()} {namespace}".encode())[:8]


def _is_zombie(pid: int) -> bool:
    """Whether the process has ended but nobody has asked how; False where /proc does not tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[:1] == ["Z"]
