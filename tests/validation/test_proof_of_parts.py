"""Questions about parts of a picture are proven only for the colour and the layout that they name."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from synthesis.made_scenes import english, meadow, slope, writer

from dcvlr.memo import Memo
from dcvlr.records import Evidence, Qa
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


@pytest.mark.slow
def test_an_order_is_asked_for_of_the_parts_that_are_compared() -> None:
    one = of_kind("light_order")
    assert "the left, the middle and the right" in one.question
    down = "From the brightest to the darkest, what is the order of the top, the middle and the bottom of the picture?"
    assert "not one of the kind" in reason(replace(one, question=down))


def test_an_object_in_another_part_is_not_proven() -> None:
    one = of_kind("object_across")
    boxes = {each.text.partition(":")[0]: each.box for each in one.evidence}
    moved = tuple(
        replace(each, box=boxes["left" if one.answer == "right" else "right"]) if each.kind == "object" else each
        for each in one.evidence
    )
    assert not proven(replace(one, evidence=moved))


def test_all_parts_of_one_layout_are_compared_and_nothing_else() -> None:
    for kind in ("colour_most", "brightest", "darkest"):
        one = of_kind(kind)
        assert proven(one)
        read = "percent" if kind == "colour_most" else "number"
        left_out = next(each for each in one.evidence[1:] if not each.text.startswith(one.answer))
        fewer = str(one.program).replace(f', entry("{left_out.ref}", {read}("{left_out.ref}"))', "")
        assert fewer != one.program
        cited = tuple(each for each in one.evidence if each != left_out)
        assert "all parts" in reason(replace(one, program=fewer, evidence=cited))


def test_shares_of_different_colours_are_not_compared() -> None:
    one = of_kind("colour_most")
    colour = one.evidence[0].text.rpartition(" ")[2]
    mixed = tuple(
        each if each.text.startswith(one.answer) else replace(each, text=each.text.replace(colour, "purple"))
        for each in one.evidence
    )
    assert "different colours" in reason(replace(one, evidence=mixed))


def test_rows_of_a_table_are_no_parts_of_a_picture() -> None:
    rows = tuple(
        Evidence(kind="text", ref=f"T{2 * n + m}", box=(200.0 * m, 40.0 * n, 200.0 * m + 90, 40.0 * n + 20), text=text)
        for n, row in enumerate((("Oak", "12"), ("Elm", "30")))
        for m, text in enumerate(row)
    )
    one = replace(
        of_kind("brightest"),
        question="Which corner of the picture is the brightest?",
        program="a = column(entry(T0, number(T1)), entry(T2, number(T3))); argmax(a)",
        evidence=rows,
        answer="Elm",
        options=None,
    )
    assert "all parts" in reason(one)


def test_a_place_across_is_no_answer_to_a_question_for_one_down() -> None:
    one = of_kind("object_down")
    label = next(each.text for each in one.evidence if each.kind == "object")
    across = f"Is the {label} on the left, in the middle or on the right?"
    assert not proven(replace(one, question=across, generator="computed/object_across"))


def test_a_part_or_object_has_its_own_value_and_all_are_measured_alike() -> None:
    one = of_kind("colour_most")
    ref = next(each.ref for each in one.evidence if each.text.startswith(one.answer))
    other = next(each.ref for each in one.evidence if each.ref != ref)
    unmeasured = str(one.program).replace(f'percent("{ref}")', f'box("{ref}")')
    assert "does not compare percent" in reason(replace(one, program=unmeasured))
    exchanged = str(one.program).replace(f'percent("{ref}")', f'percent("{other}")')
    assert reason(replace(one, program=exchanged)) == f"{ref} has the value of {other}"
