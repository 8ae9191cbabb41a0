"""Questions about parts of a picture are proven only for the colour and the layout that they name."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace
from synthesis.made_scenes import english, meadow, slope, writer

from dcvlr.memo import Memo
from dcvlr.records import Qa
from dcvlr.validation.checks.proof import Proof

PROOF = Proof(wording=english())
MEMO = Memo(Path("unused"))


def proven(one: Qa) -> bool:
    return PROOF([one], MEMO)[0].passed


def reason(one: Qa) -> str:
    return PROOF([one], MEMO)[0].reason


def of_kind(kind: str) -> Qa:
    """Of the first seed that has one."""
    asked = (qa for seed in range(40) for of in writer(seed=seed)([meadow(), slope()], MEMO) for qa in of.qas)
    return next(qa for qa in asked if qa.generator == f"computed/{kind}")


def test_a_question_about_another_colour_is_not_proven() -> None:
    one = of_kind("colour_most")
    colour = next(name for name in ("green", "blue") if name in one.question)
    assert not proven(replace(one, question=one.question.replace(colour, "red")))


def test_parts_across_are_no_answer_to_a_question_for_those_down() -> None:
    one = of_kind("brightest")
    assert {each.text.partition(":")[0] for each in one.evidence} == {"left", "middle", "right"}
    assert proven(replace(one, question="Where is the picture brightest: on the left, in the middle or on the right?"))
    down = "Where is the picture brightest: at the top, in the middle or at the bottom?"
    assert "not one of the kind" in reason(replace(one, question=down))


def test_an_object_in_another_part_is_not_proven() -> None:
    one = of_kind("object_across")
    boxes = {each.text.partition(":")[0]: each.box for each in one.evidence}
    moved = tuple(
        replace(each, box=boxes["left" if one.answer == "right" else "right"]) if each.kind == "object" else each
        for each in one.evidence
    )
    assert not proven(replace(one, evidence=moved))
