"""A row held against all others: how many have more, how far it is behind, whether it would come first."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random

from dcvlr.synthesis.programs.evaluate import evaluate
from dcvlr.synthesis.programs.expressions import Column, Constant, Label, OpCall, Read, Words
from dcvlr.synthesis.programs.forms.form import Form
from dcvlr.synthesis.programs.forms.one_row import about_one_row
from dcvlr.synthesis.scene.values import Quantity, ValueKind


def column(*amounts: int, kind: ValueKind = "number") -> Column:
    entries = [
        Read(Quantity(kind, Decimal(amount), "0|"), f"T{2 * n}", f"row {n}", f"T{2 * n - 1}")
        for n, amount in enumerate(amounts, 1)
    ]
    return Column(tuple(entries), Words("team", "points"))


def forms(c: Column) -> list[Form]:
    return [form for seed in range(150) for form in about_one_row(c, Random(seed), additive=True)]


def test_rows_with_more_are_counted_without_the_row_itself() -> None:
    ahead = {"row 1": "3", "row 2": "2", "row 3": "1"}
    for form in forms(column(12, 25, 47, 90)):
        if form.kind == "count_more_than":
            row, value = form.names["x"], evaluate(form.program)
            assert isinstance(row, Label)
            assert isinstance(value, Quantity)
            assert str(value.number) == ahead[row.text]


def test_a_row_comes_first_with_what_it_is_given_as_often_as_not() -> None:
    found = Counter(evaluate(form.program) for form in forms(column(12, 25, 47, 90)) if form.kind == "would_lead")
    assert set(found) == {True, False}
    assert 0.4 < found[True] / found.total() < 0.6


def test_what_a_row_is_given_is_a_round_number_and_never_draws_level() -> None:
    gains = set()
    for form in forms(column(100, 330, 371, 400)):
        if form.kind == "would_lead":
            gain, added = form.names["n"], form.program
            assert isinstance(gain, Constant)
            assert isinstance(added, OpCall)
            gains.add(int(gain.value.number))
    assert gains == {200, 400, 60, 80, 20, 30}


def test_of_times_it_is_only_asked_how_many_are_later() -> None:
    assert {form.kind for form in forms(column(480, 545, 610, 700, kind="time"))} == {"count_more_than"}


def test_nobody_is_asked_for_a_change_of_a_thousand_percent() -> None:
    assert not [form for form in forms(column(1, 20, 400, 9000)) if form.kind == "percent_more"]
    assert [form for form in forms(column(10, 20, 30, 40)) if form.kind == "percent_more"]
