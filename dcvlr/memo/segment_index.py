"""Which row of a segment an item stands in: 8 bytes a row in memory, the rest read a few rows at a time."""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left

import numpy as np
from blake3 import blake3

KEY = 16
ROW = KEY + 8 + 4
_PREFIX = 4  # bytes of a key that are in memory
_WINDOW = 1024  # rows whose keys and starts are in memory
_AHEAD = 64 * KEY  # items are asked for in the order they were measured in: the next is among the next few


class DamagedSegmentError(Exception):
    """What is wrong with a segment."""


def key_of(item_id: str) -> bytes:
    """16 bytes that stand for an id: itself where it is a digest in hexadecimal, else its digest."""
    if len(item_id) == 2 * KEY:
        try:
            key = bytes.fromhex(item_id)
        except ValueError:
            pass
        else:
            if key.hex() == item_id:
                return key
    return blake3(b"id " + item_id.encode()).digest(KEY)


def keys_of(item_ids: list[str]) -> bytes:
    """The keys of many, one behind the other."""
    joined = "".join(item_ids)
    if set(map(len, item_ids)) == {2 * KEY}:
        try:
            keys = bytes.fromhex(joined)
        except ValueError:
            pass
        else:
            if keys.hex() == joined:
                return keys
    return b"".join(map(key_of, item_ids))


class SegmentIndex:
    """The index of an open file that stands from `offset` on and was read as `content`; see `segment.py` for its form.

    Every method raises `DamagedSegmentError` where the file was cut since.
    """

    def __init__(self, file: int, offset: int, content: bytes, rows: int) -> None:
        self._file = file
        self._offset = offset
        self.rows = rows
        order = np.frombuffer(content, "<u4", rows, offset=(KEY + 8) * rows)
        prefixes = np.frombuffer(content, ">u4", rows * (KEY // _PREFIX))[:: KEY // _PREFIX]
        self._order = array("I", order.tobytes())
        self._prefixes = array("I", prefixes[order].astype("=u4").tobytes())
        self.last = 0  # the row that was found last
        self._first = 0  # the window's
        self._keys = content[: KEY * min(rows, _WINDOW)]
        self._starts = memoryview(content[KEY * rows :][: 8 * min(rows, _WINDOW)]).cast("Q")

    def row(self, key: bytes) -> int:
        """Where the item of this key stands, -1 where it does not."""
        begin = KEY * (self.last - self._first)
        position = self._keys.find(key, begin, begin + _AHEAD)
        row = self._first + position // KEY if position >= 0 and position % KEY == 0 else self._sought(key)
        if row >= 0:
            self.last = row
        return row

    def start(self, row: int) -> int:
        """Where the line of a row begins; -1 where there is no such row."""
        if not 0 <= row < self.rows:
            return -1
        if not 0 <= row - self._first < len(self._starts):
            self._look_at(row)
        return self._starts[row - self._first]

    def follow(self, keys: bytes) -> bool:
        """Whether these keys stand in the rows behind the one that was found last; the last of them was found then."""
        row = self.last + 1
        if row + len(keys) // KEY > self.rows or self._bytes(KEY * row, len(keys)) != keys:
            return False
        self.last += len(keys) // KEY
        return True

    def next_keys(self, count: int) -> set[bytes]:
        """The keys that stand from the row on that was found last, at most so many."""
        keys = self._bytes(KEY * self.last, KEY * min(count, self.rows - self.last))
        return {keys[start : start + KEY] for start in range(0, len(keys), KEY)}

    def _sought(self, key: bytes) -> int:
        prefix = int.from_bytes(key[:_PREFIX], "big")
        rank = bisect_left(self._prefixes, prefix)
        while rank < self.rows and self._prefixes[rank] == prefix:
            row = self._order[rank]
            if not 0 <= row - self._first < len(self._starts):
                self._look_at(row)
            if self._keys.startswith(key, KEY * (row - self._first)):
                return row
            rank += 1
        return -1

    def _look_at(self, row: int) -> None:
        count = min(_WINDOW, self.rows - row)
        keys, starts = self._bytes(KEY * row, KEY * count), self._bytes(KEY * self.rows + 8 * row, 8 * count)
        if len(starts) < 8 * count:
            raise DamagedSegmentError("it was cut")
        self._first, self._keys, self._starts = row, keys, memoryview(starts).cast("Q")

    def _bytes(self, start: int, size: int) -> bytes:
        return os.pread(self._file, size, self._offset + start)
