"""Of several candidates for one question the best of those that passed stays."""

from __future__ import annotations

import msgspec
from contracts.checks import qa

from dcvlr.records import AskedFor, Finding, Qa
from dcvlr.validation.stage import outdone
from dcvlr.validation.verdicts import Verdict


def candidate(name: str, number: int) -> Qa:
    kind = AskedFor(number=number, answer_type="number", difficulty="easy", style="read")
    return msgspec.structs.replace(qa(id=name, question=f"What is {name} here?", image_id="a"), asked_for=kind)


def verdict(solve: float, *, judge: int = 3, passed: bool = True, flag: str = "") -> Verdict:
    answers = {
        "solve": Finding(name="solve", passed=passed, value=solve),
        "judge": Finding(name="judge", passed=True, value=judge),
    }
    if flag:
        answers["blind"] = Finding(name="blind", passed=True, value=1.0, reason=flag)
    return Verdict(answers=answers)


def test_the_best_by_agreement_then_judge_then_flags_stays() -> None:
    qas = [candidate(name, 1) for name in "abcd"]
    verdicts = [
        verdict(0.5),
        verdict(1.0, judge=4, flag="x"),
        verdict(1.0, judge=4),
        verdict(1.0, judge=5, passed=False),
    ]
    found = outdone(qas, verdicts)
    assert list(found) == ["a", "b"]
    assert found["a"].reason == "another candidate for it is at least as good: 'What is c here?'"


def test_what_a_solver_agrees_with_is_better_than_what_a_judge_likes() -> None:
    qas = [candidate("a", 1), candidate("b", 1)]
    assert list(outdone(qas, [verdict(0.5, judge=5), verdict(1.0, judge=3)])) == ["a"]


def test_of_equals_the_first_stays_and_other_questions_are_left_alone() -> None:
    qas = [candidate("a", 1), candidate("b", 1), candidate("c", 2), qa(id="d")]
    assert list(outdone(qas, [verdict(1.0)] * 4)) == ["b"]
