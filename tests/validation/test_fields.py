from __future__ import annotations

import pytest
from contracts.checks import CheckContract, qa
from validation.shipped import settings, verdict

from dcvlr.errors import ConfigError
from dcvlr.protocols import Check
from dcvlr.validation.checks.lengths import Lengths
from dcvlr.validation.checks.options import Options
from dcvlr.validation.checks.required_fields import RequiredFields
from dcvlr.validation.checks.steps import Steps

REQUIRED = RequiredFields(**settings("required_fields"))
LENGTHS = Lengths(**settings("lengths"))
STEPS = Steps(**settings("steps"))
OPTIONS = Options(**settings("options"))


class TestRequiredFields(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return REQUIRED

    def test_empty_and_blank_fields_are_named(self) -> None:
        finding = verdict(REQUIRED, qa(question=" \n", evidence=()))
        assert (finding.passed, finding.value, finding.reason) == (
            False,
            "question, evidence",
            "empty: question, evidence",
        )

    def test_a_field_that_does_not_exist_is_refused(self) -> None:
        with pytest.raises(ConfigError, match=r"^fields=.*there is no field 'justification'; there are id, image"):
            RequiredFields(fields=["justification"], measured_fields=[])
        with pytest.raises(ConfigError, match=r"^measured_fields=.*there is no field 'box'"):
            RequiredFields(fields=[], measured_fields=["box"])

    def test_evidence_is_needed_unless_the_picture_was_all_the_writer_had(self) -> None:
        assert verdict(REQUIRED, qa(evidence=(), created_from="image")).passed
        assert verdict(REQUIRED, qa(evidence=(), created_from="caption only")).value == "evidence"
        assert verdict(REQUIRED, qa(evidence=(), answer="", created_from="image")).value == "answer"


class TestLengths(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return LENGTHS

    @pytest.mark.parametrize(
        ("question", "passed"),
        [("Is the cat asleep?", True), ("How many cars?", False), ("a " * 100, True), ("a " * 101, False)],
    )
    def test_questions_have_4_to_100_words(self, question: str, passed: bool) -> None:
        assert verdict(LENGTHS, qa(question=question)).passed is passed

    def test_an_answer_needs_a_word_and_reasoning_ten(self) -> None:
        assert verdict(LENGTHS, qa(answer="—")).reason == "answer has 0 words, at least 1"
        short = verdict(LENGTHS, qa(reasoning="1. one two three\n2. four five six"))
        assert (short.value, short.threshold) == (8, "reasoning at least 10")

    def test_numbers_and_ideographs_count(self) -> None:
        assert verdict(LENGTHS, qa(answer="$5", question="总计是多少?")).passed

    def test_bounds_in_the_wrong_order_are_refused(self) -> None:
        with pytest.raises(ConfigError, match=r"^min_answer_words=5: at most max_answer_words \(2\) is allowed"):
            Lengths(**{**settings("lengths"), "min_answer_words": 5, "max_answer_words": 2})


class TestSteps(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return STEPS

    @pytest.mark.parametrize(
        ("reasoning", "count"),
        [
            ("1. Look.\n2. Read.", 2),
            ("Step 1: Look.\nStep 2: Read.", 2),
            ("Look at it.\n\nThen read it.", 2),
            ("Look at it. Then read 12.50 there. Done", 3),
            ("It is 12.50 and that is all", 1),
            ("1. Only one. With two sentences.", 1),
            ("Step 1: Look at it. Step 2: Read it.", 2),
            ("1. Read it. 2. Add them.", 2),
            ("1. It is 2. That is all", 1),
            ("Dr. Smith reads it, e.g. aloud.", 1),
            ("", 0),
        ],
    )
    def test_steps_are_marked_lines_or_lines_or_sentences(self, reasoning: str, count: int) -> None:
        finding = verdict(STEPS, qa(reasoning=reasoning))
        assert (finding.value, finding.passed, finding.threshold) == (count, count >= 2, 2)


class TestOptions(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return OPTIONS

    @pytest.mark.parametrize(
        ("options", "answer", "reason"),
        [
            (("4.14", "5.00"), "4.14", ""),
            (("4.14",), "4.14", "1 options, from 2 to 10 are allowed"),
            (("4.14", " "), "4.14", "an option is empty"),
            (("Milk", "milk ", "Eggs"), "Eggs", "two options are the same"),
            (
                ("4.14", "Both A and B", "Milk"),
                "4.14",
                "the option 'Both A and B' speaks of other options, whose order changes",
            ),
            (("4.14", "none of the above"), "4.14", ""),
            (("Milk", "Eggs"), "B", "the answer 'B' is not one of the options"),
            ((), "x", "0 options, from 2 to 10 are allowed"),
        ],
    )
    def test_options_differ_and_hold_the_answer(self, options: tuple[str, ...], answer: str, reason: str) -> None:
        finding = verdict(OPTIONS, qa(options=options, answer=answer))
        assert (finding.passed, finding.reason) == (reason == "", reason)

    def test_more_options_than_letters_are_refused(self) -> None:
        with pytest.raises(ConfigError, match=r"^max_options=27: a whole number from 2 to 26"):
            Options(min_options=2, max_options=27)


def test_a_short_question_that_people_asked_is_long_enough() -> None:
    lengths = Lengths(**settings("lengths"))
    assert verdict(lengths, qa(question="Find x.", generator="openai:qwen/gold")).passed
    assert not verdict(lengths, qa(question="Find x.", generator="openai:qwen/image")).passed


@pytest.mark.parametrize("options", [("5 %", "5", "7", "8"), ("5 percent", "5", "6"), ("12%", "12", "0.5", "1")])
def test_options_may_be_told_apart_by_a_percent_sign(options: tuple[str, ...]) -> None:
    check = Options(**settings("options"))
    assert verdict(check, qa(options=options, answer=options[0], generator="openai:qwen/image")).passed


@pytest.mark.parametrize(
    "options", [("12.00", "12.000", "5", "7"), ("0.5", "50%", "5", "7"), ("red", "Red.", "green", "blue")]
)
def test_two_options_of_a_model_may_not_say_the_same(options: tuple[str, ...]) -> None:
    check = Options(**settings("options"))
    finding = verdict(check, qa(options=options, answer=options[2], generator="openai:qwen/image"))
    assert finding.reason == f"the options {options[0]!r} and {options[1]!r} say the same"
