"""Disks that are full, may not be written to, or have no hard links: real ones, made so that nothing is left of them.

A full disk is a tmpfs in a mount namespace of its own, so that no rights are needed where user namespaces are allowed;
a folder is read-only by its permissions, without the rights of root; hard links are refused by the kernel (seccomp).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

IN_NAMESPACE = ("unshare", "--map-root-user", "--mount")
_GIVE_UP = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")
WITHOUT_OVERRIDE = () if os.geteuid() else _GIVE_UP

# Runs the same words twice: on a disk of $1 KiB, then of $2. $3 is the disk, $4 its content, $5 where it ends up.
FULL_DISK = """
mount -t tmpfs -o size=$1k none "$3" || exit 90
cp -r "$4/." "$3" || exit 91
small=$1 large=$2 disk=$3 end=$5; shift 5
"$@" 2> "$end.first"; echo $? > "$end.code"
cp -r "$disk/checkpoints" "$end.stored"
mount -o remount,size=${large}k "$disk" || exit 92
"$@"; code=$?
cp -r "$disk" "$end"
exit $code
"""

_NO_HARD_LINKS = """
import ctypes, os, struct, sys

numbers = {"x86_64": (86, 265), "aarch64": (37,)}[os.uname().machine]  # link and linkat
load = struct.pack("HBBI", 0x20, 0, 0, 0)  # the number of the system call
tests = [struct.pack("HBBI", 0x15, left, 0 if left else 1, n) for left, n in zip((1, 0)[-len(numbers):], numbers)]
refuse, allow = struct.pack("HBBI", 6, 0, 0, 0x00050000 | 1), struct.pack("HBBI", 6, 0, 0, 0x7FFF0000)  # EPERM
program = b"".join([load, *tests, refuse, allow])
code = ctypes.create_string_buffer(program)
head = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0, "no_new_privs"
assert libc.prctl(22, 2, head, 0, 0) == 0, "seccomp"
os.execvp(sys.argv[1], sys.argv[1:])
"""

WITHOUT_LINKS = (sys.executable, "-c", _NO_HARD_LINKS)


def works(command: Sequence[str]) -> bool:
    """Whether this machine lets us; a command that is not there does not."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def can_mount(folder: Path) -> bool:
    return works([*IN_NAMESPACE, "mount", "-t", "tmpfs", "none", str(folder)])
