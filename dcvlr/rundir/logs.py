"""Where log lines go: the terminal or pipe, and the run directory's pipeline.log."""

from __future__ import annotations

import logging
import os
import platform
import shlex
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import metadata
from pathlib import Path

from rich.console import Console
from rich.logging import RichHandler

from dcvlr.execution.workers import Worker
from dcvlr.records.printable import printable
from dcvlr.remote import without_queries
from dcvlr.rundir.bars import ProgressBars
from dcvlr.rundir.progress import NoProgress, ProgressLines, Reporter
from dcvlr.rundir.status_file import StatusFile

log = logging.getLogger(__name__)

_FILE_ONLY = {"file_only": True}


def log_file(run_dir: Path, worker: Worker) -> Path:
    """Worker 0 writes `pipeline.log`, others `pipeline.rank1.log` and so on: appending from machines is not safe."""
    return run_dir / (f"pipeline.rank{worker.rank}.log" if worker.rank else "pipeline.log")


@contextmanager
def logging_to(
    path: Path | None, *, worker: Worker, verbose: bool, console: Console | None, shown: Reporter | None = None
) -> Iterator[Reporter]:
    """Send the package's log lines to `console` and to the file at `path` while the block runs.

    Worker 0 speaks on the console, others only warn there; without one, lines also go where the caller's own logging
    sends them. Yields what progress is reported to, which is also shown by `shown` or as the console can.
    """
    package = logging.getLogger("dcvlr")
    level = logging.DEBUG if verbose else logging.INFO
    with ExitStack() as stack:
        stack.callback(package.setLevel, package.level)
        stack.callback(setattr, package, "propagate", package.propagate)
        package.setLevel(level)
        package.propagate = console is None
        handlers = [] if console is None else [_console_handler(console, logging.WARNING if worker.rank else level)]
        if path is not None:
            handlers.append(_file_handler(path))
        for handler in handlers:
            package.addHandler(handler)
            stack.callback(handler.close)
            stack.callback(package.removeHandler, handler)
        shown = shown or stack.enter_context(_reporter(worker, console))
        if path is None:
            yield shown
            return
        stack.enter_context(_start_and_end())
        yield stack.enter_context(StatusFile(path.parent / "status", worker, shown))


@contextmanager
def _start_and_end() -> Iterator[None]:
    """Lines in the file alone: which program ran where with which words, and how that ended."""
    start = time.monotonic()
    log.info("start: dcvlr %s, %s", metadata.version("dcvlr"), " ".join(map(shlex.quote, sys.argv)), extra=_FILE_ONLY)
    log.info(
        "machine: %s, %s, %d cores, Python %s",
        *(socket.gethostname(), platform.platform(), os.cpu_count() or 1, platform.python_version()),
        extra=_FILE_ONLY,
    )
    try:
        yield
    except BaseException as error:
        word = "failed" if isinstance(error, Exception) else "interrupted"
        line = f"{type(error).__name__}: {error}".removesuffix(": ")
        log.error("%s after %.1f s: %s", word, time.monotonic() - start, line, extra=_FILE_ONLY)
        raise
    log.info("end: after %.1f s", time.monotonic() - start, extra=_FILE_ONLY)


@contextmanager
def _reporter(worker: Worker, console: Console | None) -> Iterator[Reporter]:
    if worker.rank:
        yield NoProgress()
    elif console is not None and console.is_terminal:
        with ProgressBars(console) as bars:
            yield bars
    else:
        yield ProgressLines()


class _PrintableFormatter(logging.Formatter):
    """Lines that may quote file names, replies and messages of servers, which must not steer a terminal.

    What stands behind `?` in a URL may be a signature, and is left out.
    """

    def format(self, record: logging.LogRecord) -> str:
        return printable(without_queries(super().format(record)))


def _console_handler(console: Console, level: int) -> logging.Handler:
    handler: logging.Handler
    if console.is_terminal:
        handler = RichHandler(console=console, show_path=False, show_level=False, log_time_format="[%H:%M:%S]")
        handler.setFormatter(_PrintableFormatter("%(message)s"))
    else:
        handler = logging.StreamHandler(console.file)
        handler.setFormatter(_PrintableFormatter("%(asctime)s %(message)s", "%H:%M:%S"))
    handler.setLevel(level)
    handler.addFilter(lambda record: not getattr(record, "file_only", False))
    return handler


def _file_handler(path: Path) -> logging.Handler:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(_PrintableFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    return handler
