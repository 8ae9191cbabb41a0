"""Objects that a detector names: how many, where, how large, near what."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from random import Random

from dcvlr.records import Box, Evidence, Scene
from dcvlr.synthesis.draft import Draft, Limits
from dcvlr.synthesis.size import full_size
from dcvlr.text.plurals import plural

_CHOICES = 4
_SAME = 0.3  # boxes of one label that share more than this part of the smaller may be one object found twice


@dataclass(frozen=True)
class Thing:
    """One detection; `number` is n of its evidence id O<n>."""

    number: int
    label: str
    score: float
    box: Box

    @property
    def cite(self) -> str:
        return f"[O{self.number}]"

    @property
    def evidence(self) -> Evidence:
        return Evidence(kind="object", ref=f"O{self.number}", box=self.box, text=self.label)

    @property
    def area(self) -> float:
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])

    @property
    def centre(self) -> tuple[float, float]:
        return ((self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2)


def object_count(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    things = _things(scene)
    for label in sorted({thing.label for thing in things}):
        same = [thing for thing in things if thing.label == label]
        sure = all(thing.score >= limits.min_object_score for thing in same)
        apart = all(_shared(a.box, b.box) <= _SAME for a, b in combinations(same, 2))
        if not sure or not apart or len(same) > limits.max_count:
            continue
        near = [str(n) for n in range(max(1, len(same) - 2), len(same) + 4) if n != len(same)]
        yield Draft(
            question=f"How many {plural(label)} can be seen in the picture?",
            answer=str(len(same)),
            distractors=tuple(rng.sample(near, 3)),
            steps=(
                f"These are the places where a {label} is seen: " + ", ".join(thing.cite for thing in same) + ".",
                f"No two of them are the same one, so counting them gives {len(same)}.",
            ),
            evidence=tuple(thing.evidence for thing in same),
        )


def leftmost(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    yield from _along(scene, rng, limits, axis=0, sign=1, words=("furthest to the left", "left"))


def rightmost(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    yield from _along(scene, rng, limits, axis=0, sign=-1, words=("furthest to the right", "right"))


def highest(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    yield from _along(scene, rng, limits, axis=1, sign=1, words=("highest up", "top"))


def lowest(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    yield from _along(scene, rng, limits, axis=1, sign=-1, words=("lowest down", "bottom"))


def largest(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    things = sorted(_named(scene, limits), key=lambda thing: -thing.area)[:_CHOICES]
    if len(things) < 2 or things[0].area < limits.min_size_ratio * things[1].area:
        return
    best, *rest = things
    listed = ", ".join(f"{thing.label} {thing.area:.0f} {thing.cite}" for thing in sorted(things, key=_number))
    yield Draft(
        question="Which of these takes up the most room in the picture?",
        answer=best.label,
        distractors=tuple(thing.label for thing in rest),
        closed=True,
        steps=(
            f"The areas that they take up, in square pixels, are: {listed}.",
            f"The {best.label} has by far the largest of these areas, so it takes up the most room.",
        ),
        evidence=tuple(thing.evidence for thing in sorted(things, key=_number)),
    )


def nearest(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    things = _named(scene, limits)
    for anchor in things:
        others = sorted((thing for thing in things if thing is not anchor), key=_distance_from(anchor))[:_CHOICES]
        if len(others) < 2:
            continue
        first, second = (_distance_from(anchor)(thing) for thing in others[:2])
        if second < limits.min_size_ratio * first:
            continue
        listed = ", ".join(
            f"{thing.label} {_distance_from(anchor)(thing):.0f} {thing.cite}" for thing in sorted(others, key=_number)
        )
        yield Draft(
            question=f"Which of these is nearest to the {anchor.label}?",
            answer=others[0].label,
            distractors=tuple(thing.label for thing in others[1:]),
            closed=True,
            steps=(
                f"Pixels from the middle of the {anchor.label} {anchor.cite} to the other middles: {listed}.",
                f"The smallest of these distances is that of the {others[0].label}, so it is the nearest.",
            ),
            evidence=(anchor.evidence, *(thing.evidence for thing in sorted(others, key=_number))),
        )


def overlap(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    """Only clear cases: nearly all of one lies within the other, or there is a gap between them."""
    size = full_size(scene)
    if size is None:
        return
    for a, b in combinations(_named(scene, limits), 2):
        gap = max((max(a.box[i], b.box[i]) - min(a.box[i + 2], b.box[i + 2])) / size[i] for i in (0, 1))
        if _shared(a.box, b.box) >= 0.8:
            answer, why = (
                "yes",
                f"Nearly all of the smaller of the two lies within the area of the other {a.cite} {b.cite}.",
            )
        elif gap >= limits.min_gap:
            answer, why = (
                "no",
                f"There is a clear gap between the area of the one and that of the other {a.cite} {b.cite}.",
            )
        else:
            continue
        yield Draft(
            question=f"Do the {a.label} and the {b.label} overlap in the picture?",
            answer=answer,
            distractors=("no" if answer == "yes" else "yes",),
            closed=True,
            steps=(f"The {a.label} {a.cite} and the {b.label} {b.cite} are found in the picture.", why),
            evidence=(a.evidence, b.evidence),
        )


def _along(
    scene: Scene, rng: Random, limits: Limits, *, axis: int, sign: int, words: tuple[str, str]
) -> Iterator[Draft]:
    size = full_size(scene)
    if size is None:
        return
    things = sorted(_named(scene, limits), key=lambda thing: sign * thing.centre[axis])
    if len(things) < 2:
        return
    (best, *rest), (extreme, side) = things, words
    # Ahead by its middle and by its edge, so that a person who looks at either says the same; and of all things, not
    # only of those that become options.
    edge = axis if sign > 0 else axis + 2
    gap = 2 * limits.min_gap * size[axis]
    if any(sign * (other.box[edge] - best.box[edge]) <= 0 for other in rest):
        return
    if any(sign * (other.centre[axis] - best.centre[axis]) < gap for other in rest):
        return
    things = things[:_CHOICES]
    listed = ", ".join(f"{thing.label} {thing.cite}" for thing in things)
    yield Draft(
        question=f"Which of these is {extreme} in the picture?",
        answer=best.label,
        distractors=tuple(thing.label for thing in things[1:]),
        closed=True,
        steps=(
            f"Going by their middles from the {side} the order is: {listed}.",
            f"The first in this order is the {best.label}, so it is {extreme}.",
        ),
        evidence=tuple(thing.evidence for thing in things),
    )


def _things(scene: Scene) -> list[Thing]:
    if scene.objects is None or not scene.objects.labelled:
        return []
    return [
        Thing(number, found.label, found.score, found.box)
        for number, found in enumerate(scene.objects.objects, start=1)
        if found.label is not None
    ]


def _named(scene: Scene, limits: Limits) -> list[Thing]:
    """Things that their label names without doubt: one of a kind, and surely found."""
    things = _things(scene)
    counts = Counter(thing.label for thing in things)
    return [thing for thing in things if counts[thing.label] == 1 and thing.score >= limits.min_object_score]


def _number(thing: Thing) -> int:
    return thing.number


def _distance_from(anchor: Thing) -> Callable[[Thing], float]:
    return lambda thing: math.dist(anchor.centre, thing.centre)


def _shared(a: Box, b: Box) -> float:
    """Area that two boxes have in common, as a share of the smaller of the two."""
    width, height = (max(0.0, min(a[i + 2], b[i + 2]) - max(a[i], b[i])) for i in (0, 1))
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return width * height / smaller if smaller > 0 else 1.0
