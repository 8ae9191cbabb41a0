"""Values that a question brings along to divide the rows of a column by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
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
    between = _all_between([one.value.number for one in c.entries], c)
    return [like(c.entries[0].value, value) for value in between if value is not None]


def between_values(values: Sequence[Decimal], c: Column, rng: Random) -> list[Constant]:
    """Up to two round values, written as those of `c`, each between neighbours of the order."""
    found = [value for value in _all_between(values, c) if value is not None]
    return [like(c.entries[0].value, value) for value in rng.sample(found, min(2, len(found)))]


def two_limits(c: Column, rng: Random) -> list[tuple[int, tuple[Constant, Constant]]]:
    """Two round values with one row between them, and two with several, of which any number is as likely as another.

    Several only of a column of so many rows that nobody knows beforehand how many.
    """
    values = sorted(one.value.number for one in c.entries)
    limits = [value for value in _all_between(values, c) if value is not None]
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


def _all_between(values: Sequence[Decimal], c: Column) -> Iterator[Decimal | None]:
    like_this = c.entries[0].value
    decimals = int(like_this.form[0]) if like_this.form[:1].isdigit() else 0
    fine = tuple(one for one in _STEPS if one == one.quantize(Decimal(1).scaleb(-decimals)))
    step = (Decimal(30), Decimal(15)) if like_this.kind == "time" else fine
    return (_between(low, high, step) for low, high in pairwise(sorted(set(values))))


_MANY = 6  # rows from which on it is asked how many lie between two values
_STEPS = tuple(Decimal(step) for step in ("1000", "500", "100", "50", "20", "10", "5", "2", "1", "0.5", "0.1"))


def _between(low: Decimal, high: Decimal, steps: tuple[Decimal, ...]) -> Decimal | None:
    for step in steps:
        value = (low // step + 1) * step
        if low < value < high and value != 1:  # nobody has more than 1 points, or fewer
            return value
    return None
