"""Values that a question brings along to divide the rows of a column by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import combinations, pairwise
from random import Random

from dcvlr.synthesis.programs.expressions import Column, Constant
from dcvlr.synthesis.programs.forms.form import like


def round_limits(c: Column, rng: Random) -> list[Constant]:
    """Up to two values between neighbours of the order, as round as fits between them."""
    found = all_limits(c)
    return rng.sample(found, min(2, len(found)))


def all_limits(c: Column) -> list[Constant]:
    """One value between each two neighbours of the order between which a round one fits."""
    values = [one.value.number for one in c.entries]
    return [like(c.entries[0].value, value) for value in _all_between(values, c)]


def between_values(values: Sequence[Decimal], c: Column, rng: Random) -> list[Constant]:
    """Up to two round values, written as those of `c`, each between neighbours of the order."""
    found = _all_between(values, c)
    return [like(c.entries[0].value, value) for value in rng.sample(found, min(2, len(found)))]


def two_limits(c: Column, rng: Random) -> list[tuple[int, tuple[Constant, Constant]]]:
    """Two round values with one row between them, and two with several, of which any number is as likely as another.

    Several only of a column of so many rows that nobody knows beforehand how many.
    """
    values = sorted(one.value.number for one in c.entries)
    limits = _all_between(values, c)
    found: defaultdict[int, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for low, high in combinations(limits, 2):
        found[sum(low < value < high for value in values)].append((low, high))
    several = [inside for inside in sorted(found) if inside > 1]
    wanted = [1] if found[1] else []
    if len(values) >= _MANY and len(several) > 1:
        wanted.append(rng.choice(several))
    like_this = c.entries[0].value
    drawn = [(inside, rng.choice(found[inside])) for inside in wanted]
    return [(inside, (like(like_this, low), like(like_this, high))) for inside, (low, high) in drawn]


def _all_between(values: Sequence[Decimal], c: Column) -> tuple[Decimal, ...]:
    like_this = c.entries[0].value
    if like_this.kind == "time":
        return _round_between(tuple(values), _OF_AN_HOUR)
    has_decimals = like_this.notation[:1].isdigit() and like_this.notation[0] != "0"
    return _round_between(tuple(values), _STEPS if has_decimals else _WHOLE)


_MANY = 6  # rows from which on it is asked how many lie between two values
_WHOLE = tuple(Decimal(step) for step in ("1000", "500", "100", "50", "20", "10", "5", "2", "1"))
_STEPS = (*_WHOLE, Decimal("0.5"), Decimal("0.1"))
_OF_AN_HOUR = (Decimal(30), Decimal(15))


@lru_cache(maxsize=256)  # many questions of one column divide its rows
def _round_between(values: tuple[Decimal, ...], steps: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
    """A multiple of the largest step possible between each two neighbours that have one."""
    found = (_between(low, high, steps) for low, high in pairwise(sorted(set(values))))
    return tuple(value for value in found if value is not None)


def _between(low: Decimal, high: Decimal, steps: tuple[Decimal, ...]) -> Decimal | None:
    for step in steps:
        value = (low // step + 1) * step
        if low < value < high and value != 1:  # nobody has more than 1 points, or fewer
            return value
    return None
