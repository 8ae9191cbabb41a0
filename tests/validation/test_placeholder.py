from __future__ import annotations

import pytest
from contracts.checks import CheckContract, qa, text
from validation.shipped import settings, verdict

from dcvlr.protocols import Check
from dcvlr.validation.checks.placeholder import Placeholder

PLACEHOLDER = Placeholder(**settings("placeholder"))


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

    def test_none_is_an_answer_where_the_reasoning_comes_to_it(self) -> None:
        reasoning = "1. Each row has a full price.\n2. So none of the goods is reduced: none."
        assert verdict(PLACEHOLDER, qa(answer="None", reasoning=reasoning)).passed
        assert not verdict(PLACEHOLDER, qa(answer="N/A", reasoning=reasoning)).passed

    @pytest.mark.parametrize(
        "changes", [{"question": "[Insert question here]"}, {"reasoning": "1. <step 1>"}, {"answer": "{answer}"}]
    )
    def test_a_blank_that_nobody_filled_in_fails(self, changes: dict[str, str]) -> None:
        assert not verdict(PLACEHOLDER, qa(**changes)).passed
