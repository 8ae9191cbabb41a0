"""Operations on objects: what stands where beside another one, and sets of kinds.

Columns of these operations hold a box in each row, those of sets any rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from operator import gt, lt

from msgspec.structs import replace

from dcvlr.records import Box, shared_area
from dcvlr.synthesis.programs.expressions import Column, KindGroup, Read
from dcvlr.synthesis.programs.ordered_rows import kept
from dcvlr.synthesis.scene.box_geometry import centre, contains
from dcvlr.synthesis.scene.values import Quantity

Of = Callable[[Column, str], Column]


def _box(one: Read) -> Box:
    assert one.box is not None
    return one.box


def _related(holds: Callable[[Box, Box], bool]) -> Of:
    """Rows whose box stands in a relation to that of the row `label`, which is none of them."""

    def operation(column: Column, label: str) -> Column:
        to = _box(next(one for one in column.entries if one.label == label))
        return kept(column, [one for one in column.entries if one.label != label and holds(_box(one), to)])

    return operation


def _towards(axis: int, before: Callable[[float, float], bool]) -> Of:
    return _related(lambda one, to: before(centre(one)[axis], centre(to)[axis]))


def _distances(column: Column, label: str) -> Column:
    """How far the middle of each other row is from that of the row `label`."""
    to = centre(_box(next(one for one in column.entries if one.label == label)))
    others = [one for one in column.entries if one.label != label]
    far = [Decimal(str(round(math.dist(centre(_box(one)), to), 1))) for one in others]
    measured = [replace(one, value=Quantity("distance", number, "1|")) for one, number in zip(others, far, strict=True)]
    return kept(column, measured)


def _names(column: Column) -> tuple[str, ...]:
    return tuple(one.label for one in column.entries)


def _either(one: Column, other: Column) -> Column:
    """Rows of the one and rows of the other, in the order of the alphabet; what is in both once."""
    rows = {entry.label: entry for entry in (*one.entries, *other.entries)}
    return kept(one, [rows[label] for label in sorted(rows)])


def _excluding(column: Column, others: Column) -> Column:
    gone = set(_names(others))
    return kept(column, [one for one in column.entries if one.label not in gone])


def _among(column: Column, group: KindGroup) -> Column:
    return kept(column, [one for one in column.entries if one.label in group.members])


OF_OBJECTS: dict[str, Callable[..., Column | tuple[str, ...]]] = {
    "left_of": _towards(0, lt),
    "right_of": _towards(0, gt),
    "higher_than": _towards(1, lt),
    "lower_than": _towards(1, gt),
    "overlapping": _related(lambda one, to: shared_area(one, to) > 0),
    "inside": _related(lambda one, to: contains(to, one)),
    "distances": _distances,
    "several": lambda column: kept(column, [one for one in column.entries if one.value.number > 1]),
    "among": _among,
    "either": _either,
    "excluding": _excluding,
    "names": _names,
}
