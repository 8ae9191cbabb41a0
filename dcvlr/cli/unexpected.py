"""Faults of the program itself: what was being done, to which item, and where the traceback is kept."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from dcvlr.errors import DcvlrError
from dcvlr.records import ImageRecord, Record
from dcvlr.records.printable import one_line


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
