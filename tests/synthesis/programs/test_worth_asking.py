"""What a person would ask, in the words that one would use: how many points, not "the number of points exceeds"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from synthesis.made_documents import programme
from synthesis.made_scenes import english, league, line, receipt, rows, scene, second_receipt, two_series, writer

from dcvlr.memo import Memo
from dcvlr.records import Qa, Scene
from dcvlr.synthesis.programs.draw import Shares, candidates, in_turn
from dcvlr.synthesis.programs.expressions import Column, Read, Words
from dcvlr.synthesis.programs.forms.one_column import about_column
from dcvlr.synthesis.scene.values import Quantity
from dcvlr.validation.checks.proof import Proof

FORM = scene(line("Registration", 100, 20, height=40), line("Due: 2024-03-14", 40, 200))


def questions(*scenes: Scene, **settings: object) -> list[Qa]:
    """Of many seeds, so that most phrasings of each kind are among them."""
    made = (writer(seed=seed, **settings)(scenes, Memo(Path("unused"))) for seed in range(10))
    return [qa for asked in made for of in asked for qa in of.qas]


def kinds(asked: Sequence[Qa]) -> set[str]:
    return {qa.generator.partition("/")[2] for qa in asked}


def column(kind: str, *amounts: int) -> Column:
    entries = (
        Read(Quantity(kind, Decimal(amount), "0|"), f"T{2 * n}", f"row {n}", f"T{2 * n - 1}")  # type: ignore[arg-type]
        for n, amount in enumerate(amounts, 1)
    )
    return Column(tuple(entries), Words("station", "low"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("made", "counted"), [(league(), "points|wins|defeats|games"), (two_series(), "votes in Class [AB]")]
)
def test_of_what_is_counted_one_is_asked_how_many(made: Scene, counted: str) -> None:
    of_pairs = [
        qa.question for qa in questions(made) if re.search("/(difference|sum_pair|two_exceed|lead)$", qa.generator)
    ]
    assert len(of_pairs) > 8
    how_many = [one for one in of_pairs if re.search(f"(?:[Hh]ow many|By how many)(?: more)? (?:{counted})", one)]
    assert len(how_many) > 0.7 * len(of_pairs)


@pytest.mark.slow
def test_limits_of_counts_are_more_and_fewer_and_of_amounts_above_and_below() -> None:
    asked = " ".join(qa.question for qa in questions(league()))
    assert re.search("teams with (?:more|fewer) than [a-z]+ (?:wins|defeats)", asked)
    assert not re.search("a number of (?:points|wins|defeats|games played) (?:above|below)", asked)


def test_a_temperature_is_not_so_many_times_another_and_a_price_is() -> None:
    ratios = {"ratio", "ends_ratio"}
    low = {form.kind for form in about_column(column("number", 3, 9, 14, 26), Random(0), additive=False)}
    price = {form.kind for form in about_column(column("money", 3, 9, 14, 26), Random(0), additive=False)}
    assert not ratios & low
    assert ratios <= price
    assert "range" in low


@pytest.mark.slow
def test_unlike_sums_of_a_bill_are_not_held_against_each_other() -> None:
    asked = questions(receipt(), second_receipt())
    pairs = {tuple(re.findall("the (?:sub)?total|the cash handed over|the change", qa.question)) for qa in asked}
    assert ("the cash handed over", "the total") in pairs
    assert not [pair for pair in pairs if {"the cash handed over", "the subtotal"} <= set(pair)]


def test_a_page_with_one_date_is_not_asked_for_it_in_every_way_that_there_is() -> None:
    """One of six, and three of twenty, are what one asks for want of anything else."""
    fillers = re.compile("later|earlier|before_date|days_to_year_end|days_since_new_year")
    for seed in range(10):
        (made,) = writer(qa_per_image=6, seed=seed)([FORM], Memo(Path("unused")))
        found = [kind for kind in (qa.generator for qa in made.qas) if fillers.search(kind)]
        assert {"read", "weekday"} <= kinds(made.qas)
        assert len(found) == 1


def test_numbers_of_entries_are_not_averaged() -> None:
    found = kinds(questions(programme(), qa_per_image=40))
    assert {"argmax", "difference", "section_of"} <= found
    assert not {"mean", "range", "lead", "ratio"} & found


def test_one_operation_too_many_is_better_than_one_too_few() -> None:
    forms = {one.kind: one for one in about_column(column("money", 312, 457, 561, 698), Random(0), additive=True)}
    both = candidates([forms["sum_above"], forms["share_above"]])
    assert [one.depth for one in both] == [2, 4]
    for seed in range(20):
        first = next(in_turn(both, 1, Shares(operations=[0.0, 0.0, 1.0], yes_no=0.0), Random(seed)))
        assert first.depth == 4


def test_no_weekday_is_asked_that_is_whole_weeks_away() -> None:
    asked = [qa for qa in questions(FORM) if re.search("/weekday_(later|earlier)$", qa.generator)]
    spans = {int(days) for qa in asked for days in re.findall(r"_days\(.*?, (\d+)\)", qa.program or "")}
    assert spans
    assert spans <= {10, 30, 45, 60, 90}


def test_a_title_that_counts_in_thousands_is_named_whole() -> None:
    months, title = rows((("Jan", "Feb", "Mar"),), (120, 220, 320), 520), line("Visitors (thousands)", 100, 20)
    ticks = [line(text, 30, y, width=60) for text, y in (("80", 100), ("60", 200), ("40", 300), ("20", 400))]
    values = [line(text, x, y, width=30) for text, x, y in (("16", 120, 420), ("56", 220, 215), ("78", 320, 105))]
    asked = questions(scene(title, *ticks, *values, *months))
    assert any('"Visitors (thousands)" figure' in one.question for one in asked)
    assert not any("many thousands" in one.question or "many more thousands" in one.question for one in asked)
    assert all(finding.passed for finding in Proof(wording=english())(asked, Memo(Path("unused"))))


def test_a_table_of_parts_is_not_asked_about_parts_of_the_picture() -> None:
    for head, of in (("Part", "part"), ("Object", "object")):
        cells = ((head, "Stock", "Price"), ("Washer", "310", "0.02"), ("Rivet", "75", "0.04"), ("Clamp", "66", "1.85"))
        asked = [one.question for one in questions(scene(*rows(cells, (40, 240, 440), 100)))]
        assert any(f"Which {of} " in one for one in asked)
        assert not any("of the picture" in one or "kind of object" in one for one in asked)
