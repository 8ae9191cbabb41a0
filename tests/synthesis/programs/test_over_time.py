"""Rows that follow each other in time: what rose, how often, what some of them come to."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from synthesis.made_documents import half_year
from synthesis.made_scenes import english, writer

from dcvlr.memo import Memo
from dcvlr.synthesis.programs.draw import DrawnForm, answered
from dcvlr.synthesis.programs.expressions import Column, Read, Words, depth
from dcvlr.synthesis.programs.forms.form import Form
from dcvlr.synthesis.programs.forms.over_time import over_time
from dcvlr.synthesis.programs.forms.several_steps import several_steps
from dcvlr.synthesis.programs.wording import Wording
from dcvlr.synthesis.scene.values import Quantity, follow_each_other
from dcvlr.validation.checks.proof import Proof
from dcvlr.validation.proofs.asked import in_a_row, in_turn

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun")


def column(*amounts: int, names: tuple[str, ...] = MONTHS) -> Column:
    rows = zip(names, amounts, strict=False)
    entries = [
        Read(Quantity("number", Decimal(n), "0|"), f"T{2 * i}", row, f"T{2 * i - 1}")
        for i, (row, n) in enumerate(rows, 1)
    ]
    return Column(tuple(entries), Words("month", "visitors", "chart"))


def answers(forms: list[Form]) -> dict[str, str]:
    wording = Wording(english().words)
    made = (answered(DrawnForm(form, depth(form.program), None)) for form in forms)
    return {one.form.kind: wording.answer(one.answer) for one in made if one is not None}


def test_what_rose_and_fell_from_one_month_to_the_next() -> None:
    found = answers(list(over_time(column(162, 563, 788, 624, 895, 335), Random(1), additive=True)))
    assert {kind: found[kind] for kind in ("growth_most", "growth_least", "growth_count", "growth_size")} == {
        "growth_most": "Feb",
        "growth_least": "Jun",
        "growth_count": "3",
        "growth_size": "401",
    }
    assert found["halves_more"] == "yes"
    assert found["halves_rise"] == "341"
    assert "halves_fall" not in found


def test_some_months_in_a_row_are_summed_with_both_ends() -> None:
    for form in over_time(column(1, 10, 100, 1000, 10000), Random(3), additive=True):
        if form.kind == "span_sum":
            assert answers([form])["span_sum"] in {"111", "1110", "11100", "1111", "11110"}


@pytest.mark.parametrize(
    "names", [("Jan", "Feb", "Apr", "May"), ("North", "South", "East", "West"), ("2019", "2018", "2017", "2016")]
)
def test_rows_that_do_not_follow_each_other_are_asked_nothing_of_the_kind(names: tuple[str, ...]) -> None:
    assert list(over_time(column(4, 8, 15, 16, names=names), Random(0), additive=True)) == []
    assert not in_a_row(names)


@pytest.mark.parametrize("names", [("Nov", "Dec", "Jan"), ("Saturday", "Sunday", "Monday"), ("2019", "2020", "2021")])
def test_a_year_or_a_week_may_end_in_between(names: tuple[str, ...]) -> None:
    assert follow_each_other(names)
    assert in_a_row(names)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Jan", "Apr"), True),
        (("Nov", "Feb"), True),
        (("2019", "2022"), True),
        (("2022", "2019"), False),
        (("Mar", "Mar"), False),
        (("North", "South"), False),
        (("Jan", "Tue"), False),
    ],
)
def test_periods_that_are_compared_may_leave_out_some(names: tuple[str, ...], expected: bool) -> None:
    assert in_turn(names) is expected


def test_of_what_nobody_adds_up_only_the_changes_are_asked() -> None:
    kinds = {form.kind for form in over_time(column(3, 9, 12, 7), Random(0), additive=False)}
    assert kinds == {"growth_most", "growth_least", "growth_count", "growth_size"}


def top_rest(*amounts: int) -> list[Form]:
    return [one for one in several_steps(column(*amounts), Random(0), additive=True) if one.kind == "top_rest"]


def test_the_first_rows_are_held_against_all_others_where_one_more_tips_the_scale() -> None:
    assert top_rest(60, 30, 20, 15, 10, 5) == []  # two are more than half already, so the answer is always yes
    assert [answers([form])["top_rest"] for form in top_rest(30, 25, 24, 23, 10, 8)] == ["no", "yes"]


def test_a_change_in_percent_says_whether_it_rose_or_fell() -> None:
    found = {}
    for seed in range(8):
        found |= answers(list(over_time(column(200, 150, 300, 240), Random(seed), additive=True)))
    assert found["growth_rose"] in {"50%", "20%", "100%", "60%"}
    assert found["growth_fell"] in {"25%", "20%"}


def test_a_chart_of_six_months_is_asked_about_over_time_and_proven() -> None:
    memo = Memo(Path("unused"))
    made = [one for seed in range(9) for some in writer(seed=seed)([half_year()], memo) for one in some.qas]
    answers = {one.generator.partition("/")[2]: one.answer for one in made}
    assert answers["growth_most"] == "Feb"
    assert answers["growth_least"] == "Jun"
    assert answers["growth_size"] == "401"
    assert answers["halves_rise"] == "341"
    assert answers["above_mean"] == "4"
    assert {"growth_rose", "growth_fell", "span_sum", "span_share", "growth_count"} <= answers.keys()
    assert [finding.reason for finding in Proof(wording=english())(made, memo) if not finding.passed] == []
