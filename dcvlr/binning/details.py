"""Why one picture is in its bin: every criterion of every bin, as a dict and as text for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dcvlr.binning.bins import Bin, assign_bin
from dcvlr.records import BinCriteria

UserCriteria = Mapping[str, Callable[[dict[str, Any]], Any]]

_PASS, _FAIL, _SKIPPED = "✓ PASS", "✗ FAIL", "– not evaluated"


class _Shown(NamedTuple):
    """How a criterion is called in the details and on the screen."""

    threshold: str
    passes: str
    label: str
    sign: str = ">"


_CRITERIA = {
    "num_text_boxes": _Shown("text_boxes_threshold", "text_boxes_passes", "Text boxes"),
    "text_area_ratio": _Shown("text_area_threshold", "text_area_passes", "Text area ratio"),
    "num_objects": _Shown("object_count_threshold", "object_count_passes", "Objects"),
    "unique_classes": _Shown("unique_objects_threshold", "unique_classes_passes", "Unique classes"),
    "spatial_dispersion": _Shown("spatial_dispersion_threshold", "spatial_dispersion_passes", "Spatial dispersion"),
    "clip_similarity": _Shown("clip_threshold", "similarity_passes", "CLIP similarity", "≥"),
}


def image_details(path: str, criteria: BinCriteria, caption: str | None, bins: Mapping[str, Bin]) -> dict[str, Any]:
    """All values, thresholds and verdicts of each bin; a criterion whose value is None has the verdict None.

    `criteria` with everything measured gives every bin's verdict, not only those that decided.
    """
    head = {
        "image_path": path,
        "filename": Path(path).name,
        "assigned_bin": assign_bin(criteria, bins),
        "bin_titles": {name: bin_.title for name, bin_ in bins.items()},
    }
    taken = any(bin_.any_of and bin_.takes(criteria) for bin_ in bins.values())
    return head | {_key(name): _bin_details(bin_, criteria, caption, taken) for name, bin_ in bins.items()}


def _key(name: str) -> str:
    return f"bin_{name.lower()}_criteria"


def _bin_details(bin_: Bin, criteria: BinCriteria, caption: str | None, taken: bool) -> dict[str, Any]:
    """One bin; `taken` says that some bin with rules of its own takes the picture, which leaves none to the rest."""
    details: dict[str, Any] = {}
    for finding in (rule.finding(criteria) for rule in bin_.rules):
        if finding.name == "clip_similarity":
            details["caption"] = caption
        details[finding.name] = finding.value
        details[_CRITERIA[finding.name].threshold] = finding.threshold
        details[_CRITERIA[finding.name].passes] = None if finding.value is None else finding.passed
    belongs = bin_.takes(criteria) if bin_.any_of else not taken
    return details | {"overall_passes": belongs and not bin_.lacking(criteria)}


def criteria_of(bin_details: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any, bool | None]]:
    """Name, value, threshold and verdict of each criterion of one bin."""
    for criterion, shown in _CRITERIA.items():
        if criterion in bin_details:
            yield shown.label, bin_details[criterion], bin_details[shown.threshold], bin_details[shown.passes]


def display_image_results(details: dict[str, Any], user_criteria: UserCriteria | None = None) -> None:
    """Print what `format_image_results` gives."""
    print(format_image_results(details, user_criteria))


def format_image_results(details: dict[str, Any], user_criteria: UserCriteria | None = None) -> str:
    """One block per bin with `Name: value (threshold: >t) ✓ PASS|✗ FAIL` lines, then the user's own criteria.

    A user's criterion is called with `details`. A bool is a verdict; `{"passes": …, "message": …}` a verdict with its
    reason; anything else is shown as it is; an exception is shown as its text.
    """
    lines = [
        f"Image: {details['filename']}",
        f"Path: {details['image_path']}",
        f"Assigned bin: {details['assigned_bin']}",
    ]
    for name, title in details["bin_titles"].items():
        lines += ["", f"Bin {name} ({title})", *_bin_lines(name, details[_key(name)])]
    if user_criteria:
        lines += ["", "User criteria", *(_user_line(name, fn, details) for name, fn in user_criteria.items())]
    return "\n".join(lines)


def _bin_lines(name: str, details: Mapping[str, Any]) -> Iterator[str]:
    if "caption" in details:
        yield f"  Caption: {details['caption'] if details['caption'] is not None else 'none'}"
    for criterion, shown in _CRITERIA.items():
        if criterion in details:
            value, threshold = details[criterion], details[shown.threshold]
            text = "none" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
            yield f"  {shown.label}: {text} (threshold: {shown.sign}{threshold}) {_tick(details[shown.passes])}"
    yield f"  Bin {name} overall: {_tick(details['overall_passes'])}"


def _user_line(name: str, criterion: Callable[[dict[str, Any]], Any], details: dict[str, Any]) -> str:
    try:
        return f"  {name}: {_shown(criterion(details))}"
    except Exception as error:  # noqa: BLE001  the function is the user's: whatever it raises is its answer
        return f"  {name}: error: {error}"


def _shown(answer: Any) -> str:
    if isinstance(answer, bool | np.bool_):
        return _tick(bool(answer))
    if isinstance(answer, Mapping) and "passes" in answer:
        return f"{_tick(bool(answer['passes']))} {answer.get('message', '')}".rstrip()
    return str(answer)


def _tick(passes: bool | None) -> str:
    return _SKIPPED if passes is None else _PASS if passes else _FAIL
