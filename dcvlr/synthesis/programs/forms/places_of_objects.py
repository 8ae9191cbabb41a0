"""Questions about where objects are beside each other: nearest, left and above, between, in the frame of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise, product
from random import Random

from dcvlr.synthesis.programs.evaluate import evaluate
from dcvlr.synthesis.programs.expressions import Column, Expression, Label, OpCall, Read, Words, call
from dcvlr.synthesis.programs.forms.form import Form, form
from dcvlr.synthesis.programs.rounding import AmbiguousError
from dcvlr.synthesis.scene.box_geometry import contains, gap, shared_of_smaller
from dcvlr.synthesis.scene.sight import SceneObject, SightLimits, distance, is_whole, side
from dcvlr.synthesis.scene.values import Quantity

_SIDES = {"left_of": (0, -1), "right_of": (0, 1), "higher_than": (1, -1), "lower_than": (1, 1)}
_NAMES = {"left_of": "left", "right_of": "right", "higher_than": "higher", "lower_than": "lower"}
_FEWEST = 3  # things beside the one that they are held against, from which on sets of them are asked for
_MOST = 5  # things that a question lists
_DRAWN = 3  # things, and pairs of them, that others are held against in one picture
_OVERLAP = 0.25  # of the smaller box, from which on two overlap clearly

Clear = Callable[[SceneObject], bool]


def about_places(
    single: Sequence[SceneObject], size: tuple[int, int], limits: SightLimits, rng: Random
) -> Iterator[Form]:
    """`single` are the objects that are alone of their kind. Only what is clearly so, or clearly not, is compared."""
    if len(single) <= _FEWEST:
        return
    gaps = (limits.min_gap * size[0], limits.min_gap * size[1])
    for x in rng.sample(single, min(_DRAWN, len(single))):
        yield from _beside(single, x, gaps)
        yield from _frames(single, x, gaps)
        yield from _distances([one for one in single if is_whole(one, size)], x, limits)
    for _ in range(_DRAWN):
        x, y = rng.sample(single, 2)
        yield from _two_sides(single, x, y, gaps)
        yield from _nearest_at_a_side([one for one in single if is_whole(one, size)], x, y, gaps, limits)


def _column(x: Sequence[SceneObject], others: Sequence[SceneObject]) -> Column:
    some = sorted((*x, *others), key=lambda one: one.label)
    boxes = (Read(Quantity("box", Decimal(0)), one.ref, one.label, one.ref, box=one.box) for one in some)
    return Column(tuple(boxes), Words("object_kind", "place", "places"))


def _label(one: SceneObject) -> Label:
    return Label(one.label, one.ref)


def _others(single: Sequence[SceneObject], named: Sequence[SceneObject], clear: Clear) -> list[SceneObject]:
    """Things that a question holds against the `named` ones; none where there are too few."""
    found = [one for one in single if one not in named and clear(one)][:_MOST]
    return found if len(found) >= _FEWEST else []


def _asked(kind: str, part: OpCall, compared: int, **names: Expression) -> Iterator[Form]:
    """Which they are, and how many, of those that are `compared`: where they are not all; nobody counts to one."""
    try:
        found = evaluate(part)
    except AmbiguousError:
        return
    assert isinstance(found, Column)
    if len(found.entries) < compared:
        yield Form(kind=f"{kind}_names", program=call("names", part), names=names, closed=True)
        if len(found.entries) > 1:
            yield Form(kind=f"{kind}_count", program=call("count", part), names=names)


def _beside(single: Sequence[SceneObject], x: SceneObject, gaps: tuple[float, float]) -> Iterator[Form]:
    for op, (axis, _) in _SIDES.items():
        others = _others(single, [x], lambda one, axis=axis: side(one, x, axis, gaps[axis]) != 0)  # type: ignore[misc]
        if others:
            c, label = _column([x], others), _label(x)
            yield from _asked(f"side_{_NAMES[op]}", call(op, c, label), len(others), c=c, x=label)


def _two_sides(
    single: Sequence[SceneObject], x: SceneObject, y: SceneObject, gaps: tuple[float, float]
) -> Iterator[Form]:
    others = _others(single, [x, y], lambda one: side(one, x, 0, gaps[0]) != 0 and side(one, y, 1, gaps[1]) != 0)
    if others:
        c, a, b = _column([x, y], others), _label(x), _label(y)
        for across, down in product(("left_of", "right_of"), ("higher_than", "lower_than")):
            both = call("both", call(across, c, a), call(down, c, b))
            yield form(f"corner_{_NAMES[across]}_{_NAMES[down]}", call("names", both), closed=True, c=c, x=a, y=b)
        if side(y, x, 0, gaps[0]) > 0:
            rest = call("excluding", call("left_of", c, a), call("higher_than", c, b))
            yield form("corner_left_not_higher", call("names", rest), closed=True, c=c, x=a, y=b)
    others = _others(single, [x, y], lambda one: side(one, x, 0, gaps[0]) != 0 and side(one, y, 0, gaps[0]) != 0)
    if others and side(x, y, 0, gaps[0]) < 0:
        c, a, b = _column([x, y], others), _label(x), _label(y)
        part = call("both", call("right_of", c, a), call("left_of", c, b))
        yield from _asked("between", part, len(others), c=c, x=a, y=b)


def _frames(single: Sequence[SceneObject], x: SceneObject, gaps: tuple[float, float]) -> Iterator[Form]:
    """Of frames drawn around things, those that overlap another one or lie in it."""
    margin = min(gaps) / 5

    def overlaps_clearly(one: SceneObject) -> bool:
        return shared_of_smaller(one.box, x.box) >= _OVERLAP or gap(one.box, x.box) >= margin

    def is_clearly_inside(one: SceneObject) -> bool:
        return contains(x.box, one.box, margin) or not contains(x.box, one.box, -margin)

    for op, clear in (("overlapping", overlaps_clearly), ("inside", is_clearly_inside)):
        if others := _others(single, [x], clear):
            c, label = _column([x], others), _label(x)
            yield from _asked(f"frame_{op}", call(op, c, label), len(others), c=c, x=label)


def _distances(whole: Sequence[SceneObject], x: SceneObject, limits: SightLimits) -> Iterator[Form]:
    others = sorted(_others(whole, [x], lambda _: True), key=lambda one: distance(one, x))
    if x not in whole or not others:
        return
    c, label = _column([x], others), _label(x)
    far = call("distances", c, label)
    steps = [_is_nearer(a, b, x, limits) for a, b in pairwise(others)]
    for kind, op, is_clear in (
        ("near_nearest", "argmin", steps[0]),
        ("near_farthest", "argmax", steps[-1]),
        ("near_order", "ascending", all(steps)),
    ):
        if is_clear:
            yield form(kind, call(op, far), closed=True, c=c, x=label)


def _nearest_at_a_side(
    whole: Sequence[SceneObject], x: SceneObject, y: SceneObject, gaps: tuple[float, float], limits: SightLimits
) -> Iterator[Form]:
    """Of all that is left (or right) of y, what is nearest to x, wherever that is."""
    if x not in whole or y not in whole:
        return
    for op, sign in (("left_of", -1), ("right_of", 1)):
        others = _others(whole, [x, y], lambda one: side(one, y, 0, gaps[0]) != 0)
        there = sorted((one for one in others if side(one, y, 0, gaps[0]) == sign), key=lambda one: distance(one, x))
        if len(there) < 2 or side(x, y, 0, gaps[0]) == 0 or not _is_nearer(there[0], there[1], x, limits):
            continue
        c, a, b = _column([x, y], others), _label(x), _label(y)
        part = call("both", call("distances", c, a), call(op, c, b))
        yield form(f"near_{_NAMES[op]}", call("argmin", part), closed=True, c=c, x=a, y=b)


def _is_nearer(a: SceneObject, b: SceneObject, x: SceneObject, limits: SightLimits) -> bool:
    """Clearly so, whether one goes by middles or by the space in between."""
    return distance(b, x) >= limits.min_size_ratio * distance(a, x) and gap(a.box, x.box) <= gap(b.box, x.box)
