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
