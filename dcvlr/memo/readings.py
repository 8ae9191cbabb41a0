"""What a pure function reads off signals, kept beside each segment: a rerun decodes that instead of the signals.

A file has a line of JSON for some rows of the segment, null for a failure, and is closed like a chunk of that segment.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from dcvlr.execution.slices import slices_of_this_machine
from dcvlr.memo.chunks import closed, is_closed
from dcvlr.memo.memo import StoredSignals
from dcvlr.memo.segment import Segment
from dcvlr.protocols import Signals
from dcvlr.records import Failure, to_json_lines
from dcvlr.rundir.files import JsonLines, atomic_write, read_regular, set_aside

log = logging.getLogger(__name__)
R = TypeVar("R")
S = TypeVar("S")

_ROWS_A_LINE = 64


@dataclass(frozen=True, kw_only=True)
class Reading(Generic[R, S]):
    """`read` gives a `record` for each of some signals; `revision` is raised when it would give another one."""

    name: str
    revision: int
    record: type[S]
    read: Callable[[Sequence[R]], list[S]]


class SignalReadings(Generic[R, S]):
    """What is read off signals of a model: once where they are in a segment, else each time."""

    def __init__(self, signals: Signals[R], reading: Reading[R, S]) -> None:
        self._signals = signals
        self._reading = reading
        self._segments = signals.segments if isinstance(signals, StoredSignals) else None
        self._lines = {one: self._lines_of(one) for one in (self._segments.opened if self._segments else ())}
        self._recent: tuple[Segment | None, int, list[S | None]] = (None, 0, [])

    def __getitem__(self, item_id: str, /) -> S | Failure:
        return self.many([item_id])[0]

    def many(self, item_ids: Sequence[str], /) -> list[S | Failure]:
        try:
            found = list(self._kept(list(item_ids)))
        except (msgspec.DecodeError, UnicodeDecodeError):  # a file was changed since it was opened
            found = []
        if len(found) != len(item_ids):
            found = [None] * len(item_ids)
        rest = [item_id for item_id, one in zip(item_ids, found, strict=True) if one is None]
        new = iter(self._read(self._signals.many(rest)) if rest else ())
        return [next(new) if one is None else one for one in found]

    def _kept(self, item_ids: list[str]) -> Iterator[S | None]:
        placed = self._segments.rows(item_ids) if self._segments and item_ids else [(None, range(len(item_ids)))]
        for segment, rows in placed:
            lines = self._lines.get(segment) if segment else None
            if segment is None or lines is None:
                yield from [None] * len(rows)
                continue
            for number in range(rows.start // _ROWS_A_LINE, (rows.stop - 1) // _ROWS_A_LINE + 1):
                if self._recent[:2] != (segment, number):
                    self._recent = segment, number, lines.row(number)
                first = number * _ROWS_A_LINE
                yield from self._recent[2][max(rows.start - first, 0) : rows.stop - first]

    def _read(self, signals: Sequence[R | Failure]) -> list[S | Failure]:
        new = iter(self._reading.read([one for one in signals if not isinstance(one, Failure)]))
        return [one if isinstance(one, Failure) else next(new) for one in signals]

    def _lines_of(self, segment: Segment) -> JsonLines[list[S | None]] | None:
        """What is kept of a segment, written where it is not there yet; None where it cannot be."""
        path = segment.path.with_suffix(f".{self._reading.name}-{self._reading.revision}")
        try:
            if not _is_of(path, segment):
                parts = slices_of_this_machine()(lambda rows: self._lines_of_rows(segment, rows), len(segment))
                with atomic_write(path) as file:
                    file.write(closed(b"".join(parts), model=segment.digest, name=path.name))
            lines = JsonLines(path, list[self._reading.record | None])  # type: ignore[name-defined]
            len(lines)  # where they begin: before it is forked
            return lines
        except OSError as error:  # a full disk, one that is only read
            log.info("%s is not kept, and read anew each time: %s", path, error)
            return None

    def _lines_of_rows(self, segment: Segment, rows: range) -> bytes:
        assert self._segments is not None
        read: list[Any] = self._read(self._segments.results(segment, rows))
        kept = [None if isinstance(one, Failure) else one for one in read]
        return to_json_lines([kept[start : start + _ROWS_A_LINE] for start in range(0, len(kept), _ROWS_A_LINE)])


def _is_of(path: Path, segment: Segment) -> bool:
    """Whether a file is there and as it was written for this segment; another one is set aside."""
    try:
        content = read_regular(path)
    except FileNotFoundError:
        return False
    if isinstance(content, bytes) and is_closed(memoryview(content), model=segment.digest, name=path.name):
        return True
    set_aside(path, "it is damaged, and read anew")
    return False
