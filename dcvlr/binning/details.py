"""Why one picture is in its bin: every criterion of every bin, as a dict and as text for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dcvlr.binning.rules import Thresholds, assign_bin, object_findings, similarity_finding, text_findings
from dcvlr.records import BinCriteria

UserCriteria = Mapping[str, Callable[[dict[str, Any]], Any]]

_PASS, _FAIL, _SKIPPED = "✓ PASS", "✗ FAIL", "– not evaluated"


def image_details(path: str, criteria: BinCriteria, caption: str | None, thresholds: Thresholds) -> dict[str, Any]:
    """All values, thresholds and verdicts; a criterion whose value is None has the verdict None.

    `criteria` with everything measured gives every bin's verdict, not only those that decided.
    """
    boxes, area = text_findings(criteria, thresholds)
    classes, count, dispersion = object_findings(criteria, thresholds)
    similar = similarity_finding(criteria, thresholds)
    in_a, in_b = boxes.passed or area.passed, classes.passed or count.passed or dispersion.passed
    return {
        "image_path": path,
        "filename": Path(path).name,
        "assigned_bin": assign_bin(criteria, thresholds),
        "bin_a_criteria": {
            "num_text_boxes": boxes.value,
            "text_boxes_threshold": boxes.threshold,
            "text_boxes_passes": boxes.passed,
            "text_area_ratio": area.value,
            "text_area_threshold": area.threshold,
            "text_area_passes": area.passed,
            "overall_passes": in_a,
        },
        "bin_b_criteria": {
            "num_objects": count.value,
            "object_count_threshold": count.threshold,
            "object_count_passes": _verdict(count.value, count.passed),
            "unique_classes": classes.value,
            "unique_objects_threshold": classes.threshold,
            "unique_classes_passes": _verdict(classes.value, classes.passed),
            "spatial_dispersion": dispersion.value,
            "spatial_dispersion_threshold": dispersion.threshold,
            "spatial_dispersion_passes": _verdict(dispersion.value, dispersion.passed),
            "overall_passes": in_b,
        },
        "bin_c_criteria": {
            "caption": caption,
            "clip_similarity": similar.value,
            "clip_threshold": similar.threshold,
            "similarity_passes": _verdict(similar.value, similar.passed),
            "overall_passes": similar.passed and not in_a and not in_b,
        },
    }


def display_image_results(details: dict[str, Any], user_criteria: UserCriteria | None = None) -> None:
    """Print what `format_image_results` gives."""
    print(format_image_results(details, user_criteria))


def format_image_results(details: dict[str, Any], user_criteria: UserCriteria | None = None) -> str:
    """One block per bin with `Name: value (threshold: >t) ✓ PASS|✗ FAIL` lines, then the user's own criteria.

    A user's criterion is called with `details`. A bool is a verdict; `{"passes": …, "message": …}` a verdict with its
    reason; anything else is shown as it is; an exception is shown as its text.
    """
    a, b, c = details["bin_a_criteria"], details["bin_b_criteria"], details["bin_c_criteria"]
    lines = [
        f"Image: {details['filename']}",
        f"Path: {details['image_path']}",
        f"Assigned bin: {details['assigned_bin']}",
        "",
        "Bin A (text-rich)",
        _line("Text boxes", a["num_text_boxes"], f">{a['text_boxes_threshold']}", a["text_boxes_passes"]),
        _line("Text area ratio", a["text_area_ratio"], f">{a['text_area_threshold']}", a["text_area_passes"]),
        _overall("A", a),
        "",
        "Bin B (object-rich)",
        _line("Objects", b["num_objects"], f">{b['object_count_threshold']}", b["object_count_passes"]),
        _line("Unique classes", b["unique_classes"], f">{b['unique_objects_threshold']}", b["unique_classes_passes"]),
        _line(
            "Spatial dispersion",
            b["spatial_dispersion"],
            f">{b['spatial_dispersion_threshold']}",
            b["spatial_dispersion_passes"],
        ),
        _overall("B", b),
        "",
        "Bin C (everything else)",
        f"  Caption: {c['caption'] if c['caption'] is not None else 'none'}",
        _line("CLIP similarity", c["clip_similarity"], f"≥{c['clip_threshold']}", c["similarity_passes"]),
        _overall("C", c),
    ]
    if user_criteria:
        lines += ["", "User criteria", *(_user_line(name, fn, details) for name, fn in user_criteria.items())]
    return "\n".join(lines)


def _line(name: str, value: Any, threshold: str, passes: bool | None) -> str:
    shown = "none" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
    return f"  {name}: {shown} (threshold: {threshold}) {_mark(passes)}"


def _overall(name: str, criteria: Mapping[str, Any]) -> str:
    return f"  Bin {name} overall: {_mark(criteria['overall_passes'])}"


def _user_line(name: str, criterion: Callable[[dict[str, Any]], Any], details: dict[str, Any]) -> str:
    try:
        return f"  {name}: {_shown(criterion(details))}"
    except Exception as error:  # noqa: BLE001  the function is the user's: whatever it raises is its answer
        return f"  {name}: error: {error}"


def _shown(answer: Any) -> str:
    if isinstance(answer, bool | np.bool_):
        return _mark(bool(answer))
    if isinstance(answer, Mapping) and "passes" in answer:
        return f"{_mark(bool(answer['passes']))} {answer.get('message', '')}".rstrip()
    return str(answer)


def _mark(passes: bool | None) -> str:
    return _SKIPPED if passes is None else _PASS if passes else _FAIL


def _verdict(value: object, passed: bool) -> bool | None:
    return None if value is None else passed
