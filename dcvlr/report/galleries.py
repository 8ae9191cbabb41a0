"""Which pictures a page shows, and what it says of each."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from typing import Any

from dcvlr.records import Finding, ImageRecord, ImageValues, LedgerEntry
from dcvlr.report.thumbnails import SMALL_PX, Thumbnails
from dcvlr.rundir.record_list import ById, Subsequence
from dcvlr.sampling import sampled

_Distance = tuple[bool, float, str]

PER_GALLERY = 60
"""Pictures of one gallery: those of a rule nearest to its threshold first, those that were kept by seed."""


def galleries(
    entries: Sequence[LedgerEntry],
    filtered: Sequence[ImageValues],
    binned: ById[ImageValues],
    thumbnails: Thumbnails,
) -> list[dict[str, Any]]:
    """Name, rule of choice and cards of each gallery: one a reason of rejection, one a bin, else the kept ones."""
    rejected: defaultdict[str, list[tuple[_Distance, int]]] = defaultdict(list)
    for number, entry in enumerate(entries):
        if entry.kind == "image":
            for reason in entry.reasons:
                rejected[reason].append((_distance(reason, entry), number))
    values = ById(filtered, lambda row: row.id)
    made = [
        _gallery(f"rejected: {reason}", len(found), _nearest(found, entries), values, binned, thumbnails)
        for reason, found in sorted(rejected.items())
    ]
    kept: defaultdict[str, array[int]] = defaultdict(lambda: array("Q"))
    shown = binned.records if binned else filtered
    for number, row in enumerate(shown):
        if binned or row.outcome == "kept":
            kept[f"bin {row.outcome}" if binned else "kept"].append(number)
    names = sorted(name for name in kept if name.removeprefix("bin ") not in rejected)
    chosen = {name: sampled(Subsequence(shown, kept[name]), PER_GALLERY, "gallery", name) for name in names}
    return [
        *(_gallery(name, len(kept[name]), rows, values, binned, thumbnails) for name, rows in chosen.items()),
        *made,
    ]


def _gallery(
    name: str,
    count: int,
    chosen: Sequence[LedgerEntry | ImageValues],
    values: Mapping[str, ImageValues],
    binned: Mapping[str, ImageValues],
    thumbnails: Thumbnails,
) -> dict[str, Any]:
    cards = []
    for item in chosen:
        image = ImageRecord(id=item.id, path=item.path, dataset=item.dataset)
        measured = [row.values for row in (values.get(item.id), binned.get(item.id)) if row is not None]
        cards.append(
            {
                "id": item.id,
                "path": item.path,
                "dataset": item.dataset,
                "picture": thumbnails.of(image, SMALL_PX),
                "values": {key: value for row in measured for key, value in row.items() if value is not None},
                "reasons": [finding.reason for finding in _failed(item)],
                "beside": _kept_one(item, values, thumbnails),
            }
        )
    return {"name": name, "count": count, "cards": cards}


def _failed(item: LedgerEntry | ImageValues) -> Iterator[Finding]:
    if isinstance(item, LedgerEntry):
        yield from (finding for finding in item.findings if not finding.passed)


def _kept_one(
    item: LedgerEntry | ImageValues, values: Mapping[str, ImageValues], thumbnails: Thumbnails
) -> dict[str, Any] | None:
    """Of a duplicate the picture that is kept instead."""
    kept = (finding.kept for finding in _failed(item) if isinstance(finding.kept, str))
    row = next((values[image_id] for image_id in kept if image_id in values), None)
    if row is None:
        return None
    image = ImageRecord(id=row.id, path=row.path, dataset=row.dataset)
    return {"path": row.path, "picture": thumbnails.of(image, SMALL_PX)}


def _distance(reason: str, entry: LedgerEntry) -> _Distance:
    """Pictures that this reason alone removed first, then those nearest to its threshold; ties by id."""
    finding = next((f for f in entry.findings if f.name == reason and not f.passed), None)
    numbers = (finding.value, finding.threshold) if finding else (None, None)
    apart = [float(number) for number in numbers if isinstance(number, int | float)]
    return (len(entry.reasons) > 1, abs(apart[0] - apart[1]) if len(apart) == 2 else 0.0, entry.id)


def _nearest(found: Iterable[tuple[_Distance, int]], entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    return [entries[number] for _, number in nsmallest(PER_GALLERY, found)]
