"""What every check must do; a check's test subclasses this and offers `check`."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcvlr.memo import Memo
from dcvlr.protocols import Check
from dcvlr.records import Evidence, Finding, Qa


def text(index: int, content: str) -> Evidence:
    """Two lines in each row."""
    x, y = 100.0 * ((index - 1) % 2), 20.0 * ((index - 1) // 2)
    return Evidence(kind="text", ref=f"T{index}", box=(x, y, x + 90, y + 10), text=content)


def qa(**changes: object) -> Qa:
    """A question that passes every check, with `changes`."""
    fields = {
        "id": "q",
        "image": "a.png",
        "image_id": "picture",
        "dataset": "d",
        "bin": "A",
        "question": 'What is the sum of the amounts printed beside "Milk" and "Bread"?',
        "options": None,
        "answer": "4.14",
        "reasoning": '1. Beside "Milk" [T1] the picture shows 1.29 [T2].\n'
        '2. Beside "Bread" [T3] the picture shows 2.85 [T4].\n3. Added up: 1.29 + 2.85 = 4.14.',
        "evidence": (text(1, "Milk"), text(2, "1.29"), text(3, "Bread"), text(4, "2.85")),
        "generator": "computed/amounts.sum",
        "created_from": "full features",
        "seed": 0,
    }
    return Qa(**{**fields, **changes})  # type: ignore[arg-type]


class CheckContract:
    @pytest.fixture
    def check(self) -> Check:
        raise NotImplementedError

    @pytest.fixture
    def good(self) -> Qa:
        return qa()

    @pytest.fixture
    def memo(self, tmp_path: Path) -> Memo:
        return Memo(tmp_path / "checkpoints")

    @pytest.fixture
    def mixed(self) -> list[Qa]:
        """Good and bad questions about three pictures."""
        return [
            qa(id="1"),
            qa(id="2", question="", answer="", reasoning="", evidence=()),
            qa(id="3", answer="n/a", question="What is it?", reasoning="1 + 1 = 3"),
            qa(id="4", image_id="other", options=("4.14", "4.14"), answer="5"),
            qa(id="5", image_id="third", answer="Milk"),
            qa(id="6", image_id="third"),
        ]

    def test_a_good_question_passes(self, check: Check, good: Qa, memo: Memo) -> None:
        (finding,) = check([good], memo)
        assert (finding.name, finding.passed, finding.reason) == (check.name, True, "")

    def test_one_finding_each_and_a_reason_for_every_no(self, check: Check, memo: Memo, mixed: list[Qa]) -> None:
        findings = check(mixed, memo)
        assert len(findings) == len(mixed)
        assert all(isinstance(finding, Finding) and finding.name == check.name for finding in findings)
        assert all(finding.passed == (finding.reason == "") for finding in findings)

    def test_a_bad_question_gets_a_no(self, check: Check, memo: Memo, mixed: list[Qa]) -> None:
        assert not all(finding.passed for finding in check(mixed, memo))

    def test_an_empty_batch_gives_nothing(self, check: Check, memo: Memo) -> None:
        assert list(check([], memo)) == []

    def test_pictures_do_not_matter_to_each_other(self, check: Check, memo: Memo, mixed: list[Qa]) -> None:
        alone = [finding for part in (mixed[:3], mixed[3:4], mixed[4:]) for finding in check(part, memo)]
        assert list(check(mixed, memo)) == alone
