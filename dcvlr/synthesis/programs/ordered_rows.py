"""Operations on rows in the order in which they stand: months of a year, days of a week, entries of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from msgspec.structs import replace

from dcvlr.synthesis.programs.expressions import Column, Read
from dcvlr.synthesis.programs.rounding import AmbiguousError, decimals
from dcvlr.synthesis.scene.values import Quantity


def kept(column: Column, entries: Sequence[Read], least: int = 1) -> Column:
    """Raises `AmbiguousError` where fewer than `least` rows pass."""
    if len(entries) < least:
        raise AmbiguousError("nothing is left")
    return replace(column, entries=tuple(entries))


def _growth(column: Column) -> Column:
    """By how much each row's value is above that of the row before; below 0 where it fell. The first row has none."""
    return kept(column, [less(one, before) for before, one in pairwise(column.entries)])


def less(one: Read, before: Read) -> Read:
    """The row with by how much its value is above the other's, in as many decimals as either has."""
    wider = max(one.value, before.value, key=decimals)
    return replace(one, value=replace(wider, number=one.value.number - before.value.number))


def _span(column: Column, first: str, last: str) -> Column:
    names = [one.label for one in column.entries]
    return kept(column, column.entries[names.index(first) : names.index(last) + 1], 2)


def _last(column: Column, count: Quantity) -> Column:
    return kept(column, column.entries[-int(count.number) :], int(count.number))


def _after(column: Column, label: str) -> Column:
    names = [one.label for one in column.entries]
    return kept(column, column.entries[names.index(label) + 1 :])


def _before(column: Column, label: str) -> Column:
    names = [one.label for one in column.entries]
    return kept(column, column.entries[: names.index(label)])


OF_ORDER: dict[str, Callable[..., Column]] = {
    "growth": _growth,
    "span": _span,
    "last": _last,
    "after": _after,
    "before": _before,
}
