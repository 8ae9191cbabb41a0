"""Values that a question brings along to divide the rows of a column by."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from random import Random

from dcvlr.synthesis.programs.expressions import Column, Constant
from dcvlr.synthesis.programs.forms.form import like


def round_limits(c: Column, rng: Random) -> list[Constant]:
    """Up to two values between neighbours of the order, as round as fits between them."""
    return between_values([one.value.number for one in c.entries], c, rng)


def between_values(values: Sequence[Decimal], c: Column, rng: Random) -> list[Constant]:
    """Up to two round values, written as those of `c`, each between neighbours of the order."""
    like_this = c.entries[0].value
    decimals = int(like_this.form[0]) if like_this.form[:1].isdigit() else 0
    fine = tuple(one for one in _STEPS if one == one.quantize(Decimal(1).scaleb(-decimals)))
    step = (Decimal(30), Decimal(15)) if like_this.kind == "time" else fine
    between = (_between(low, high, step) for low, high in pairwise(sorted(set(values))))
    found = [value for value in between if value is not None]
    return [like(like_this, value) for value in rng.sample(found, min(2, len(found)))]


_STEPS = tuple(Decimal(step) for step in ("1000", "500", "100", "50", "20", "10", "5", "2", "1", "0.5", "0.1"))


def _between(low: Decimal, high: Decimal, steps: tuple[Decimal, ...]) -> Decimal | None:
    for step in steps:
        value = (low // step + 1) * step
        if low < value < high:
            return value
    return None
