"""How much of a process's memory pictures may take while they are decoded, whoever asks for them.

A process has one memory, so this is the one module that has a state.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

_M_MMAP_THRESHOLD, _LARGE_BYTES = -3, 8 << 20  # see mallopt(3)
_M_TRIM_THRESHOLD, _KEPT_BYTES = -1, 16 << 20
_BYTES_PER_PIXEL = 12  # what Pillow decodes to, what that is converted to, and the array


class DecodeMemory:
    """A bound on what all threads together need to decode pictures."""

    def __init__(self, most_bytes: int) -> None:
        self._most = self._free = most_bytes
        self._changed = threading.Condition()

    def resize(self, most_bytes: int) -> None:
        """Another bound, from the next picture on."""
        with self._changed:
            self._free += most_bytes - self._most
            self._most = most_bytes
            self._changed.notify_all()

    @contextmanager
    def reserve(self, count: int) -> Iterator[None]:
        """Wait until `count` bytes are free; a picture that needs more than there is has all of it to itself."""
        with self._changed:
            self._changed.wait_for(lambda: self._free >= min(count, self._most))
            share = min(count, self._most)
            self._free -= share
        try:
            yield
        finally:
            with self._changed:
                self._free += share
                self._changed.notify_all()


_of_this_process = DecodeMemory(2048 << 20)


def limit_decoding(most_mb: int) -> None:
    """So much for all pictures that this process decodes at a time.

    glibc keeps for each thread what it has freed, up to 32 MB a block: large blocks go back to the system instead. Of
    the rest it keeps up to 16 MB for each thread, as long as that lives, where it would keep 128 kB: the next picture
    needs as much, and memory that is new to a process costs a fifth of the time in which two pictures are compared.
    """
    with suppress(OSError, AttributeError):  # another C library than glibc
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        libc.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
    _of_this_process.resize(most_mb << 20)


def decoding(pixels: int) -> AbstractContextManager[None]:
    """Wait until a picture of so many pixels may be decoded; to be held while it is."""
    return _of_this_process.reserve(pixels * _BYTES_PER_PIXEL)
