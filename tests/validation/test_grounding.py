from __future__ import annotations

import sys

import pytest
from contracts.checks import CheckContract, qa, text
from validation.shipped import settings, verdict

from dcvlr.protocols import Check
from dcvlr.records import Evidence
from dcvlr.validation.checks.grounding import Grounding

GROUNDING = Grounding(**settings("grounding"))


def grounded(answer: str, *evidence: Evidence, question: str = "What does the picture show?", **more: object) -> bool:
    return verdict(GROUNDING, qa(answer=answer, evidence=evidence, question=question, **more)).passed


class TestGrounding(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return GROUNDING

    @pytest.mark.parametrize("answer", ["12.50", "Grand total", "TOTAL", "The total is 12.5", "GrandTotal", "totals"])
    def test_what_stands_in_the_evidence_is_grounded(self, answer: str) -> None:
        assert grounded(answer, text(1, "Grand Total"), text(2, "$12.50"))

    @pytest.mark.parametrize("answer", ["Paris", "12.60", "2.50", "Grand hotel Paris", "1", "a red car", "the"])
    def test_what_was_made_up_is_not(self, answer: str) -> None:
        assert not grounded(answer, text(1, "Grand Total"), text(3, "no hotel"), text(2, "$12.50"))

    def test_a_discount_is_an_amount_but_no_amount_is_a_discount(self) -> None:
        assert grounded("2", text(1, "Discount -2.00"))
        assert not grounded("-2", text(1, "Price 2.00"))

    def test_no_evidence_grounds_nothing(self) -> None:
        assert verdict(GROUNDING, qa(evidence=())).reason == "there is no evidence"

    def test_what_was_written_from_the_picture_alone_may_have_no_evidence(self) -> None:
        finding = verdict(GROUNDING, qa(evidence=(), created_from="image"))
        assert (finding.passed, finding.value) == (True, None)
        assert finding.reason == "not checked: written from the picture alone, without evidence"
        assert not verdict(GROUNDING, qa(answer="99", created_from="image")).passed
        assert not verdict(GROUNDING, qa(evidence=(), created_from="caption only")).passed

    def test_sums_in_brackets_derive_only_from_what_is_in_them(self) -> None:
        two = (text(1, "Milk 2.50"), text(2, "Tea 4.50"))
        assert grounded("3.5", *two, reasoning="1. (2.50 + 4.50) / 2 = 3.5")
        assert grounded("7.00", *two, reasoning="1. 2.50 (T1) + 4.50 (T2) = 7.00")
        assert not grounded("3.5", *two, reasoning="1. (3.00 + 4.00) / 2 = 3.5")

    def test_right_arithmetic_on_evidence_derives_numbers(self) -> None:
        def of(reasoning: str) -> bool:
            return grounded("6", text(1, "Milk 2.00"), text(2, "Tea 4.00"), reasoning=reasoning)

        assert of("1. Added up: 2.00 + 4.00 = 6.00.")
        assert not of("1. Added up: 2.00 + 5.00 = 6.00.")
        assert not of("1. Added up: 1 + 5 = 6.")
        assert of("1. First 2.00 + 4.00 = 6.\n2. Half of it: 6 / 2 = 3.")

    def test_a_result_can_go_into_the_next_step_and_constants_alone_derive_nothing(self) -> None:
        two = (text(1, "Milk 2.50"), text(2, "Tea 4.50"))
        assert grounded("3.5", *two, reasoning="1. 2.50 + 4.50 = 7.00\n2. 7.00 / 2 = 3.50")
        assert not grounded("200", *two, reasoning="1. 2 * 100 = 200")

    def test_counts_are_derived_where_a_count_is_asked_for(self) -> None:
        cats = tuple(Evidence(kind="object", ref=f"O{n}", box=(0, 0, 1, 1), text="cat") for n in range(1, 4))
        assert grounded("3", *cats, question="How many cats are there?")
        assert grounded("three cats", *cats, question="What is the number of cats?")
        assert not grounded("4", *cats, question="How many cats are there?")
        assert not grounded("3", *cats, question="Which of the cats is the largest?")
        assert grounded("5", text(1, "Thank you for your visit"), question="How many words are in the line?")
        shop = (text(1, "Tea shop"), text(2, "Shop hours"), text(3, "Buy tea"))
        assert grounded("2", *shop, question='How many times does the word "SHOP" appear?')

    def test_relations_are_found_by_comparing(self) -> None:
        halves = (
            Evidence(kind="pixels", ref="P:left", box=(0, 0, 5, 9), text="left half: mean L* 61.2"),
            Evidence(kind="pixels", ref="P:right", box=(5, 0, 9, 9), text="right half: mean L* 30.0"),
        )
        assert all(grounded(answer, *halves) for answer in ("left half", "wider than tall", "yes", "the upper half"))
        assert not grounded("orange", *halves)

    def test_a_colour_must_be_in_the_evidence(self) -> None:
        fact = Evidence(kind="pixels", ref="P:whole", box=(0, 0, 9, 9), text="the whole picture: 62 % green")
        assert grounded("green", fact)
        assert not grounded("blue", fact)

    def test_words_of_the_question_prove_nothing_alone(self) -> None:
        cat = Evidence(kind="object", ref="O1", box=(0, 0, 1, 1), text="cat")
        question = "Is it a dog or a cat on the sofa?"
        assert grounded("cat", cat, question=question)
        assert not grounded("dog", cat, question=question)

    def test_signs_commas_latex_and_pronouns_are_read_as_a_person_would(self) -> None:
        assert not grounded("900", text(1, "Total 9,00"))
        assert not grounded("-4.14", text(1, "Balance 4.14"))
        assert grounded("−4.14", text(1, "Balance -4.14"))
        assert grounded(r"\boxed{4.14}", text(1, "Balance 4.14"))
        assert grounded(r"$\text{Balance}$", text(1, "Balance 4.14"))
        assert grounded("the red one", text(1, "red sign"))
        assert not grounded("one red sign", text(1, "red sign"))

    def test_words_are_counted_only_if_words_are_asked_for(self) -> None:
        line = text(1, "Thank you for your visit")
        assert not grounded("5", line, question="How many cats are there?")
        assert grounded("5", line, question="How many words are there?")

    def test_a_number_inside_a_longer_number_is_not_found(self) -> None:
        assert not grounded("20", text(1, "2019"))
        assert not grounded("12", text(1, "12.50"))
        assert grounded("1250", text(1, "1,250"))


SEEN = Evidence(kind="picture", ref="picture", box=None, text="")


def test_what_a_writer_saw_is_not_checked() -> None:
    seeing = {"seen": True, "question": "What does the picture show?"}
    words = verdict(GROUNDING, qa(answer="a red saucer", evidence=(SEEN,), **seeing))
    assert (words.passed, words.value) == (True, None)
    assert words.reason == "not checked: words of the answer that the writer saw"
    number = verdict(GROUNDING, qa(answer="6", evidence=(SEEN,), **seeing))
    assert (number.passed, number.reason) == (True, "not checked: numbers that the writer saw in the picture")
    both = verdict(GROUNDING, qa(answer="a sales receipt", evidence=(text(1, "HARBOUR GROCERY"),), **seeing))
    assert (both.passed, both.value) == (True, None)


def test_a_result_may_follow_from_the_steps_before() -> None:
    prices = (text(1, "Milk 2.49"), text(2, "Tea 4.50"))
    apart = "1. The lowest price is 2.49.\n2. The highest price is 4.50.\n3. Their sum equals {}."
    assert grounded("6.99", *prices, question="What do both cost?", reasoning=apart.format("6.99"))
    assert not grounded("7.09", *prices, question="What do both cost?", reasoning=apart.format("7.09"))
    share = "1. Milk was 2.49; tea was 4.50.\n2. 2.49 divided by 4.50, times 100, is roughly {}."
    assert grounded("55.3%", *prices, question="What share is it?", reasoning=share.format("55.3"))
    assert not grounded("56.3%", *prices, question="What share is it?", reasoning=share.format("56.3"))


def test_a_number_that_its_evidence_does_not_hold_fails_for_every_writer() -> None:
    assert not grounded("12.60", text(1, "Total 12.50"), SEEN, seen=True)
    assert not grounded("a red saucer", text(1, "Total 12.50"))


def test_a_result_may_be_said_in_words() -> None:
    two = (text(1, "Milk 2.50"), text(2, "Tea 4.50"))
    assert grounded("2.00", *two, reasoning="1. Taking 2.50 from 4.50 leaves 2.00.")
    assert not grounded("2.10", *two, reasoning="1. Taking 2.50 from 4.50 leaves 2.10.")


@pytest.mark.parametrize(
    ("answer", "line", "reasoning", "is_grounded"),
    [
        ("2 h 5 min", "Duration 125 min", "1. The trip takes 125 min.\n2. 125 min = 2 h 5 min.", True),
        ("2 hours and 5 minutes", "Runs 125 minutes", "1. It says 125 minutes.\n2. An hour has 60 minutes.", True),
        ("90 minutes", "Cook for 1.5 hours", "1. It cooks for 1.5 hours.\n2. That is 90 minutes.", True),
        ("2 weeks", "Valid 14 days", "1. It is valid for 14 days, that is, 2 weeks.", True),
        ("1 h 10 min", "40 min", "1. Twice 35 min is 1 h 10 min.", False),
        ("2 h 15 min", "Duration 125 min", "1. The trip takes 125 min.\n2. 125 min = 2 h 15 min.", False),
        ("3 hours", "Duration 125 min", "1. It is 180 min, or 3 hours.", False),
    ],
)
def test_a_duration_may_be_said_in_other_units(answer: str, line: str, reasoning: str, is_grounded: bool) -> None:
    assert grounded(answer, text(1, line), question="How long does it take?", reasoning=reasoning) is is_grounded


def test_durations_need_no_package_of_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("pint", "text_to_num"):
        monkeypatch.setitem(sys.modules, package, None)
    added = "1. 60 min + 65 min = 125 min\n2. That is 2 h 5 min."
    assert grounded("2 h 5 min", text(1, "Part one 60 min"), text(2, "Part two 65 min"), reasoning=added)


def test_function_words_and_none_of_the_above_need_no_evidence_but_a_denial_does() -> None:
    line = text(1, "red coat")
    assert grounded("She has a red coat", line)
    assert grounded("None of the above", line)
    assert not grounded("not red", line)
