"""Numbers too near to zero for full precision (denormals) taken as zero: arithmetic with them is many times slower."""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Where `fenv_t` of glibc and musl keeps the control register, in words of 32 bits, and its bits that flush to zero:
# operands and results in MXCSR, both by one bit in FPCR.
_REGISTERS = {"x86_64": (7, 0x8040), "aarch64": (0, 1 << 24)}
_WORDS = 64  # more than any fenv_t


@contextmanager
def denormals_as_zero() -> Iterator[None]:
    """In the calling thread and those that it starts. Elsewhere than in Linux on these processors nothing changes.

    Weight decay leaves such numbers in networks: a tenth of the weights of PP-OCRv6's detection, which onnxruntime runs
    in less than half of the time without them, to the same results. Its own setting, `session.set_denormal_as_zero`,
    reaches the thread that makes the first session of a process and no other. NumPy takes them for a fault of the
    processor, so nothing but the network should run inside.
    """
    if not sys.platform.startswith("linux") or platform.machine() not in _REGISTERS:
        yield
        return
    word, bits = _REGISTERS[platform.machine()]
    library = ctypes.CDLL(None)
    before, flushing = (ctypes.c_uint32 * _WORDS)(), (ctypes.c_uint32 * _WORDS)()
    for environment in (before, flushing):
        library.fegetenv(environment)
    flushing[word] |= bits
    try:
        library.fesetenv(flushing)
        yield
    finally:
        library.fesetenv(before)
