"""Computed questions about several pictures together: receipts, and versions of a form."""

from __future__ import annotations

from pathlib import Path

import pytest
from synthesis.made_scenes import (
    english,
    league,
    pairs,
    receipt,
    registration,
    rows,
    scene,
    second_receipt,
    writer,
)

from dcvlr.memo import Memo
from dcvlr.records import Qa, Scene
from dcvlr.validation.checks.proof import Proof


@pytest.fixture(scope="module")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Memo:
    return Memo(Path(tmp_path_factory.mktemp("checkpoints")))


def together(scenes: list[Scene], memo: Memo, pictures: int = 2, **changes: object) -> list[Qa]:
    """With three seeds, since questions in nearly the same words are asked once."""
    found = [writer(pictures_per_question=pictures, seed=n, **changes)(scenes, memo) for n in range(3)]
    return [qa for some in found for questions in some for qa in questions.qas if qa.images]


def answers(qas: list[Qa]) -> dict[str, str]:
    return {qa.generator.partition("/")[2]: qa.answer for qa in qas}


def test_by_default_each_picture_is_asked_about_alone(memo: Memo) -> None:
    assert together(pairs(), memo, pictures=1) == []


def test_two_receipts_are_held_against_each_other(memo: Memo) -> None:
    qas = together([receipt(), league(), second_receipt()], memo)
    found = answers(qas)
    wanted = {
        "receipts_cheapest": "the second receipt",
        "receipts_apart": "19.80",
        "receipts_mean": "24.20",
        "receipts_note": "1.60",
        "receipts_earliest": "the first receipt",
        "receipts_days": "2",
        "items_dearest": "Lemon cake",
        "items_cheapest": "Soap",
        "items_count": "7",
        "items_apart": "5.25",
        "items_more": "yes",
    }
    assert {kind: found.get(kind) for kind in wanted} == wanted
    assert {tuple(image.id for image in qa.images) for qa in qas} == {("receipt", "second receipt")}
    assert {(qa.image_id, qa.image) for qa in qas} == {("receipt", "receipt.png")}


def test_three_receipts_are_added_up(memo: Memo) -> None:
    found = answers(together([receipt("a"), second_receipt("b"), receipt("c")], memo, pictures=3))
    assert found["receipts_note"] == "17.50"  # of 100.00 after 34.10 + 14.30 + 34.10
    assert "items_count" not in found, "two receipts are needed for what stands on either"
    assert "receipts_dearest" not in found, "the first and the third are equally dear"


def test_what_changed_between_two_versions_of_a_form(memo: Memo) -> None:
    found = answers(together([registration("1st"), registration("2nd", due="2024-03-21")], memo))
    assert found == {
        "changed_count": "1",
        "changed_which": "Due",
        "changed_to": "2024-03-21",
        "changed_from": "2024-03-14",
        "changed_most": "no",
    }


@pytest.mark.parametrize("changes", [{}, {"due": "2024-03-21", "town": "Granton"}])
def test_forms_that_are_the_same_or_differ_in_words_are_no_versions(memo: Memo, changes: dict[str, str]) -> None:
    assert together([registration("1st"), registration("2nd", **changes)], memo) == []


def test_what_says_no_payment_is_called_a_bill(memo: Memo) -> None:
    sums = (("Subtotal", "31.00"), ("Tax 10%", "3.10"), ("TOTAL", "34.10")), (("Tax 10%", "1.00"), ("TOTAL", "11.00"))
    bills = [scene(*rows(some, (40, 320), 200), image_id=f"bill {n}") for n, some in enumerate(sums)]
    found = together(bills, memo)
    assert answers(found)["receipts_dearest"] == "the first bill"
    assert all("receipt" not in f"{qa.question} {qa.reasoning}" for qa in found)
    assert together([bills[0], receipt()], memo) == []


def test_a_receipt_without_a_fellow_is_in_no_group(memo: Memo) -> None:
    assert together([receipt(), league(), registration("form")], memo) == []


def test_every_question_is_proven_and_its_evidence_says_where_it_is(memo: Memo) -> None:
    qas = together(pairs(), memo)
    assert len({qa.generator for qa in qas}) >= 20
    assert [one.reason for one in Proof(wording=english())(qas, memo) if not one.passed] == []
    for qa in qas:
        assert all(one.ref.startswith(f"p{one.picture}") for one in qa.evidence)
        assert {one.picture for one in qa.evidence} == {1, 2}
        assert all(f"[{one.ref}]" in qa.reasoning for one in qa.evidence if one.kind == "text")


def test_of_a_group_so_many_are_asked_as_is_wanted_and_its_pictures_keep_their_own(memo: Memo) -> None:
    of_group = together(pairs()[:2], memo, qa_per_group=2)
    assert len(of_group) == 6
    alone = [qa for some in writer()(pairs()[:2], memo) for qa in some.qas]
    both = [qa for some in writer(pictures_per_question=2)(pairs()[:2], memo) for qa in some.qas]
    assert [qa for qa in both if not qa.images] == alone
