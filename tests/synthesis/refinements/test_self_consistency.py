"""What most of several solves say is the answer; without a majority the question goes."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from contracts.checks import qa
from scripted import Scripted
from synthesis.made_scenes import receipt

from dcvlr.config import compose, make
from dcvlr.llm.solver import Solver
from dcvlr.memo import Memo
from dcvlr.records import AskedFor, Failure, Finding, ImageRecord, Qa
from dcvlr.synthesis.refinements.self_consistency import SelfConsistency

ASKED = AskedFor(number=1, answer_type="short_text", difficulty="easy", style="read")


def written(**changes: object) -> Qa:
    made = qa(question="How much is the tea?", answer="4.50", options=None, asked_for=ASKED)
    return msgspec.structs.replace(made, **changes)


def settled(folder: Path, question: Qa, *replies: str | Failure) -> tuple[Qa | Finding | Failure, int]:
    remaining = iter(replies)
    llm = Scripted(script=lambda request: next(remaining))
    solver = Solver(
        llm=llm,
        samples=len(replies),
        temperature=0.7,
        top_p=1.0,
        max_tokens=99,
        prompt="{question}{options}",
        tolerance=0.0,
        seed=0,
    )
    refinement = SelfConsistency(solver=solver, min_share=0.5)
    (outcome,) = refinement([(receipt(), question)], Memo(folder))
    return outcome, len(llm.asked)


def test_a_majority_for_the_writers_answer_changes_nothing(tmp_path: Path) -> None:
    question = written()
    outcome, asked = settled(tmp_path, question, "\\boxed{4.50}", "\\boxed{4.50}", "\\boxed{9}")
    assert (outcome, asked) == (question, 3)


def test_a_majority_for_another_answer_takes_its_place_with_its_steps(tmp_path: Path) -> None:
    right = "The tea stands in the second row.\nIts price is 5.40.\n\\boxed{5.40}"
    outcome, _ = settled(tmp_path, written(), right, "\\boxed{4.50}", right)
    assert isinstance(outcome, Qa)
    assert (outcome.answer, outcome.refined) == ("5.40", ("self_consistency",))
    assert outcome.reasoning == "1. The tea stands in the second row.\n2. Its price is 5.40."
    assert outcome.id != written().id


def test_what_two_pairs_of_pictures_are_asked_stays_two_questions(tmp_path: Path) -> None:
    right = "The tea stands in the second row.\nIts price is 5.40.\n\\boxed{5.40}"
    first, *others = (ImageRecord(id=name, path=f"{name}.png", dataset="d") for name in ("one", "two", "three"))
    pairs = [written(images=(first, other)) for other in others]
    settled_pairs = [settled(tmp_path / pair.images[1].id, pair, right, right)[0] for pair in pairs]
    assert len({one.id for one in settled_pairs if isinstance(one, Qa)}) == 2


def test_the_majority_may_name_an_option_by_its_letter(tmp_path: Path) -> None:
    question = written(options=("4.50", "5.40", "1.00", "9.00"))
    outcome, _ = settled(tmp_path, question, "It is B.\n\\boxed{B}", "\\boxed{5.40}", "\\boxed{A}")
    assert isinstance(outcome, Qa)
    assert outcome.answer == "5.40"


def test_without_a_majority_or_steps_the_question_goes(tmp_path: Path) -> None:
    outcome, _ = settled(tmp_path / "a", written(), "\\boxed{1}", "\\boxed{2}", "\\boxed{4.50}")
    assert isinstance(outcome, Finding)
    assert outcome.reason.startswith("no answer has a majority: 1 of 3 replies")
    half, _ = settled(tmp_path / "b", written(), "\\boxed{4.50}", "\\boxed{2}")
    assert isinstance(half, Finding)
    bare, _ = settled(tmp_path / "c", written(), "\\boxed{7}", "\\boxed{7}", "\\boxed{4.50}")
    assert isinstance(bare, Finding)
    assert bare.reason.startswith("the majority gives no steps")


def test_what_could_not_be_asked_is_no_verdict_and_gold_is_not_asked(tmp_path: Path) -> None:
    away = Failure(kind="timeout", message="away")
    assert settled(tmp_path / "a", written(), away, "\\boxed{4.50}", "\\boxed{4.50}")[0] == away
    gold = written(asked_for=None)
    assert settled(tmp_path / "b", gold, "\\boxed{1}", "\\boxed{1}") == (gold, 0)


@pytest.mark.parametrize("name", ["self_consistency", "evolve"])
def test_a_refinement_is_chosen_by_its_name(name: str) -> None:
    words = ["images_dir=x", "synthesis/generator=openai", f"synthesis/refinements=[{name}]"]
    assert list(make(compose(words), "synthesis").refinements) == [name]
    assert make(compose(["images_dir=x"]), "synthesis").refinements == {}
