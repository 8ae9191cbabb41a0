"""Faces, read off what NudeNet found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dcvlr.models.nudenet import NudeNet
from dcvlr.records import Box, Detection, Detections
from dcvlr.settings import Fraction, checked


@dataclass(frozen=True, kw_only=True)
@checked
class Faces:
    """NudeNet's FACE_FEMALE and FACE_MALE as one label "face"; a face found under both is kept once.

    Nothing is recorded about whose face it is: the labels of the network are dropped.
    """

    nudenet: NudeNet
    min_score: Fraction
    max_overlap: Fraction

    @property
    def sources(self) -> tuple[NudeNet, ...]:
        return (self.nudenet,)

    def derive(self, found: Detections) -> Detections:
        faces = [
            Detection(label="face", score=detection.score, box=detection.box)
            for detection in found.objects
            if (detection.label or "").startswith("FACE_") and detection.score >= self.min_score
        ]
        apart = _apart(faces, self.max_overlap)
        return Detections(width=found.width, height=found.height, objects=apart, labelled=True)


def _apart(objects: Iterable[Detection], max_overlap: float) -> tuple[Detection, ...]:
    """The strongest of those whose intersection over union is above `max_overlap`."""
    kept: list[Detection] = []
    for detection in objects:
        if all(_overlap(detection.box, other.box) <= max_overlap for other in kept):
            kept.append(detection)
    return tuple(kept)


def _overlap(a: Box, b: Box) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / both if both else 0.0
