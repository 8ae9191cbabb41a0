"""No kind of question has one answer more often than another where it need not: limits and rows are drawn so."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from synthesis.made_scenes import slope, writer

from dcvlr.memo import Memo
from dcvlr.synthesis.programs.evaluate import evaluate
from dcvlr.synthesis.programs.expressions import Column, Constant, Read, Words
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


def test_yes_is_as_likely_as_no() -> None:
    found = answers("more_than_two", column(12, 25, 47, 61, 90))
    assert set(found) == {"True", "False"}
    assert 0.35 < found["True"] / found.total() < 0.65


def test_nobody_is_asked_what_could_only_be_answered_by_no() -> None:
    alike = column(50, 52, 55, 57)
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
    beside: Counter[str] = Counter()
    for seed in range(60):
        for one in about_column(c, Random(seed), additive=True):
            if one.kind == "count_share":
                answer = evaluate(one.program)
                assert isinstance(answer, Quantity)
                beside.update(shown(other) for other in near_misses(one.program, answer, one.others, Random(seed)))
    assert sum(beside[share] for share in found) > 0.55 * beside.total()


def test_the_rank_of_an_amount_among_its_options_says_nothing() -> None:
    """Of what is left between two values most slips of the program are larger."""
    ranks: Counter[int] = Counter()
    for seed in range(SEEDS):
        for one in about_column(column(112, 125, 147, 161, 190), Random(seed), additive=True):
            if one.kind in ("lead", "range"):
                answer = evaluate(one.program)
                assert isinstance(answer, Quantity)
                others = near_misses(one.program, answer, one.others, Random(seed))
                assert len({*others, answer}) == 4
                ranks[sum(other.number < answer.number for other in others)] += 1
    assert max(ranks.values()) < 0.35 * ranks.total()


def test_decimals_of_options_do_not_give_the_answer_away() -> None:
    """Beside a mean of 130.7 the largest value is 172.0, and not all others are whole."""
    for amounts in ((66, 172, 154), (17, 80, 35)):
        (form,) = (one for one in about_column(column(*amounts), Random(0), additive=True) if one.kind == "mean")
        answer = evaluate(form.program)
        assert isinstance(answer, Quantity)
        assert shown(answer) in ("130.7", "44.0")
        for seed in range(SEEDS):
            others = [shown(one) for one in near_misses(form.program, answer, form.others, Random(seed))]
            assert {len(one.partition(".")[2]) for one in others} == {1}
            assert sum(one.endswith(".0") is not shown(answer).endswith(".0") for one in others) <= 1


def test_what_lies_on_one_side_is_not_asked_for_where_all_things_do() -> None:
    for seed in range(10):
        (made,) = writer(seed=seed)([slope()], Memo(Path("unused")))
        for qa in made.qas:
            if qa.generator.endswith("_names") and "/side_" in qa.generator:
                compared = [one.text for one in qa.evidence]
                assert 0 < len(qa.answer.split(", ")) < len(compared) - 1


def test_no_option_says_that_more_rows_than_there_are_lie_above_a_limit() -> None:
    for seed in range(40):
        for one in about_column(column(12, 25, 47, 61), Random(seed), additive=True):
            if one.kind == "count_above":
                answer = evaluate(one.program)
                assert isinstance(answer, Quantity)
                others = {int(other.number) for other in near_misses(one.program, answer, one.others, Random(seed))}
                assert others < {0, 1, 2, 3, 4}


@pytest.mark.parametrize("kind", ["majority_above", "majority_below"])
def test_whether_most_rows_lie_beyond_a_limit_is_asked_where_it_is_about_half_of_them(kind: str) -> None:
    found = answers(kind, column(12, 25, 47, 61, 90))
    assert found["True"] == found["False"] > 0
    beside = {
        form.names["n"]
        for form in about_column(column(12, 25, 47, 61, 90), Random(0), additive=True)
        if form.kind == kind
    }
    assert {shown(limit.value) for limit in beside if isinstance(limit, Constant)} == {"40", "50"}
    assert not answers(kind, column(12, 12, 12, 90)), "all limits are on one side"
