"""Files of equal bytes are one picture with several paths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from dcvlr.records import ImageRecord
from dcvlr.rundir.record_list import RecordList
from dcvlr.source.walk import FoundFiles

_ID = 16  # bytes


def joined(found: FoundFiles, readable: Iterable[tuple[str, str]]) -> RecordList[ImageRecord]:
    """One record for each id of pairs of id and path, at its first path; the order of the pairs is kept."""
    ids, paths = bytearray(), list[str]()
    for image_id, path in readable:
        ids += bytes.fromhex(image_id)
        paths.append(path)
    others = dict(_repeated(np.frombuffer(ids, f"V{_ID}")))
    copies: defaultdict[int, list[str]] = defaultdict(list)
    for row, first in others.items():
        if paths[row] != paths[first]:
            copies[first].append(paths[row])
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


def _repeated(ids: NDArray[np.void]) -> Iterable[tuple[int, int]]:
    """Rows whose id an earlier row has, in order, each with the first that has it."""
    halves = ids.view(np.uint64).reshape(-1, 2)
    order = np.lexsort((halves[:, 0], halves[:, 1]))  # stable: of equal ids the first row comes first
    ids = ids[order]
    begins = np.concatenate([[True], ids[1:] != ids[:-1]])[: len(ids)]
    first = order[np.maximum.accumulate(np.where(begins, np.arange(len(ids)), 0))]
    repeated = np.flatnonzero(~begins)
    return sorted(zip(order[repeated].tolist(), first[repeated].tolist(), strict=True))
