"""No kind of question has one answer more often than another where it need not: limits and rows are drawn so."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random

import pytest

from dcvlr.synthesis.programs.evaluate import evaluate
from dcvlr.synthesis.programs.expressions import Column, Read, Words
from dcvlr.synthesis.programs.forms.one_column import about_column
from dcvlr.synthesis.programs.near_misses import near_misses
from dcvlr.synthesis.programs.rounding import AmbiguousError
from dcvlr.synthesis.scene.values import Quantity, shown

SEEDS = 150


def column(*amounts: int) -> Column:
    entries = [
        Read(Quantity("number", Decimal(amount), "0|"), f"T{2 * n}", f"row {n}", f"T{2 * n - 1}")
        for n, amount in enumerate(amounts, 1)
    ]
    return Column(tuple(entries), Words("item", "count"))


def answers(kind: str, c: Column) -> Counter[str]:
    found: Counter[str] = Counter()
    for seed in range(SEEDS):
        for one in about_column(c, Random(seed), additive=True):
            if one.kind == kind:
                try:
                    value = evaluate(one.program)
                except AmbiguousError:
                    continue
                found[shown(value) if isinstance(value, Quantity) else str(value)] += 1
    return found


@pytest.mark.parametrize("kind", ["times_least", "more_than_two"])
def test_yes_is_as_likely_as_no(kind: str) -> None:
    found = answers(kind, column(12, 25, 47, 61, 90))
    assert set(found) == {"True", "False"}
    assert 0.35 < found["True"] / found.total() < 0.65


def test_nobody_is_asked_what_could_only_be_answered_by_no() -> None:
    alike = column(50, 52, 55, 57)
    assert not answers("times_least", alike)
    assert not answers("more_than_two", alike)


def test_any_number_of_rows_lies_between_two_limits() -> None:
    found = answers("count_between", column(12, 25, 47, 61, 90, 120, 155))
    assert set(found) == {"2", "3", "4", "5"}
    assert max(found.values()) < 0.4 * found.total()
    assert not answers("count_between", column(12, 25, 47, 61)), "two of four, and nothing else"


def test_a_share_of_rows_has_other_shares_of_them_beside_it() -> None:
    c = column(12, 25, 47, 61, 90)
    found = answers("count_share", c)
    assert set(found) == {"20%", "40%", "60%", "80%"}
    assert max(found.values()) < 0.4 * found.total()
    one = next(one for one in about_column(c, Random(1), additive=True) if one.kind == "count_share")
    others = near_misses(one.program, evaluate(one.program), one.others, Random(2))
    assert {shown(other) for other in others if isinstance(other, Quantity)} < set(found)
