"""Records of a file by their id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

R = TypeVar("R")


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
