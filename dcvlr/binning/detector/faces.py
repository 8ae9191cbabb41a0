"""Faces, read off what NudeNet found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dcvlr.models.nudenet import NudeNet
from dcvlr.records import Box, Detection, Detections, box_area, shared_area
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
    shared = shared_area(a, b)
    both = box_area(a) + box_area(b) - shared
    return shared / both if both else 0.0
