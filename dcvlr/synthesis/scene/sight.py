"""What is seen rather than read: named objects, and how light and of which colour each part of a picture is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Annotated

from msgspec import Meta

from dcvlr.records import Box, Detections, PixelFacts
from dcvlr.settings import Count, Fraction, checked

_SAME = 0.3  # boxes of one label that share more than this part of the smaller may be one object found twice


@dataclass(frozen=True, kw_only=True)
@checked
class SightLimits:
    """From where on something is clear enough to be asked about by eye; scores and shares are of 1.

    `min_gap` is of the picture's side, `min_lightness_gap` of L* from 0 to 100.
    """

    min_object_score: Fraction
    max_count: Count
    min_gap: Fraction
    min_size_ratio: Annotated[float, Meta(ge=1, le=100)]
    min_colour_share: Fraction
    min_colour_gap: Fraction
    min_lightness_gap: Annotated[float, Meta(ge=0, le=100)]


@dataclass(frozen=True, slots=True)
class SceneObject:
    """One detection; `ref` is its evidence id, O<n>."""

    ref: str
    label: str
    box: Box

    @property
    def area(self) -> float:
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])

    @property
    def centre(self) -> tuple[float, float]:
        return ((self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2)


@dataclass(frozen=True, slots=True)
class Part:
    """One rectangular part of a picture; `shares` are whole percent of its pixels by colour, `lightness` is L*."""

    name: str
    box: Box
    shares: dict[str, int]
    lightness: Decimal


def countable(found: Detections, limits: SightLimits) -> dict[str, list[SceneObject]]:
    """Objects by label, of labels whose every object is sure and stands apart from the others of its kind."""
    groups: defaultdict[str, list[SceneObject]] = defaultdict(list)
    doubtful = {one.label for one in found.objects if one.score < limits.min_object_score}
    for index, one in enumerate(found.objects, start=1):
        if one.label is not None:
            groups[one.label].append(SceneObject(f"O{index}", one.label, one.box))
    return {
        label: objects
        for label, objects in sorted(groups.items())
        if label not in doubtful and len(objects) <= limits.max_count and _stand_apart(objects)
    }


def distance(a: SceneObject, b: SceneObject) -> float:
    return math.dist(a.centre, b.centre)


def parts(facts: PixelFacts, names: Sequence[str]) -> list[Part]:
    """The named parts that were measured, in this order."""
    return [
        Part(
            name,
            facts.parts[name].box,
            {colour: round(100 * share) for colour, share in facts.parts[name].shares.items()},
            Decimal(str(round(facts.parts[name].lab[0], 1))),
        )
        for name in names
        if name in facts.parts
    ]


def _stand_apart(objects: Sequence[SceneObject]) -> bool:
    return all(_shared(a.box, b.box) <= _SAME for a, b in combinations(objects, 2))


def _shared(a: Box, b: Box) -> float:
    """Area that two boxes have in common, as a share of the smaller of the two."""
    width, height = (max(0.0, min(a[i + 2], b[i + 2]) - max(a[i], b[i])) for i in (0, 1))
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return width * height / smaller if smaller > 0 else 1.0
