"""Which pictures a page shows, and what it says of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dcvlr.records import Finding, ImageRecord, ImageValues, LedgerEntry, ValueRule
from dcvlr.report.thumbnails import SMALL_PX, Thumbnails
from dcvlr.sampling import seeded

PER_GALLERY = 60
"""Pictures of one gallery: those of a rule nearest to its threshold first, those that were kept by seed."""


def galleries(
    entries: Iterable[LedgerEntry],
    filtered: Sequence[ImageValues],
    binned: Mapping[str, ImageValues],
    rules: Sequence[ValueRule],
    thumbnails: Thumbnails,
) -> list[dict[str, Any]]:
    """Name, rule of choice and cards of each gallery: one a reason of rejection, one a bin, else the kept ones."""
    rejected: defaultdict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        if entry.kind == "image":
            for reason in entry.reasons:
                rejected[reason].append(entry)
    values = {row.id: row for row in filtered}
    made = [
        _gallery(f"rejected: {reason}", len(found), _nearest(reason, found), values, binned, thumbnails)
        for reason, found in sorted(rejected.items())
    ]
    kept: defaultdict[str, list[ImageValues]] = defaultdict(list)
    for row in binned.values() if binned else filtered:
        if binned or row.outcome == "kept":
            kept[f"bin {row.outcome}" if binned else "kept"].append(row)
    names = sorted(name for name in kept if name.removeprefix("bin ") not in rejected)
    return [
        *(_gallery(name, len(kept[name]), _sampled(name, kept[name]), values, binned, thumbnails) for name in names),
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


def _nearest(reason: str, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """The pictures that this reason alone removed first, then those nearest to its threshold; ties by id."""

    def distance(entry: LedgerEntry) -> tuple[bool, float, str]:
        finding = next((f for f in entry.findings if f.name == reason and not f.passed), None)
        numbers = (finding.value, finding.threshold) if finding else (None, None)
        apart = [float(number) for number in numbers if isinstance(number, int | float)]
        return (len(entry.reasons) > 1, abs(apart[0] - apart[1]) if len(apart) == 2 else 0.0, entry.id)

    return sorted(entries, key=distance)[:PER_GALLERY]


def _sampled(name: str, rows: Sequence[ImageValues]) -> list[ImageValues]:
    """So many by seed, in their order."""
    if len(rows) <= PER_GALLERY:
        return list(rows)
    chosen = sorted(seeded(0, "gallery", name).sample(range(len(rows)), PER_GALLERY))
    return [rows[index] for index in chosen]
