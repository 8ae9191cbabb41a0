from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from dcvlr.errors import ConfigError
from dcvlr.memo import Memo
from dcvlr.protocols import Check
from dcvlr.records import Evidence, Finding, Qa
from dcvlr.validation.checks.arithmetic import Arithmetic
from dcvlr.validation.checks.duplicates import Duplicates
from dcvlr.validation.checks.grounding import Grounding
from dcvlr.validation.checks.leak import Leak
from dcvlr.validation.checks.lengths import Lengths
from dcvlr.validation.checks.options import Options
from dcvlr.validation.checks.placeholder import Placeholder
from dcvlr.validation.checks.required_fields import RequiredFields
from dcvlr.validation.checks.steps import Steps
from tests.contracts.checks import CheckContract, qa, text

CONF = Path(__file__).parents[2] / "conf/validation/checks"


def settings(name: str) -> dict[str, Any]:
    """The shipped settings of one check."""
    node: Any = OmegaConf.to_container(OmegaConf.load(CONF / f"{name}.yaml")[name])
    return {key: value for key, value in node.items() if key != "_target_"}


def verdict(check: Check, question: Qa) -> Finding:
    (finding,) = check([question], Memo(Path("unused")))
    return finding


REQUIRED = RequiredFields(**settings("required_fields"))
LENGTHS = Lengths(**settings("lengths"))
STEPS = Steps(**settings("steps"))
OPTIONS = Options(**settings("options"))
PLACEHOLDER = Placeholder(**settings("placeholder"))
GROUNDING = Grounding(**settings("grounding"))
ARITHMETIC = Arithmetic(**settings("arithmetic"))
DUPLICATES = Duplicates(**settings("duplicates"))


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
        with pytest.raises(ConfigError, match="names 'rationale'; known fields: id, image"):
            RequiredFields(fields=["rationale"])


class TestLengths(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return LENGTHS

    @pytest.mark.parametrize(
        ("question", "passed"),
        [("How many cars are there?", True), ("How many cars there?", False), ("a " * 100, True), ("a " * 101, False)],
    )
    def test_questions_have_5_to_100_words(self, question: str, passed: bool) -> None:
        assert verdict(LENGTHS, qa(question=question)).passed is passed

    def test_an_answer_needs_a_word_and_reasoning_ten(self) -> None:
        assert verdict(LENGTHS, qa(answer="—")).reason == "answer has 0 words, at least 1"
        short = verdict(LENGTHS, qa(reasoning="1. one two three\n2. four five six"))
        assert (short.value, short.threshold) == (8, "reasoning at least 10")

    def test_numbers_and_ideographs_count(self) -> None:
        assert verdict(LENGTHS, qa(answer="$5", question="总计是多少?")).passed

    def test_bounds_in_the_wrong_order_are_refused(self) -> None:
        with pytest.raises(ConfigError, match="min_answer_words=5 and max_answer_words=2"):
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
            (("Milk", "Eggs"), "B", "the answer 'B' is not one of the options"),
            ((), "x", "0 options, from 2 to 10 are allowed"),
        ],
    )
    def test_options_differ_and_hold_the_answer(self, options: tuple[str, ...], answer: str, reason: str) -> None:
        finding = verdict(OPTIONS, qa(options=options, answer=answer))
        assert (finding.passed, finding.reason) == (reason == "", reason)

    def test_more_options_than_letters_are_refused(self) -> None:
        with pytest.raises(ConfigError, match=r"max_options=27; from 2 to 26"):
            Options(min_options=2, max_options=27)


class TestPlaceholder(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return PLACEHOLDER

    @pytest.mark.parametrize(
        "answer", ["N/A", " error. ", "[Answer]", "<your answer>", "...", "?", "-", "None", "TBD", "not  visible"]
    )
    def test_a_whole_answer_that_stands_in_for_one_fails(self, answer: str) -> None:
        assert not verdict(PLACEHOLDER, qa(answer=answer)).passed

    @pytest.mark.parametrize("answer", [r"\boxed{unknown}", r"$\text{unknown}$"])
    def test_latex_hides_no_placeholder(self, answer: str) -> None:
        assert not verdict(PLACEHOLDER, qa(answer=answer)).passed

    def test_an_option_or_what_the_picture_says_is_an_answer(self) -> None:
        assert verdict(PLACEHOLDER, qa(answer="None", options=("None", "Milk"))).passed
        assert verdict(PLACEHOLDER, qa(answer="N/A", evidence=(text(1, "Phone: N/A"),))).passed
        assert not verdict(PLACEHOLDER, qa(answer="error", evidence=(text(1, "Terror"),))).passed

    @pytest.mark.parametrize(
        "answer", ["Terror", "standard error", "Nana", "None of them", "-5", "unknown soldier", "the answer is 5"]
    )
    def test_a_part_of_an_answer_does_not_count(self, answer: str) -> None:
        assert verdict(PLACEHOLDER, qa(answer=answer)).passed


class TestLeak(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return Leak()

    @pytest.mark.parametrize(
        ("question", "answer", "passed"),
        [
            ("What is the total 12.50 on the receipt?", "12.50", False),
            ("Where does the Red Car stand now?", "the red car", False),
            ("Is the bar red or blue in colour?", "blue", True),
            ("Is it the cat, or the dog, that sits?", "the dog", True),
            ("What colour is the blue car there?", "blue", False),
            ("How many errors are in the text?", "error", True),
            ("What stands in row 3 of it?", "13", True),
        ],
    )
    def test_the_answer_must_not_stand_in_the_question(self, question: str, answer: str, passed: bool) -> None:
        assert verdict(Leak(), qa(question=question, answer=answer)).passed is passed


class TestArithmetic(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return ARITHMETIC

    @pytest.mark.parametrize(
        ("reasoning", "equations", "passed"),
        [
            ("1. 12.50 + 3.00 = 15.50.", 1, True),
            ("1. 12.50 + 3.00 = 15.60.", 1, False),
            ("1. RM 1,200.00 - RM 200.00 = RM 1,000.00", 1, True),
            ("1. 2 × 3 + 4 = 10, then 10 ÷ 4 = 2.5", 2, True),
            ("1. 10 / 3 = 3.33", 1, True),
            ("1. 10 / 3 = 3.34", 1, False),
            ("1. 0.1 + 0.2 = 0.3", 1, True),
            ("1. 12 − 5 = 7 = 8", 1, False),
            ("1. 20% × 50 = 10 and 40% + 60% = 100%", 2, True),
            ("1. 5 / 0 = 1", 1, False),
            ("1. (3 + 4) × 2 = 14 and 2 × (3 + 4) = 14", 0, True),
            ("1. On 2024-01-02 from 3-5 it was 61.2 > 33.", 0, True),
            ("1. Look.\n2. 1 + 2 = 3\n3. 3 + 3 = 7", 2, False),
            (r"$5 \times 3 + 4 = 19$", 1, True),
            (r"So \(2 \cdot 3 + 4 = 10\)", 1, True),
            (r"3 \times 4 = 13", 1, False),
            (r"3 + 4 = \boxed{8}", 1, False),
            (r"\$3 + \$4 = \$7 and \frac{1}{2} + 3 = 3.5", 1, True),
            (r"\log 100 + 1 = 3", 0, True),
            ("√16 + 9 = 13", 0, True),
            ("log 100 + 1 = 3", 0, True),
            ("5:30 + 30 = 6:00", 0, True),
            ("1 200 + 300 = 1 500", 0, True),
            ("25 % of 80 + 5 = 25", 0, True),
            ("1,5 + 2,5 = 4", 0, True),
            ("10 − 12 = −5", 1, False),
            ("10 − 12 = −2", 1, True),
            ("- 5 + 3 = 9", 1, False),
            ("- 5 + 3 = 8", 1, True),
            ("- 5 + 3 = -2", 1, True),
            ("* 5 + 3 = 7", 1, False),
            ("**5 + 3 = 7**", 1, False),
            ("5 cm + 3 cm = 9 cm", 1, False),
            ("5 cm + 3 mm = 53 mm", 0, True),
            ("2 × 6 = 1 dozen and 2019 profit = 5 + 3 and 7 = 3 + 2x", 0, True),
            ("9 / 2 = 4", 1, False),
            ("499 × 2 ≈ 1000 and 3 + 4 = 8 apples", 2, False),
            ("499 × 2 ≈ 1000 and 1.26 + 1 ≈ 2.3", 2, True),
            ("9 / 2 ≈ 4 and 9 / 2 = 4.5 ≈ 5", 2, True),
        ],
    )
    def test_every_equation_is_calculated_again(self, reasoning: str, equations: int, passed: bool) -> None:
        finding = verdict(ARITHMETIC, qa(reasoning=reasoning))
        assert (finding.value, finding.passed) == (equations, passed)

    def test_the_wrong_equation_is_quoted(self) -> None:
        assert verdict(ARITHMETIC, qa(reasoning="1. So 2 + 2 = 5.")).reason == "wrong: 2 + 2 = 5"


class TestDuplicates(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return DUPLICATES

    def test_the_first_of_near_same_questions_stays(self) -> None:
        asked = ["What is the grand total here?", "what is the  Grand Total here?", "Who sold it?"]
        findings = DUPLICATES([qa(question=question) for question in asked], Memo(Path("unused")))
        assert [(finding.passed, finding.value) for finding in findings] == [(True, 0.0), (False, 1.0), (True, 0.3902)]
        assert findings[1].reason == "as good as 'what is the grand total here?', which was asked before"

    def test_the_threshold_itself_is_a_duplicate(self) -> None:
        two = [qa(question="abcdefghij"), qa(question="abcdefghix")]  # 9 of 10 letters in common: 0.9
        assert [finding.passed for finding in DUPLICATES(two, Memo(Path("unused")))] == [True, False]
        stricter = Duplicates(threshold=0.91)
        assert [finding.passed for finding in stricter(two, Memo(Path("unused")))] == [True, True]

    def test_another_number_or_quoted_text_makes_another_question(self) -> None:
        asked = ["What was the revenue in 2019?", "What was the revenue in 2020?", 'Where is "Tea"?', 'Where is "Tee"?']
        findings = DUPLICATES([qa(question=question) for question in asked], Memo(Path("unused")))
        assert [finding.passed for finding in findings] == [True, True, True, True]

    def test_the_same_question_on_different_pictures_is_fine(self) -> None:
        findings = DUPLICATES([qa(image_id="a"), qa(image_id="b")], Memo(Path("unused")))
        assert [finding.passed for finding in findings] == [True, True]


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

    def test_no_evidence_grounds_nothing(self) -> None:
        assert verdict(GROUNDING, qa(evidence=())).reason == "there is no evidence"

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
