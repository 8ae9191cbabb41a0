"""Values of a reply in whatever type a model gave them."""

from __future__ import annotations

from typing import Any

import pytest

from dcvlr.synthesis.reply_fields import fields
from dcvlr.synthesis.reply_options import options_and_answer

ASKED = {"question": "Which order?", "answer": "Order 8", "steps": ["Look.", "Read."], "evidence": ["T1"]}


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("T1 and T2", ("T1", "T2")),
        ([["T1", "T2"]], ("T1", "T2")),
        (["T1/T2"], ("T1", "T2")),
        ("[T1][O2]", ("T1", "O2")),
        (["T1-T3"], ("T1", "T2", "T3")),
        ("T9 to T11", ("T9", "T10", "T11")),
        (["p2_T1–p2_T2"], ("p2_T1", "p2_T2")),
        (["T1: 3/4 and 5"], ("T1",)),
        (["T3-T1"], ("T3",)),
        ("T1, T2, and T3", ("T1", "T2", "T3")),
        ("T1 to T3, T5", ("T1", "T2", "T3", "T5")),
        ("T1 (Total), T2 (Tax 5, net)", ("T1", "T2")),
        ("T1: Total T2: Tax", ("T1", "T2")),
        (["T1: Gate T2 closes"], ("T1",)),
        ("T1 (Total) T2 (Tax)", ("T1", "T2")),
        ("T1 T12 [T3]", ("T1", "T12", "T3")),
        (["Order 8 [T1], line T2"], ("T1", "T2")),
        (["Order 8, [T1]"], ("T1",)),
    ],
)
def test_no_id_is_lost_whatever_stands_between_them(value: Any, wanted: tuple[str, ...]) -> None:
    assert tuple(ref.replace("P2_", "p2_") for ref in fields(ASKED | {"evidence": value}).evidence) == wanted


@pytest.mark.parametrize(
    "steps", ['["Look.", "Read."]', "['Look.', 'Read.']", ["Look.", None, "Read."], ["Look.", "", "Read."]]
)
def test_a_list_in_a_text_is_a_list_and_null_is_no_step(steps: Any) -> None:
    assert fields(ASKED | {"steps": steps}).steps == ("Look.", "Read.")


def test_brackets_without_end_and_spaces_without_end_are_read_in_no_time() -> None:
    deep = fields(ASKED | {"steps": "[" + "(" * 5000 + "]", "evidence": "T1," + " " * 20_000})
    assert (len(deep.steps), deep.evidence) == (1, ("T1",))


def test_a_text_between_two_citations_is_no_list() -> None:
    assert fields(ASKED | {"steps": "[T1] says 5. So it is 5 [T2]"}).steps == ("[T1] says 5.", "So it is 5 [T2]")


@pytest.mark.parametrize("question", ["Question: Which order?", "Q1: Which order?", "**Question 2:** Which order?"])
def test_what_says_that_a_question_is_one_goes(question: str) -> None:
    found = fields(ASKED | {"question": question.replace("**", "")})
    assert (found.question, found.had_marks) == ("Which order?", True)
    assert fields(ASKED | {"question": "Question mark: is there one?"}).question == "Question mark: is there one?"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"value": 8, "units": "kg"}, "8 kg"),
        (r"$\boxed{\text{Order 8}}$", "Order 8"),
        (r"\boxed{\text{Order 8}}", "Order 8"),
        (r"it\'s 8", "it's 8"),
        (r"caf\'{e}", r"caf\'{e}"),
    ],
)
def test_an_answer_is_bare(value: Any, wanted: str) -> None:
    assert fields(ASKED | {"answer": value}).answer == wanted


@pytest.mark.parametrize(
    ("options", "answer", "wanted"),
    [
        ("red, blue, green, black", "blue", "blue"),
        ("['red', 'blue', 'green', 'black']", "blue", "blue"),
        ({"options": ["red", "blue", "green", "black"]}, "blue", "blue"),
        (["Option A: red", "Option B: blue", "Option C: green", "Option D: black"], "Option B", "Option B"),
        ({"option_a": "red", "option_b": "blue", "option_c": "green", "option_d": "black"}, "option_b", "option b"),
    ],
)
def test_options_of_one_text_or_with_words_in_front(options: Any, answer: str, wanted: str) -> None:
    assert options_and_answer(options, answer) == (("red", "blue", "green", "black"), wanted)
    assert options_and_answer("1,000, 2,000", "1,000") == (("1,000, 2,000",), "1,000")
