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

from dcvlr.records import Box, Detections, PixelFacts, box_area
from dcvlr.settings import Count, Fraction, checked
from dcvlr.synthesis.scene.box_geometry import centre, shared_of_both, shared_of_smaller

_SAME = 0.3  # boxes of one label that share more than this part of the smaller may be one object found twice
_TWO_NAMES = 0.5  # boxes of two labels that share more than this part of what they cover may be one object
_EDGE = 0.01  # of the side of a picture: what comes nearer to its edge may go on beyond it


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
        return box_area(self.box)

    @property
    def centre(self) -> tuple[float, float]:
        return centre(self.box)


@dataclass(frozen=True, slots=True)
class Part:
    """One rectangular part of a picture; `shares` are whole percent of its pixels by colour, `lightness` is L*."""

    name: str
    box: Box
    shares: dict[str, int]
    lightness: Decimal


def countable(found: Detections, limits: SightLimits) -> dict[str, list[SceneObject]]:
    """Objects by label, of labels whose every object is sure, stands apart from others of its kind and has one name.

    What a second model confirmed is sure, whatever its score.
    """
    groups: defaultdict[str, list[SceneObject]] = defaultdict(list)
    doubtful = {one.label for one in found.objects if one.score < limits.min_object_score} - set(found.confirmed)
    doubtful |= _called_twice(found) | set(found.unsure)
    for index, one in enumerate(found.objects, start=1):
        if one.label is not None:
            groups[one.label].append(SceneObject(f"O{index}", one.label, one.box))
    return {
        label: objects
        for label, objects in sorted(groups.items())
        if label not in doubtful and len(objects) <= limits.max_count and _stand_apart(objects)
    }


def alone(found: Detections, limits: SightLimits) -> list[SceneObject]:
    """Objects of which there is one of their kind."""
    return [objects[0] for objects in countable(found, limits).values() if len(objects) == 1]


def distance(a: SceneObject, b: SceneObject) -> float:
    return math.dist(a.centre, b.centre)


def is_ahead(a: SceneObject, b: SceneObject, axis: int, sign: int, gap: float) -> bool:
    """Whether `a` comes clearly before `b` on axis 0 (from the left) or 1 (from the top), or from the other end where
    `sign` is -1."""
    edge = axis if sign > 0 else axis + 2
    return sign * (b.centre[axis] - a.centre[axis]) >= 2 * gap and sign * (b.box[edge] - a.box[edge]) > 0


def side(a: SceneObject, b: SceneObject, axis: int, gap: float) -> int:
    """-1 where `a` stands clearly before `b` on an axis, 1 behind it, 0 where their boxes reach beside each other."""
    for sign in (1, -1):
        if is_ahead(a, b, axis, sign, gap) and not b.box[axis] <= a.centre[axis] <= b.box[axis + 2]:
            return -sign
    return 0


def is_whole(one: SceneObject, size: tuple[int, int]) -> bool:
    """Whether an object ends before the edges of the picture, so that its size and its middle are seen."""
    edges = [_EDGE * side for side in size]
    return all(one.box[i] > edges[i] and one.box[i + 2] < size[i] - edges[i] for i in (0, 1))


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
    return all(shared_of_smaller(a.box, b.box) <= _SAME for a, b in combinations(objects, 2))


def _called_twice(found: Detections) -> set[str | None]:
    """Labels of which one object may be what another label calls it, too: a dog that may be a cat."""
    pairs = ((a, b) for a, b in combinations(found.objects, 2) if a.label != b.label)
    return {one.label for a, b in pairs if shared_of_both(a.box, b.box) > _TWO_NAMES for one in (a, b)}
