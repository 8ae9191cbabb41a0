"""Many records that are in no memory: written to a temporary file as they come, decoded a block at a time."""

from __future__ import annotations

import os
import tempfile
import weakref
from abc import abstractmethod
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import islice, pairwise
from tempfile import TemporaryFile
from typing import Any, Generic, NamedTuple, TypeVar, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from dcvlr.errors import DcvlrError

_BLOCK = 64
_ROWS = 1024  # records that are looked for at a time
_SORTED_AT_ONCE = 1 << 16

R = TypeVar("R")


class EncodedRecords(NamedTuple):
    """Records as a `RecordList` writes them, some at a time: how many, in how many bytes, and all of these."""

    counts: list[int]
    sizes: list[int]
    data: bytes


def encoded(records: Sequence[Any]) -> EncodedRecords:
    """What another process may hand to a `RecordList` of these records' type."""
    starts = range(0, len(records), _BLOCK)
    counts = [min(_BLOCK, len(records) - start) for start in starts]
    blocks = [msgspec.msgpack.encode(records[start : start + _BLOCK]) for start in starts]
    return EncodedRecords(counts, list(map(len, blocks)), b"".join(blocks))


JoinedLines = tuple[bytes, int]
"""Lines of JSON, and how many."""


class RecordSequence(Sequence[R], Generic[R]):
    """A sequence by its `row` at a place from 0: a slice is a list, and equal are sequences of equal items."""

    @abstractmethod
    def row(self, index: int) -> R: ...

    def at(self, rows: Iterable[int]) -> Iterator[R]:
        """The records at these places from 0, best in order."""
        return map(self.row, rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(_equal, self, other))

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> list[R]: ...
    def __getitem__(self, index: int | slice) -> R | list[R]:
        rows = range(len(self))[index]
        return self.row(rows) if isinstance(rows, int) else list(self.at(rows))


class RecordList(RecordSequence[R]):
    """A list that only grows, of structs of one type; the file (TMPDIR) has no name and goes with the list.

    In memory are the last records, those that were read last, and 16 bytes for every block of them.
    """

    def __init__(self, record_type: type[R], records: Iterable[R] = ()) -> None:
        self._decoder = msgspec.msgpack.Decoder(list[record_type])  # type: ignore[valid-type]
        self._ends = array("Q", [0])  # of blocks in the file, after the 0 where the first begins
        self._firsts = array("q", [0])  # the first row of each block, and of the one to come
        self._last: list[R] = []
        self._read: tuple[int, list[R]] = (-1, [])
        self._file = -1
        self.extend(records)

    def append(self, record: R) -> None:
        self._make_room()
        self._last.append(record)

    def extend(self, records: Iterable[R]) -> None:
        rest = iter(records)
        self._make_room()
        while block := list(islice(rest, _BLOCK - len(self._last))):
            self._last += block
            self._make_room()

    def add(self, records: EncodedRecords) -> None:
        """Like `extend` with records that were encoded, which are not decoded for it."""
        if self._last:
            self._write_block()
        self._write(records)

    def __len__(self) -> int:
        return self._firsts[-1] + len(self._last)

    def __iter__(self) -> Iterator[R]:
        for number in range(len(self._ends) - 1):
            yield from self._block(number)
        yield from self._last

    def row(self, index: int) -> R:
        number = bisect_right(self._firsts, index) - 1
        return self._block(number)[index - self._firsts[number]]

    def at(self, rows: Iterable[int]) -> Iterator[R]:
        return self._between(rows) if isinstance(rows, range) and rows.step == 1 else self._scattered(iter(rows))

    def _between(self, rows: range) -> Iterator[R]:
        number = bisect_right(self._firsts, rows.start) - 1
        while number < len(self._firsts) and (first := self._firsts[number]) < rows.stop:
            yield from self._block(number)[max(rows.start - first, 0) : rows.stop - first]
            number += 1

    def _scattered(self, rest: Iterator[int]) -> Iterator[R]:
        while (some := np.fromiter(islice(rest, _ROWS), np.int64)).size:
            numbers, places = self._found(some)
            for start, end in pairwise([0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(some)]):
                yield from map(self._block(int(numbers[start])).__getitem__, places[start:end].tolist())

    def _found(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """In which blocks these rows are, and where in each."""
        firsts = np.frombuffer(self._firsts, np.int64)
        numbers = np.searchsorted(firsts, rows, side="right") - 1
        return numbers, rows - firsts[numbers]

    def _block(self, number: int) -> list[R]:
        if number == len(self._ends) - 1:
            return self._last
        at, block = self._read
        if at != number:
            start, end = self._ends[number], self._ends[number + 1]
            block = self._decoder.decode(os.pread(self._file, end - start, start))
            self._read = number, block
        return block

    def _make_room(self) -> None:
        """For one record or more; a block that found no room on the disk is tried again."""
        if len(self._last) == _BLOCK:
            self._write_block()

    def _write_block(self) -> None:
        self._write(encoded(self._last))
        self._last = []

    def _write(self, records: EncodedRecords) -> None:
        data = records.data
        try:
            if self._file < 0:
                with TemporaryFile() as file:
                    self._file = os.dup(file.fileno())
                weakref.finalize(self, os.close, self._file)
            start = self._ends[-1]
            while start < self._ends[-1] + len(data):
                start += os.pwrite(self._file, data[start - self._ends[-1] :], start)
        except OSError as error:
            folder = tempfile.tempdir or "the temporary folder"  # unknown where there is none that can be written to
            where = f"{folder} has no room for the list of pictures ({error.strerror})"
            raise DcvlrError(f"{where}: set TMPDIR to a larger disk") from error
        for count, size in zip(records.counts, records.sizes, strict=True):
            self._ends.append(self._ends[-1] + size)
            self._firsts.append(self._firsts[-1] + count)


class Subsequence(RecordSequence[R]):
    """Some records of a sequence, by their rows, in 4 bytes each."""

    def __init__(self, records: Sequence[R], rows: Iterable[int]) -> None:
        self._records: Sequence[R] = records
        self._rows = array("I", rows)
        if isinstance(records, Subsequence):
            self._records, self._rows = records._records, array("I", map(records._rows.__getitem__, self._rows))

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[R]:
        return self._of(self._rows)

    def row(self, index: int) -> R:
        return self._records[self._rows[index]]

    def at(self, rows: Iterable[int]) -> Iterator[R]:
        if isinstance(rows, range) and rows.step == 1:
            return self._of(_as_range(self._rows[rows.start : rows.stop]))
        return self._of(map(self._rows.__getitem__, rows))

    def _of(self, rows: Iterable[int]) -> Iterator[R]:
        of = self._records
        return of.at(rows) if isinstance(of, RecordSequence) else map(of.__getitem__, rows)


def within(records: Sequence[R], rows: range, row_of: Callable[[R], int]) -> list[R]:
    """The records about some of many rows; each is about one, and they are in the order of these."""
    start = bisect_left(records, rows.start, key=row_of)
    end = bisect_left(records, rows.stop, start, min(start + len(rows), len(records)), key=row_of)
    return list(records[start:end])


def _as_range(rows: array[int]) -> Sequence[int]:
    """The same rows, as a range where none is left out between them."""
    whole = range(rows[0], rows[-1] + 1) if rows else range(0)
    return whole if len(whole) == len(rows) and bool(np.all(np.diff(np.frombuffer(rows, np.uint32)) == 1)) else rows


class InStep(Generic[R]):
    """Records about some of many items, of which each source has its own in the order of these."""

    def __init__(self, sources: Iterable[Iterable[R]], id_of: Callable[[R], str | int]) -> None:
        self._id_of = id_of
        self._rest = [iter(source) for source in sources]
        self._heads = [next(rest, None) for rest in self._rest]
        self._ids = [None if head is None else id_of(head) for head in self._heads]

    def of(self, item_id: str | int) -> R | None:
        """The record about an item, None where there is none; items are asked for once, in their order."""
        if item_id not in self._ids:
            return None
        number = self._ids.index(item_id)
        record = self._heads[number]
        self._heads[number] = head = next(self._rest[number], None)
        self._ids[number] = None if head is None else self._id_of(head)
        return record


def in_order(record_type: type[R], records: Iterable[R], key: Callable[[R], Any]) -> RecordList[R]:
    """Records sorted by a key, those with equal ones as they came; some of them at a time are in memory."""
    rest = iter(records)
    runs, starts = RecordList(record_type), list[int]()  # sorted from each start to the next; all in one file
    last: R | None = None
    while block := sorted(islice(rest, _SORTED_AT_ONCE), key=key):
        if last is None or key(block[0]) < key(last):
            starts.append(len(runs))
        runs.extend(block)
        last = block[-1]
    if len(starts) < 2:
        return runs
    sorted_runs = (runs.at(range(*ends)) for ends in pairwise([*starts, len(runs)]))
    return RecordList(record_type, merge(*sorted_runs, key=key))


def _equal(one: Any, other: Any) -> bool:
    return bool(one == other)


class ById(Mapping[str, R], Generic[R]):
    """In memory are ids and row numbers; a record is read from `records` when it is asked for, of equal ids the last.

    Records whose `id_of` is None are passed over.
    """

    def __init__(self, records: Sequence[R], id_of: Callable[[R], str | None]) -> None:
        self.records = records
        ids = map(id_of, records)
        self._rows = {record_id: row for row, record_id in enumerate(ids) if record_id is not None}

    def __getitem__(self, record_id: str) -> R:
        return self.records[self._rows[record_id]]

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
