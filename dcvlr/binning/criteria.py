"""The numbers that bins are decided on, from signals alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from dcvlr.binning.text_area import text_area_ratios
from dcvlr.records import BinCriteria, Detection, Detections, OcrResult

Signal = Literal["text", "objects", "similarity"]

_OF_OBJECTS = ("num_objects", "unique_classes", "spatial_dispersion")


def signal_of(criterion: str) -> Signal:
    """What has to be measured for one of the fields of `BinCriteria`."""
    if criterion == "clip_similarity":
        return "similarity"
    return "objects" if criterion in _OF_OBJECTS else "text"


def criteria_of_texts(texts: Sequence[OcrResult]) -> list[BinCriteria]:
    """What OCR alone tells of each picture."""
    ratios = text_area_ratios(texts)
    return [
        BinCriteria(num_text_boxes=len(text.lines), text_area_ratio=ratio)
        for text, ratio in zip(texts, ratios, strict=True)
    ]


def with_objects(criteria: BinCriteria, objects: Detections) -> BinCriteria:
    """`criteria` with what the detector tells; `unique_classes` is None where it knows no classes."""
    return replace(
        criteria,
        num_objects=len(objects.objects),
        unique_classes=len({detection.label for detection in objects.objects}) if objects.labelled else None,
        spatial_dispersion=spatial_dispersion(objects.objects, objects.width, objects.height),
    )


def count_objects(found: Detections) -> dict[str, int]:
    """How many there are of each label, most first; objects without a label count as regions."""
    counts: dict[str, int] = {}
    for detection in found.objects:
        label = detection.label or "region"
        counts[label] = counts.get(label, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))) if len(counts) > 1 else counts


def with_similarity(criteria: BinCriteria, similarity: float | None) -> BinCriteria:
    return replace(criteria, clip_similarity=similarity)


def spatial_dispersion(objects: Sequence[Detection], width: int, height: int) -> float:
    """(max cx - min cx) * (max cy - min cy) / (W * H) over the centres of the boxes, 0 for fewer than two."""
    if len(objects) < 2:
        return 0.0
    xs = [(detection.box[0] + detection.box[2]) / 2 for detection in objects]
    ys = [(detection.box[1] + detection.box[3]) / 2 for detection in objects]
    return round((max(xs) - min(xs)) * (max(ys) - min(ys)) / (width * height), 4)
