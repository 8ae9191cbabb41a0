"""A segment: many chunks of a model in one file, each as it was, and behind them an index of 28 bytes an item.

    the chunks        whole, each with the line that closes it
    keys              16 bytes an item, in the order of the chunks
    starts            8 bytes an item: where its line begins
    order             4 bytes an item: rows by key
    table             JSON: rows, the chunks' names and sizes, and a digest over all behind the chunks
    16 bytes          the size of the table

Numbers are little-endian. All is verified when the file is opened, and read rather than mapped: to look at a mapped
page of a file that was cut meanwhile, or that a disk cannot read, ends the process.
"""

from __future__ import annotations

import mmap
import os
import weakref
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
from blake3 import blake3

from dcvlr.execution.slices import slices_of_this_machine
from dcvlr.memo.chunks import LineDecoder, Lines, is_closed, item_of, verified
from dcvlr.memo.segment_index import KEY, ROW, DamagedSegmentError, SegmentIndex, key_of

_TAIL = 16
_OPEN_CHUNKS = 8
_VERIFIED_AT_ONCE = 64  # chunks
_CLOSING = b'\n{"lines":'


class SegmentTable(msgspec.Struct):
    """The last part of a segment; `chunks` are names and sizes."""

    rows: int
    chunks: list[tuple[str, int]]
    blake3: str


class Segment:
    """An open segment of `model`: every chunk is verified, and its first line is one that `decoder` reads.

    Raises `DamagedSegmentError`.
    """

    def __init__(self, path: Path, file: int, model: str, decoder: LineDecoder) -> None:
        self.path = path
        self._file = os.dup(file)
        weakref.finalize(self, os.close, self._file)
        index, table = _index(file)
        self.chunks = [name for name, _ in table.chunks]
        self.digest = table.blake3
        self._bounds = [0, *accumulate(size for _, size in table.chunks)]
        if len(index) != ROW * table.rows:
            raise DamagedSegmentError("its index is not of its chunks")
        self.index = SegmentIndex(self._file, self._bounds[-1], index, table.rows)
        self._body, self._begin, self._end = b"", 0, 0  # the chunk of the line that was read last, and where it is
        self._uneven = -1  # where the last chunk begins of which some lines are no rows: other chunks have these items
        self._open: dict[int, bytes] = {}
        slices = slices_of_this_machine(_VERIFIED_AT_ONCE)
        for _ in slices(lambda numbers: self._verify(numbers, model, decoder), len(self.chunks)):
            pass

    def _verify(self, numbers: range, model: str, decoder: LineDecoder) -> None:
        room = bytearray(max(self._bounds[number + 1] - self._bounds[number] for number in numbers))
        for number in numbers:
            name, chunk = self.chunks[number], self._chunk_in(room, number)
            if not is_closed(chunk, model=model, name=name):
                lines = verified(bytes(chunk), model=model, name=name)
                if isinstance(lines, str):
                    raise DamagedSegmentError(f"{lines}: chunk {name!r}")
            if item_of(bytes(chunk[: room.find(b"\n")]), decoder) is None:
                raise DamagedSegmentError(f"chunk {name!r} holds no record of this model")

    def __len__(self) -> int:
        return self.index.rows

    def line(self, row: int, beginning: bytes) -> bytes:
        """The line at a row, which is to begin like this; raises `DamagedSegmentError`."""
        start = self.index.start(row)
        number = bisect_right(self._bounds, start) - 1
        self._begin, self._end = self._bounds[number], self._bounds[number + 1]
        self._body = self._open.get(number) or self._opened(number)
        offset = start - self._begin
        if not self._body.startswith(beginning, offset):
            raise DamagedSegmentError("its index is not of its chunks")
        return self._line_at(offset, row)

    def lines(self, rows: range) -> Iterator[bytes]:
        """The lines of some rows; raises `DamagedSegmentError`."""
        for row in rows:
            start = self.index.start(row)
            number = bisect_right(self._bounds, start) - 1
            body, offset = self._open.get(number) or self._opened(number), start - self._bounds[number]
            end = body.find(b"\n", offset)
            if end < 0:
                raise DamagedSegmentError("it was cut")
            yield body[offset:end]

    def next_line(self, beginning: bytes) -> bytes | None:
        """The line at the row behind the last one, if it is of the same chunk and begins like this."""
        row = self.index.last + 1
        start = self.index.start(row)
        if not self._begin <= start < self._end:
            return None
        offset = start - self._begin
        if not self._body.startswith(beginning, offset):
            return None
        return self._line_at(offset, row)

    def rest(self) -> bytes:
        """The lines of the same chunk behind the one that was read last; none where `follow` said that it is uneven."""
        if self._begin == self._uneven:
            return b""
        begin = self._body.find(b"\n", self.index.start(self.index.last) - self._begin) + 1
        return self._body[begin : self._body.rfind(b"\n", begin, len(self._body) - 1) + 1]

    def follow(self, keys: bytes) -> bool:
        """Whether these keys are the rows of `rest`; the last of them was found then."""
        if not self.index.follow(keys):
            self._uneven = self._begin
            return False
        return True

    def _line_at(self, offset: int, row: int) -> bytes:
        if (end := self._body.find(b"\n", offset)) < 0:
            raise DamagedSegmentError("it was cut")
        self.index.last = row
        return self._body[offset:end]

    def _chunk(self, number: int) -> bytes:
        return _bytes(self._file, self._bounds[number], self._bounds[number + 1])

    def _chunk_in(self, room: bytearray, number: int) -> memoryview:
        """A chunk where others were before: to get memory for each takes longer than its digest."""
        start, end = self._bounds[number], self._bounds[number + 1]
        size = os.preadv(self._file, [memoryview(room)[: end - start]], start)
        return memoryview(room)[:size]

    def _opened(self, number: int) -> bytes:
        if len(self._open) == _OPEN_CHUNKS:
            del self._open[next(iter(self._open))]
        body = self._open[number] = self._chunk(number)
        return body


def _index(file: int) -> tuple[bytes, SegmentTable]:
    """What stands between the chunks of a segment and its table, and the table."""
    end = os.fstat(file).st_size - _TAIL
    try:
        start = end - int(_bytes(file, max(end, 0), end + _TAIL))
        table = msgspec.json.decode(_bytes(file, max(start, 0), end), type=SegmentTable)
    except (ValueError, msgspec.DecodeError) as error:
        raise DamagedSegmentError("its end is damaged") from error
    body = sum(size for _, size in table.chunks)
    if not all(size > 0 and _is_name(name) for name, size in table.chunks) or body > start:
        raise DamagedSegmentError("its end is damaged")
    index = _bytes(file, body, start)
    if table.blake3 != _digest(index, table.rows, table.chunks):
        raise DamagedSegmentError("its index is damaged")
    return index, table


def _bytes(file: int, start: int, end: int) -> bytes:
    """Fewer where the file was cut."""
    return os.pread(file, max(end - start, 0), start)


def _digest(index: bytes, rows: int, chunks: Sequence[tuple[str, int]]) -> str:
    return blake3(index).update(msgspec.json.encode([rows, chunks])).hexdigest(KEY)


class SegmentWriter:
    """Writes a segment to a file, chunk by chunk."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._keys = bytearray()
        self._starts = array("Q")
        self._chunks: list[tuple[str, int]] = []
        self._hasher = blake3()
        self.size = 0

    def add(self, name: str, content: bytes, items: Sequence[tuple[str, int]]) -> None:
        """A whole chunk, and those of its items that are to be found in it, with the offsets of their lines."""
        for item_id, offset in items:
            self._keys += key_of(item_id)
            self._starts.append(self.size + offset)
        self._file.write(content)
        self._hasher.update(content)
        self._chunks.append((name, len(content)))
        self.size += len(content)

    def close(self) -> str:
        """Write the index; the file stays open. A digest of the whole."""
        order = np.argsort(np.frombuffer(self._keys, f"S{KEY}"), kind="stable").astype("<u4")
        index = bytes(self._keys) + np.array(self._starts, "<u8").tobytes() + order.tobytes()
        rows = len(self._starts)
        table = msgspec.json.encode(SegmentTable(rows, self._chunks, _digest(index, rows, self._chunks)))
        self._file.write(index + table + b"%015d\n" % len(table))
        return self._hasher.update(table).hexdigest(KEY)


def whole_chunks(file: int, model: str) -> Iterator[tuple[str, bytes]]:
    """Names and lines of the chunks in a damaged segment that are as they were written."""
    try:
        content = mmap.mmap(file, 0, access=mmap.ACCESS_READ)
    except (ValueError, OSError):  # an empty file, one that is larger than any memory
        return
    after = 0  # the chunk before
    while (position := content.find(_CLOSING, after)) >= 0:
        end = content.find(b"\n", position + 1) + 1 or len(content)
        name, count = _closed_by(content[position + 1 : end])
        start = position + 1
        while count > 0 and start > after:
            start, count = max(content.rfind(b"\n", after, start - 1) + 1, after), count - 1
        lines = verified(content[start:end], model=model, name=name)
        if isinstance(lines, Lines) and _is_name(name):
            yield name, lines.body
        after = end


def _closed_by(footer: bytes) -> tuple[str, int]:
    """The name of a chunk and how many lines it has."""
    try:
        decoded: Any = msgspec.json.decode(footer)
        return str(decoded["chunk"]), int(decoded["lines"])
    except (msgspec.DecodeError, ValueError, RecursionError, KeyError, TypeError, OverflowError):
        return "", 0


def _is_name(name: str) -> bool:
    """Whether it is one of a chunk's file, in the folder itself."""
    return name.endswith(".jsonl") and "/" not in name and not name.startswith(".")
