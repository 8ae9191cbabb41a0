"""Files of equal bytes are one picture with several paths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from msgspec import UNSET

from dcvlr.records import ImageRecord, Record, id_bytes, repeated
from dcvlr.rundir.record_list import InStep, RecordList, in_order
from dcvlr.source.walk import FoundFiles


class Known(Record, frozen=True):
    """A path, and the id of the picture that lies there; no id where it has to be read."""

    path: str
    id: str


def known_of(chosen: Iterable[str], known: Iterable[Known]) -> Iterator[Known]:
    """What is known of the chosen paths, which are sorted and all among `known`; each once."""
    left = InStep([chosen], str)
    return (one for one in in_order(Known, known, key=lambda one: one.path) if left.of(one.path) is not None)


def joined(found: FoundFiles, readable: Iterable[Known]) -> RecordList[ImageRecord]:
    """One record for each id, at its first path; the order is kept. Each path comes once."""
    known = RecordList(Known, readable)
    others = dict(repeated(id_bytes(one.id for one in known)).tolist())
    copies: defaultdict[int, list[str]] = defaultdict(list)
    for row, first in others.items():
        copies[first].append(known[row].path)
    return RecordList(
        ImageRecord,
        (
            ImageRecord(
                id=one.id,
                path=one.path,
                dataset=found.dataset(one.path),
                copies=tuple(copies.get(row, ())),
                rows=found.rows or UNSET,
            )
            for row, one in enumerate(known)
            if row not in others
        ),
    )
