"""The proof accepts what follows from the evidence and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from contracts.checks import CheckContract
from msgspec.structs import replace
from synthesis.made_scenes import all_scenes, writer

from dcvlr.memo import Memo
from dcvlr.protocols import Check
from dcvlr.records import Evidence, Qa
from dcvlr.synthesis.generator.computed import CAPTION_CHOICE, FAMILIES
from dcvlr.validation.checks.proof import PROOFS, Proof
from dcvlr.validation.proofs.asked import ASKS


class TestProof(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return Proof()


@pytest.fixture
def memo(tmp_path: Path) -> Memo:
    return Memo(tmp_path / "checkpoints")


def written(family: str, memo: Memo) -> list[Qa]:
    return [qa for questions in writer(families=[family])(all_scenes(), memo) for qa in questions.qas]


def proven(qa: Qa, memo: Memo) -> bool:
    return Proof()([qa], memo)[0].passed


def test_every_family_has_a_proof() -> None:
    assert set(PROOFS) == set(ASKS) == {*FAMILIES, CAPTION_CHOICE}


@pytest.mark.parametrize("family", sorted(PROOFS))
def test_another_answer_is_not_proven(family: str, memo: Memo) -> None:
    for qa in written(family, memo):
        others = [option for option in qa.options or () if option != qa.answer]
        for other in (*others, "17.61", f"{qa.answer}x", ""):
            assert not proven(replace(qa, answer=other), memo)


@pytest.mark.parametrize("family", sorted(PROOFS))
def test_other_evidence_proves_nothing(family: str, memo: Memo) -> None:
    for qa in written(family, memo):
        first, *rest = qa.evidence
        assert proven(qa, memo)
        assert not proven(replace(qa, evidence=(replace(first, text="something else 99"), *rest)), memo)
        assert not proven(replace(qa, evidence=()), memo)
        assert not proven(replace(qa, evidence=(*qa.evidence, first)), memo)


@pytest.mark.parametrize(
    "family",
    [
        family
        for family in sorted(PROOFS)
        if family.startswith(("place.", "objects.", "text.line_")) and "count" not in family
    ],
)
def test_moved_boxes_do_not_prove_the_same_answer(family: str, memo: Memo) -> None:
    """Each thing in the place of the next one."""
    for qa in written(family, memo):
        if family == "objects.overlap":
            continue  # who overlaps whom does not change when both change places
        boxes = [evidence.box for evidence in qa.evidence]
        moved = tuple(replace(e, box=box) for e, box in zip(qa.evidence, [*boxes[1:], boxes[0]], strict=True))
        assert not proven(replace(qa, evidence=moved), memo)


def test_a_value_of_another_row_is_not_beside_the_label(memo: Memo) -> None:
    qa, *_ = written("text.value_beside_label", memo)
    label, value = qa.evidence
    assert value.box is not None
    x0, y0, x1, y1 = value.box
    assert not proven(replace(qa, evidence=(label, replace(value, box=(x0, y0 + 40, x1, y1 + 40)))), memo)


def test_a_changed_amount_changes_the_sum(memo: Memo) -> None:
    qa, *_ = written("amounts.sum", memo)
    a, x, b, y = qa.evidence
    changed = replace(y, text="123.45")
    finding = Proof()([replace(qa, evidence=(a, x, b, changed))], memo)[0]
    assert not finding.passed
    assert "the evidence leads to" in finding.reason


def test_a_miscounted_object_is_found(memo: Memo) -> None:
    qa, *_ = written("objects.count", memo)
    another = Evidence(kind="object", ref="O9", box=(0.0, 0.0, 5.0, 5.0), text=qa.evidence[0].text)
    assert not proven(replace(qa, evidence=(*qa.evidence, another)), memo)


def test_a_question_about_something_else_is_not_proven(memo: Memo) -> None:
    qa, *_ = written("text.value_beside_label", memo)
    assert not proven(replace(qa, question='What is printed to the right of "Tips"?'), memo)


def test_answers_that_nobody_computed_are_left_to_other_checks(memo: Memo) -> None:
    qa, *_ = written("amounts.sum", memo)
    reasons = {
        "written/features": "not computed",
        "computed/unheard.of": "not proven: there is no proof for 'computed/unheard.of'",
        "computed": "not proven: there is no proof for 'computed'",
    }
    for generator, reason in reasons.items():
        (finding,) = Proof()([replace(qa, generator=generator, answer="anything")], memo)
        assert (finding.passed, finding.value, finding.reason) == (True, None, reason)


@pytest.mark.parametrize("family", sorted(PROOFS))
def test_the_right_answer_to_another_question_is_not_proven(family: str, memo: Memo) -> None:
    for qa in written(family, memo):
        assert not proven(replace(qa, question="What is this?"), memo)


def test_a_part_that_does_not_exist_has_no_colour(memo: Memo) -> None:
    qa, *_ = written("pixels.dominant_colour", memo)
    (part,) = qa.evidence
    assert not proven(replace(qa, evidence=(replace(part, ref="P:roof"),)), memo)


def test_a_label_that_begins_alike_is_another_one(memo: Memo) -> None:
    qa, *_ = written("objects.count", memo)
    cars = replace(qa, question="How many cars can be seen in the picture?")
    for label, right in (("car", True), ("carrot", False), ("cart", False)):
        evidence = tuple(replace(one, text=label) for one in qa.evidence)
        assert proven(replace(cars, evidence=evidence), memo) == right


def test_days_and_hours_that_do_not_exist_are_not_proven(memo: Memo) -> None:
    for family, text in (("text.only_date", "13/13/2020"), ("text.only_date", "12-34-56"), ("text.only_time", "25:10")):
        qa, *_ = written(family, memo)
        (line,) = qa.evidence
        assert not proven(replace(qa, answer=text, evidence=(replace(line, text=text),)), memo)


@pytest.mark.parametrize(("family", "answer"), [("caption.light", "dark"), ("caption.count", "2")])
def test_a_caption_of_a_part_proves_nothing_of_the_whole(family: str, answer: str, memo: Memo) -> None:
    qa, *_ = written(family, memo)
    (caption,) = qa.evidence
    wrong = replace(caption, text="A dark brown dog sits beside twenty two dogs.")
    assert not proven(replace(qa, answer=answer, evidence=(wrong,)), memo)
