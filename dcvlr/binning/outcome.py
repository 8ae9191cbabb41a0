"""What is written about a binned picture, and about one that was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

import msgspec

from dcvlr.binning.bins import Bin, findings
from dcvlr.binning.sorting import Sorted, Sorting
from dcvlr.protocols import Rejections
from dcvlr.records import BinCriteria, BinnedImage, Detections, Finding, ImageRecord, ImageValues, Record
from dcvlr.rundir.record_list import InStep


class BinnedLine(Record, frozen=True):
    """One line of the binning stage's files; None is 'not measured', since the bin did not depend on it."""

    paths: ClassVar[tuple[str, ...]] = ("path",)

    id: str
    path: str
    dataset: str
    bin: str
    num_text_boxes: int
    text_area_ratio: float
    num_objects: int | None
    unique_classes: int | None
    spatial_dispersion: float | None
    clip_similarity: float | None
    caption: str | None
    ocr_text: str
    detected_objects: dict[str, int] | None


def row(image: BinnedImage, sorting: Sorting) -> BinnedLine:
    record, criteria = image.image, image.criteria
    found = sorting.signal("objects", record.id) if criteria.num_objects is not None else None
    caption = sorting.signal("similarity", record.id) if criteria.clip_similarity is not None else None
    return BinnedLine(
        id=record.id,
        path=record.path,
        dataset=record.dataset,
        bin=image.bin,
        **msgspec.structs.asdict(criteria),
        caption=None if caption is None else caption.text,
        ocr_text=sorting.signal("text", record.id).text,
        detected_objects=None if found is None else count_objects(found),
    )


def count_objects(found: Detections) -> dict[str, int]:
    """How many there are of each label, most first; objects without a label count as regions."""
    counts = Counter(detection.label or "region" for detection in found.objects)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def reject_dropped(image: BinnedImage, bins: Mapping[str, Bin], quota: int, ledger: Rejections) -> None:
    """A picture that its full bin has no room for; the quota finding's value is what members were ranked by."""
    reason = f"bin {image.bin} keeps its {quota} strongest members"
    value = bins[image.bin].strength(image.criteria)
    cut = Finding(name="balance", passed=False, value=value, threshold=quota, reason=reason)
    ledger.reject(image.image, [*findings(image.criteria, bins), cut], reasons=("balance",))


def values_of(
    images: Iterable[ImageRecord], binned: Sequence[BinnedImage], dropped: Sequence[BinnedImage], sorting: Sorting
) -> Iterator[ImageValues]:
    """What was measured of every picture and where it went, None for what its bin did not depend on.

    `binned` and `dropped` are in the order of `images`.
    """
    ends = (
        (Sorted(id=one.image.id, outcome=one.bin, criteria=one.criteria) for one in binned),
        (Sorted(id=one.image.id, outcome="balance", criteria=one.criteria) for one in dropped),
    )
    where = InStep([*ends, *sorting.left_out], lambda one: one.id)
    for image in images:
        end = where.of(image.id)
        criteria = None if end is None else end.criteria
        values = dict.fromkeys(BinCriteria.__struct_fields__) if criteria is None else msgspec.structs.asdict(criteria)
        out = "" if end is None else end.outcome
        yield ImageValues(id=image.id, path=image.path, dataset=image.dataset, outcome=out, values=values)
