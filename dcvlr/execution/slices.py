"""Decisions about many rows, taken by a process for each core; what they give comes back in order."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import current_process, get_context
from typing import Any, BinaryIO, TypeVar

from dcvlr.errors import DcvlrError
from dcvlr.execution.machine import free_cores

R = TypeVar("R")

_ROWS = 4096
_PIPE_BYTES = 1 << 20
_BUFFER_BYTES = 1 << 16
_GARBAGE = (
    20_000  # new objects until cycles are sought: most leave none, and at Python's 700 it takes a tenth of the time
)
_ENGINES = {"torch", "onnxruntime", "openvino", "ray", "tensorflow"}


@dataclass(frozen=True, kw_only=True)
class Slices:
    """`rows` are decided on at a time, by at most so many forked `processes`, or here where there are few rows.

    A forked process sees all that is in memory, what it changes there is lost, and what it gives back is pickled.
    """

    rows: int
    processes: int

    def __call__(self, decide: Callable[[range], R], count: int) -> Iterator[R]:
        """What `decide` gives for every slice of `range(count)`, in order; raises what it raises."""
        slices = [range(start, min(start + self.rows, count)) for start in range(0, count, self.rows)]
        processes = min(self.processes, len(slices) - 1)
        if processes < 2:
            yield from map(decide, slices)
            return
        with _forked(decide, [slices[number::processes] for number in range(processes)]) as answers:
            for number in range(len(slices)):
                yield _received(answers[number % processes])


def slices_of_this_machine(rows: int = _ROWS) -> Slices:
    """A process for each core; only this one where an engine of models is loaded, which is not made to be forked.

    Nor does one fork that may have no children: those of a slice, and of a `multiprocessing.Pool`.
    """
    can_fork = sys.platform == "linux" and _ENGINES.isdisjoint(sys.modules) and not current_process().daemon
    return Slices(rows=rows, processes=free_cores() if can_fork else 1)


@contextmanager
def _forked(decide: Callable[[range], Any], shares: Sequence[Sequence[range]]) -> Iterator[list[BinaryIO]]:
    """The pipes on which a process for each share of the slices sends its answers, which wait there to be read."""
    context, pipes = get_context("fork"), [_pipe() for _ in shares]
    files = [os.fdopen(reader, "rb", buffering=_BUFFER_BYTES) for reader, _ in pipes]
    processes = [
        context.Process(target=_answer, args=(decide, share, pipes, own), daemon=True)
        for own, share in enumerate(shares)
    ]
    try:
        try:
            for process in processes:
                process.start()
        except OSError as error:
            raise DcvlrError(
                f"no process could be started for a slice of the pictures ({error}): raise the limit of processes or "
                "memory, or set OMP_NUM_THREADS=1 to decide in this process"
            ) from error
        finally:
            for _, writer in pipes:
                os.close(writer)
        yield files
    finally:
        for process in processes:
            if process.pid is not None:
                process.kill()
                process.join()
        for file in files:
            file.close()


def _pipe() -> tuple[int, int]:
    """One with room for an answer, so that a process goes on while it waits to be read."""
    import fcntl

    reader, writer = os.pipe()
    with suppress(OSError):  # where the system allows no more
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return reader, writer


def _answer(
    decide: Callable[[range], Any], slices: Sequence[range], pipes: Sequence[tuple[int, int]], own: int
) -> None:
    """In a forked process: it ends with the one that reads its answers, and Ctrl-C is for that one."""
    gc.freeze()  # what is shared: to look through it would write into its pages
    gc.set_threshold(_GARBAGE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for row, (reader, writer) in enumerate(pipes):
        os.close(reader)
        if row != own:
            os.close(writer)
    with os.fdopen(pipes[own][1], "wb", buffering=_BUFFER_BYTES) as file:
        try:
            for rows in slices:
                answer = (decide(rows), None)
                file.write(pickle.dumps(answer, pickle.HIGHEST_PROTOCOL))  # whole: what cannot be, is an error
                file.flush()
        except Exception as error:  # noqa: BLE001  raised again where the answers are read
            pickle.dump((None, error), file, pickle.HIGHEST_PROTOCOL)


def _received(answers: BinaryIO) -> Any:
    try:
        answer, error = pickle.load(answers)
    except (EOFError, pickle.UnpicklingError) as ended:
        raise DcvlrError("a forked process was killed, as for want of memory: run the same command again") from ended
    if error is not None:
        raise error
    return answer
