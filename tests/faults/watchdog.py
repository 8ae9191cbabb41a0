"""Nothing hangs: what does not end in time is ended, and the test fails with the stacks of all threads."""

from __future__ import annotations

import faulthandler
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

import pytest
from forked import Forked

ENVIRONMENT: Mapping[str, str] = {"PYTHONFAULTHANDLER": "1"}
"""For processes that `ended` waits for: they answer SIGABRT with their stacks."""


@contextmanager
def ends_within(seconds: float) -> Iterator[None]:
    """Fail the test where the block is not left in time; a block that is deaf to that ends the program.

    For the main thread. The tests that use it carry `pytest.mark.timeout(0)`, for pytest-timeout uses the same alarm.
    """

    def bark(_: int, frame: FrameType | None) -> None:
        pytest.fail(f"not done after {seconds:g} s\n{_stacks()}")

    before = signal.signal(signal.SIGALRM, bark)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    faulthandler.dump_traceback_later(2 * seconds, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def ended(process: subprocess.Popen[str] | Forked, seconds: float) -> str:
    """What a process wrote on stderr; the test fails with its stacks where it does not end in time."""
    try:
        return process.communicate(timeout=seconds)[1] or ""
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        _, stderr = process.communicate(timeout=30)
    pytest.fail(f"{process.args!r} was not done after {seconds:g} s\n{stderr}")


def _stacks() -> str:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    frames = sys._current_frames().items()
    return "\n".join(f"{names.get(n, n)}:\n{''.join(traceback.format_stack(frame))}" for n, frame in frames)
