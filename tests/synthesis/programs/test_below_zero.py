"""Values below zero are compared, and held to limits, like any others."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace
from synthesis.made_scenes import asked, english, line, rows, scene, writer

from dcvlr.memo import Memo
from dcvlr.records import Qa
from dcvlr.validation.checks.proof import Proof

PROOF, MEMO = Proof(wording=english()), Memo(Path("unused"))
TEMPERATURES = scene(
    line("Mean temperatures", 40, 20, height=30),
    *rows(
        (
            ("Town", "January"),
            ("Ashby", "-12"),
            ("Bexley", "-8"),
            ("Corby", "-5"),
            ("Derby", "3"),
            ("Epsom", "7"),
            ("Fleet", "11"),
        ),
        (40, 300),
        100,
    ),
)


def of_limits_below_zero() -> list[Qa]:
    questions = [one for seed in range(6) for one in asked(writer(seed=seed), [TEMPERATURES], MEMO)[0]]
    return [one for one in questions if "below(a, -" in str(one.program) or "above(a, -" in str(one.program)]


def test_a_limit_below_zero_is_proven() -> None:
    questions = of_limits_below_zero()
    assert len(questions) > 10
    assert [finding.reason for finding in PROOF(questions, MEMO) if not finding.passed] == []


def test_a_limit_without_its_sign_is_another() -> None:
    changed = [replace(one, program=str(one.program).replace("(a, -", "(a, ")) for one in of_limits_below_zero()]
    assert not any(finding.passed for finding in PROOF(changed, MEMO))
