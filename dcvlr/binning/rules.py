"""Which bin a picture belongs to: pure decisions over its criteria. All comparisons are strict."""

from __future__ import annotations

from dataclasses import dataclass

from dcvlr.records import Bin, BinCriteria, Finding


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """A: more than `text_boxes` lines or `text_area`. B: more than `unique_objects`, `object_count` or `dispersion`.

    C: the rest; where there is a similarity model, only with a caption that reaches `clip_similarity`.
    """

    text_boxes: int
    text_area: float
    object_count: int
    unique_objects: int
    spatial_dispersion: float
    clip_similarity: float


def text_findings(criteria: BinCriteria, thresholds: Thresholds) -> tuple[Finding, ...]:
    """Bin A's criteria, each with its value and threshold."""
    return (
        _above("num_text_boxes", criteria.num_text_boxes, thresholds.text_boxes),
        _above("text_area_ratio", criteria.text_area_ratio, thresholds.text_area),
    )


def object_findings(criteria: BinCriteria, thresholds: Thresholds) -> tuple[Finding, ...]:
    """Bin B's criteria; one without a value is not evaluated and does not pass."""
    return (
        _above("unique_classes", criteria.unique_classes, thresholds.unique_objects),
        _above("num_objects", criteria.num_objects, thresholds.object_count),
        _above("spatial_dispersion", criteria.spatial_dispersion, thresholds.spatial_dispersion),
    )


def similarity_finding(criteria: BinCriteria, thresholds: Thresholds) -> Finding:
    """Bin C's check of the caption; it passes at the threshold, and where nothing could be measured."""
    value, least = criteria.clip_similarity, thresholds.clip_similarity
    passed = value is None or value >= least
    reason = "" if passed else "the caption does not match the picture well enough"
    return Finding(name="clip_similarity", passed=passed, value=value, threshold=least, reason=reason)


def assign_bin(criteria: BinCriteria, thresholds: Thresholds) -> Bin:
    if any(finding.passed for finding in text_findings(criteria, thresholds)):
        return "A"
    if any(finding.passed for finding in object_findings(criteria, thresholds)):
        return "B"
    return "C"


def _above(name: str, value: float | None, threshold: float) -> Finding:
    return Finding(name=name, passed=value is not None and value > threshold, value=value, threshold=threshold)
