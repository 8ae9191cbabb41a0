"""No question takes for granted what is not so, or has two right answers."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from synthesis.made_scenes import courses, english, slope, two_series, writer, zoo

from dcvlr.memo import Memo
from dcvlr.records import Qa
from dcvlr.synthesis.programs.evaluate import evaluate
from dcvlr.synthesis.programs.expressions import Column, Read, Words
from dcvlr.synthesis.programs.forms.form import Form
from dcvlr.synthesis.programs.forms.one_table import about_series, about_table
from dcvlr.synthesis.programs.rounding import AmbiguousError
from dcvlr.synthesis.scene.values import Quantity

MEMO = Memo(Path("unused"))


def column(name: str, *amounts: int) -> Column:
    entries = (Read(Quantity("number", Decimal(n), "0|"), f"{name}{n}", f"row {at}") for at, n in enumerate(amounts))
    return Column(tuple(entries), Words("team", name))


def has_answer(form: Form) -> bool:
    try:
        evaluate(form.program)
    except AmbiguousError:
        return False
    return True


def written(*kinds: str) -> list[Qa]:
    scenes = [zoo(), slope(), courses(), two_series()]
    askers = [
        writer(qa_per_image=100, qa_per_photograph=100, multiple_choice_share=1.0, seed=seed) for seed in range(3)
    ]
    questions = [one for asker in askers for one in asker(scenes, MEMO)]
    return [qa for one in questions for qa in one.qas if qa.generator.partition("/")[2] in kinds]


def test_nobody_is_asked_where_it_grew_or_is_ahead_the_most_that_did_nowhere() -> None:
    low, high = column("2023", 10, 20, 30, 40), column("2024", 15, 22, 38, 41)
    answered = [
        one.names["c"] for one in about_series([low, high], Random(0)) if "ahead" in one.kind and has_answer(one)
    ]
    assert answered == [high]
    for columns, wanted in (([low, high], {True}), ([high, low], {False})):
        grown = {
            has_answer(one) for one in about_table(columns, english().words, Random(0)) if one.kind == "most_growth"
        }
        assert grown == wanted


@pytest.mark.parametrize(
    ("heads", "expected"),
    [
        (("jan", "feb"), True),
        (("march", "april"), True),
        (("sept 2023", "oct 2023"), True),
        (("2023", "2024"), True),
        (("q1", "q2"), True),
        (("market", "decor"), False),
        (("marks", "mayors"), False),
    ],
)
def test_only_from_one_time_to_another_something_rises(heads: tuple[str, str], expected: bool) -> None:
    columns = [column(head, *amounts) for head, amounts in zip(heads, ((10, 20, 30), (15, 22, 38)), strict=True)]
    kinds = {one.kind for one in about_table(columns, english().words, Random(0))}
    assert ("percent_rose" in kinds) is expected


@pytest.mark.parametrize("kind", ["side_left_names", "side_lower_names", "between_names", "several_names"])
def test_a_question_for_a_set_says_of_what(kind: str) -> None:
    """Else a part of the set would be right as well."""
    for qa in (found := written(kind)):
        assert qa.options is not None
        for name in {name for option in qa.options for name in option.split(", ")}:
            assert name in qa.question.replace("people", "person")
    assert found


def test_what_a_question_names_is_none_of_its_options() -> None:
    found = written("list_next", "list_previous")
    assert found
    for qa in found:
        assert not [option for option in qa.options or () if f'"{option}"' in qa.question]
