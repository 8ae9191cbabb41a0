"""When results of the same weights are the same, though a batch was summed up in another order."""

from __future__ import annotations

import pytest

from dcvlr.records import Detection, Detections, Score


def same_scores(first: Score, second: Score) -> bool:
    """Equal to 2 in the fourth decimal: results are rounded there."""
    return first.label == second.label and first.value == pytest.approx(second.value, abs=2e-4)


def same_detections(first: Detections, second: Detections, *, abs_px: float = 0.2) -> bool:
    """The same objects to 2 in the last digit of score and box; what scores alike may come in another order."""
    left = list(second.objects)
    for found in first.objects:
        twin = next((other for other in left if _is_same(found, other, abs_px)), None)
        if twin is None:
            return False
        left.remove(twin)
    return not left and first.labelled == second.labelled


def _is_same(found: Detection, other: Detection, abs_px: float) -> bool:
    close = found.score == pytest.approx(other.score, abs=2e-4) and found.box == pytest.approx(other.box, abs=abs_px)
    return found.label == other.label and close
