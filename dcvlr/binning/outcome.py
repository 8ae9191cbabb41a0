"""What is written about a binned picture, and about one that was left out."""

from __future__ import annotations

from collections import Counter

from dcvlr.binning.balance import strength
from dcvlr.binning.rules import Thresholds, object_findings, similarity_finding, text_findings
from dcvlr.protocols import Rejections, Signals
from dcvlr.records import (
    Bin,
    BinnedImage,
    Caption,
    Detections,
    Failure,
    Finding,
    OcrResult,
    Record,
)


class Row(Record, frozen=True):
    """One line of the binning stage's files; None is 'not measured', since the bin did not depend on it."""

    id: str
    path: str
    dataset: str
    bin: Bin
    num_text_boxes: int
    text_area_ratio: float
    num_objects: int | None
    unique_classes: int | None
    spatial_dispersion: float | None
    clip_similarity: float | None
    caption: str | None
    ocr_text: str
    detected_objects: dict[str, int] | None


def row(
    image: BinnedImage, text: Signals[OcrResult], objects: Signals[Detections], captions: Signals[Caption] | None
) -> Row:
    record, criteria = image.image, image.criteria
    lines = text[record.id]
    found = objects[record.id] if criteria.num_objects is not None else None
    caption = captions[record.id] if captions is not None and criteria.clip_similarity is not None else None
    assert not isinstance(lines, Failure)  # a picture with a failure has no bin
    assert not isinstance(found, Failure)
    assert not isinstance(caption, Failure)
    return Row(
        id=record.id,
        path=record.path,
        dataset=record.dataset,
        bin=image.bin,
        num_text_boxes=criteria.num_text_boxes,
        text_area_ratio=criteria.text_area_ratio,
        num_objects=criteria.num_objects,
        unique_classes=criteria.unique_classes,
        spatial_dispersion=criteria.spatial_dispersion,
        clip_similarity=criteria.clip_similarity,
        caption=None if caption is None else caption.text,
        ocr_text=lines.text,
        detected_objects=None if found is None else count_objects(found),
    )


def count_objects(found: Detections) -> dict[str, int]:
    """How many there are of each label, most first; objects without a label count as regions."""
    counts = Counter(detection.label or "region" for detection in found.objects)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def reject_mismatched(image: BinnedImage, thresholds: Thresholds, ledger: Rejections) -> None:
    """A picture of bin C whose caption does not match it."""
    findings = (*_findings(image, thresholds), similarity_finding(image.criteria, thresholds))
    ledger.reject(image.image, findings, reasons=("clip_similarity",))


def reject_dropped(image: BinnedImage, thresholds: Thresholds, quota: int, ledger: Rejections) -> None:
    """A picture that its full bin has no room for; the quota finding's value is what members were ranked by."""
    findings = list(_findings(image, thresholds))
    if image.criteria.clip_similarity is not None:
        findings.append(similarity_finding(image.criteria, thresholds))
    reason = f"bin {image.bin} keeps its {quota} strongest members"
    value = strength(image.bin, image.criteria)
    findings.append(Finding(name="balance", passed=False, value=value, threshold=quota, reason=reason))
    ledger.reject(image.image, findings, reasons=("balance",))


def _findings(image: BinnedImage, thresholds: Thresholds) -> tuple[Finding, ...]:
    """All criteria that were evaluated; they explain the bin and are no fault of the picture."""
    objects = object_findings(image.criteria, thresholds) if image.criteria.num_objects is not None else ()
    return (*text_findings(image.criteria, thresholds), *(f for f in objects if f.value is not None))
