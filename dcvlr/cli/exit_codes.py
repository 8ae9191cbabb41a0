"""The one place that turns errors into a line and an exit code.

Exit codes: 0 all done; 1 a failure, something left unmeasured, or nothing made; 2 a wrong setting; 70 a fault of the
program itself; 130 interrupted (Ctrl-C); 143 asked to end (SIGTERM).
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from dcvlr.config import conf_dir
from dcvlr.errors import ConfigError, DcvlrError, Terminated
from dcvlr.execution.workers import LAUNCHED
from dcvlr.records import ImageRecord, Record
from dcvlr.records.printable import one_line, printable
from dcvlr.settings.mistyped import mistyped, without_noise

INTERRUPTED = "interrupted; what was finished is kept: run the same command again to go on"


def exit_code(action: Callable[[], object]) -> int:
    """Carry out `action`, say on stderr what went wrong, and return the exit code."""
    try:
        action()
    except Terminated:
        return _complain(INTERRUPTED.replace("interrupted", "asked to end (SIGTERM)"), 128 + signal.SIGTERM)
    except KeyboardInterrupt:
        return _complain(INTERRUPTED, 128 + signal.SIGINT)
    except ConfigError as error:
        return _complain(str(error), 2)
    except (HydraException, OmegaConfBaseException) as error:
        return _complain(_composing(error), 2)
    except BrokenPipeError:  # whoever read what is printed has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it ends
        return 128 + signal.SIGPIPE
    except DcvlrError as error:
        # Processes that dcvlr launched leave the verdict to it: a launcher would only start them all again.
        return _complain(str(error), 0 if LAUNCHED in os.environ else 1)
    except UnexpectedError as error:
        return _complain(str(error), os.EX_SOFTWARE)
    except OSError as error:  # a full, read-only or vanished file system
        return _complain(f"{error}; what was finished is kept: mend it and run the same command again", 1)
    except Exception as error:  # noqa: BLE001  nobody foresaw it, and there is no log yet
        if isinstance(error, ValueError) and not HydraConfig.initialized():  # from composing
            return _complain(_composing(error), 2)
        traceback.print_exception(error)
        return _complain(f"{described(error)}; this is a fault of the program: please report it", os.EX_SOFTWARE)
    return 0


def _composing(error: Exception) -> str:
    """What is wrong with the words that Hydra could not compose, else what it says itself."""
    return mistyped(sys.argv[1:], Path(conf_dir())) or without_noise(str(error))


def end_on_sigterm() -> None:
    """From now on SIGTERM ends the program as Ctrl-C does: what is finished is flushed and kept."""
    signal.signal(signal.SIGTERM, _terminate)


def _terminate(*_: object) -> None:
    raise Terminated


def _complain(message: str, code: int) -> int:
    print(f"dcvlr: {printable(message)}", file=sys.stderr)
    return code


class UnexpectedError(Exception):
    """An error that nobody foresaw; its traceback is in a file, the program exits with 70."""


@contextmanager
def traceback_kept_in(path: Path) -> Iterator[None]:
    """Turn an error that nobody foresaw into one line; its traceback is appended to the log at `path`."""
    try:
        yield
    except (DcvlrError, OSError):
        raise
    except Exception as error:
        with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write("".join(traceback.format_exception(error)))
        raise UnexpectedError(
            f"{described(error)}; this is a fault of the program, not of a setting: the traceback is in {path}. What "
            "was finished is kept: run the same command again to go on, and please report it"
        ) from error


def described(error: BaseException) -> str:
    """The error, the innermost function of this package it came through, and the item that was worked on there."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    own = [frame for frame in frames if str(frame.f_globals.get("__name__")).startswith("dcvlr.")]
    function = f" in {own[-1].f_globals['__name__']}.{own[-1].f_code.co_qualname}" if own else ""
    item = next((text for frame in reversed(own) if (text := _item(frame))), "")
    return one_line(f"{type(error).__name__}: {error}") + function + item


def _item(frame: FrameType) -> str:
    records = [value for value in frame.f_locals.values() if isinstance(value, Record) and hasattr(value, "id")]
    return f", at {_named(records[0])}" if records else ""


def _named(record: Any) -> str:
    path = record.path if isinstance(record, ImageRecord) else getattr(record, "image", "")
    name = f"{type(record).__name__} {record.id}"
    return f"{name} ({one_line(path)})" if isinstance(path, str) and path else name
