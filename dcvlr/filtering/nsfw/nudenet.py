"""How sure a detector is that a picture shows nudity, read off what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dcvlr.protocols import Detector
from dcvlr.records import Detections, Score
from dcvlr.settings import SettingError

LABELS = (
    "ANUS_COVERED",
    "ANUS_EXPOSED",
    "ARMPITS_COVERED",
    "ARMPITS_EXPOSED",
    "BELLY_COVERED",
    "BELLY_EXPOSED",
    "BUTTOCKS_COVERED",
    "BUTTOCKS_EXPOSED",
    "FACE_FEMALE",
    "FACE_MALE",
    "FEET_COVERED",
    "FEET_EXPOSED",
    "FEMALE_BREAST_COVERED",
    "FEMALE_BREAST_EXPOSED",
    "FEMALE_GENITALIA_COVERED",
    "FEMALE_GENITALIA_EXPOSED",
    "MALE_BREAST_EXPOSED",
    "MALE_GENITALIA_EXPOSED",
)


@dataclass(frozen=True, kw_only=True)
class NudeNetScore:
    """The highest score of any part of a body among `labels`, 0 if there is none; `label` names that part.

    Other parts that NudeNet knows, bare or covered, do not count, however sure it is of them.
    """

    parts: Detector
    labels: Sequence[str]

    def __post_init__(self) -> None:
        unknown = sorted(set(self.labels) - set(LABELS))
        if unknown or not self.labels:
            raise SettingError("labels", list(self.labels), f"some of {', '.join(LABELS)} are allowed")

    @property
    def sources(self) -> tuple[Detector]:
        return (self.parts,)

    def derive(self, parts: Detections, /) -> Score:
        explicit = [part for part in parts.objects if part.label in self.labels]
        if not explicit:
            return Score(value=0.0)
        strongest = max(explicit, key=lambda part: part.score)
        return Score(value=strongest.score, label=strongest.label or "")
