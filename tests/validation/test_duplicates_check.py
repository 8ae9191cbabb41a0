from __future__ import annotations

from pathlib import Path

import pytest
from contracts.checks import CheckContract, qa
from validation.shipped import settings

from dcvlr.memo import Memo
from dcvlr.protocols import Check
from dcvlr.validation.checks.duplicates import Duplicates

DUPLICATES = Duplicates(**settings("duplicates"))


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
