"""Decisions about many rows, taken by a process for each core; what they give comes back in order."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from dcvlr.errors import DcvlrError
from dcvlr.execution.cores import free_cores

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

R = TypeVar("R")

_ROWS = 4096
_PIPE_BYTES = 1 << 20
_KEEP_THREADS = {"torch", "onnxruntime", "ray", "openvino", "fsspec", "aiohttp", "cv2", "pyarrow", "tensorflow"}


@dataclass(frozen=True, kw_only=True)
class Slices:
    """`rows` are decided on at a time, by so many forked `processes`, or here where there are few rows or one process.

    A forked process sees all that is in memory, what it changes there is lost, and what it gives back is pickled.
    """

    rows: int
    processes: int

    def __call__(self, decide: Callable[[range], R], count: int) -> Iterator[R]:
        """What `decide` gives for every slice of `range(count)`, in order; raises what it raises."""
        slices = [range(start, min(start + self.rows, count)) for start in range(0, count, self.rows)]
        if self.processes < 2 or len(slices) <= self.processes:
            yield from map(decide, slices)
            return
        with _forked(decide, [slices[number :: self.processes] for number in range(self.processes)]) as answers:
            for number in range(len(slices)):
                yield _received(answers[number % self.processes])


def slices_of_this_machine(rows: int = _ROWS) -> Slices:
    """A process for each core; only this one where libraries run threads, which would be missing in a forked one."""
    can_fork = sys.platform == "linux" and _KEEP_THREADS.isdisjoint(sys.modules)
    return Slices(rows=rows, processes=free_cores() if can_fork else 1)


@contextmanager
def _forked(decide: Callable[[range], Any], shares: Sequence[Sequence[range]]) -> Iterator[list[Connection]]:
    """The ends of pipes on which a process for each share of the slices sends its answers; they wait to be read."""
    from multiprocessing import get_context

    context = get_context("fork")
    pipes = [_roomy(context.Pipe(duplex=False)) for _ in shares]
    processes = [
        context.Process(target=_answer, args=(decide, share, pipes, own), daemon=True)
        for own, share in enumerate(shares)
    ]
    try:
        for process in processes:
            process.start()
        for _, sender in pipes:
            sender.close()
        yield [receiver for receiver, _ in pipes]
    finally:
        for process in processes:
            if process.pid is not None:
                process.kill()
                process.join()
        for receiver, _ in pipes:
            receiver.close()


def _roomy(pipe: tuple[Connection, Connection]) -> tuple[Connection, Connection]:
    """With room for an answer, so that a process goes on while it waits to be read."""
    import fcntl

    with suppress(OSError):  # where the system allows no more
        fcntl.fcntl(pipe[1].fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return pipe


def _answer(
    decide: Callable[[range], Any], slices: Sequence[range], pipes: Sequence[tuple[Connection, Connection]], own: int
) -> None:
    """In a forked process: it ends with the one that reads its answers, and Ctrl-C is for that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for row, (receiver, sender) in enumerate(pipes):
        receiver.close()
        if row != own:
            sender.close()
    answers = pipes[own][1]
    try:
        for rows in slices:
            answers.send((decide(rows), None))
    except BrokenPipeError:
        return
    except Exception as error:  # noqa: BLE001  raised again where the answers are read
        answers.send((None, error))


def _received(answers: Connection) -> Any:
    try:
        answer, error = answers.recv()
    except EOFError as ended:
        raise DcvlrError(
            "a process that decided was killed, as for want of memory: run the same command again"
        ) from ended
    if error is not None:
        raise error
    return answer
