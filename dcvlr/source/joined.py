"""Files of equal bytes are one picture with several paths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
from msgspec import UNSET

from dcvlr.records import ImageRecord, Record, repeated
from dcvlr.rundir.record_list import InStep, RecordList, in_order
from dcvlr.source.walk import FoundFiles

_ID = 16  # bytes


class Known(Record, frozen=True):
    """A path, and the id of the picture that lies there; no id where it has to be read."""

    path: str
    id: str


def known_of(chosen: Iterable[str], known: Iterable[Known]) -> Iterator[Known]:
    """What is known of the chosen paths, which are sorted and all among `known`; each once."""
    left = InStep([chosen], str)
    return (one for one in in_order(Known, known, key=lambda one: one.path) if left.of(one.path) is not None)


def joined(found: FoundFiles, readable: Iterable[tuple[str, str]]) -> RecordList[ImageRecord]:
    """One record for each id of pairs of id and path, at its first path; the order of the pairs is kept."""
    ids, paths = bytearray(), RecordList(str)
    for image_id, path in readable:
        ids += bytes.fromhex(image_id)
        paths.append(path)
    others = dict(repeated(np.frombuffer(ids, f"V{_ID}")))
    copies: defaultdict[int, list[str]] = defaultdict(list)
    for row, first in others.items():
        if (path := paths[row]) != paths[first]:
            copies[first].append(path)
    return RecordList(
        ImageRecord,
        (
            ImageRecord(
                id=ids[_ID * row : _ID * (row + 1)].hex(),
                path=path,
                dataset=found.dataset(path),
                copies=tuple(copies.get(row, ())),
                rows=found.rows or UNSET,
            )
            for row, path in enumerate(paths)
            if row not in others
        ),
    )
