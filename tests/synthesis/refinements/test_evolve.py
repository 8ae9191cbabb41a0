"""A question that a student always solves is rewritten harder, and stays so only if it verifies and is harder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from contracts.checks import qa
from scripted import Script, Scripted
from synthesis.made_scenes import receipt

from dcvlr.config import compose, make
from dcvlr.llm.solver import Solver
from dcvlr.memo import Memo
from dcvlr.records import AskedFor, Qa
from dcvlr.synthesis.refinements.evolve import Evolve

ASKED = AskedFor(number=2, answer_type="number", difficulty="easy", style="read")
EASY = msgspec.structs.replace(
    qa(question="How much is the tea?", answer="4.50", options=None), image_id=receipt().image.id, asked_for=ASKED
)
HARDER = {
    "question": "How much more than the milk is the tea?",
    "answer": "2.00",
    "steps": ["The tea is 4.50 and the milk 2.50.", "4.50 - 2.50 = 2.00."],
    "evidence": ["T1"],
}


def says(easy: str, hard: str) -> Script:
    """An answer to the question as it was, and one to the harder one."""
    return lambda request: f"\\boxed{{{hard if 'more than' in request.messages[0].text else easy}}}"


def solver(script: Script, samples: int) -> Solver:
    return Solver(
        llm=Scripted(script=script, family=f"f{samples}"),
        samples=samples,
        temperature=0.7,
        top_p=1.0,
        max_tokens=99,
        prompt="{question}{options}",
        tolerance=0.0,
        seed=0,
    )


def evolved(
    folder: Path, student: Script, verifier: Script, *, writes: Any = HARDER, question: Qa = EASY
) -> tuple[Qa, int]:
    shipped = make(
        compose(["images_dir=x", "synthesis/generator=openai", "synthesis/refinements=[evolve]"]), "synthesis"
    )
    prompt = shipped.refinements["evolve"].prompt
    writer = Scripted(script=lambda request: writes if isinstance(writes, str) else json.dumps(writes))
    evolve = Evolve(
        llm=writer,
        student=solver(student, 2),
        verifier=solver(verifier, 3),
        min_agreement=0.75,
        prompt=prompt,
        temperature=0.7,
        top_p=1.0,
        max_tokens=99,
        max_lines=200,
        seed=0,
    )
    (outcome,) = evolve([(receipt(), question)], Memo(folder))
    assert isinstance(outcome, Qa)
    return outcome, len(writer.asked)


def test_an_easy_question_becomes_a_harder_one_that_verifies(tmp_path: Path) -> None:
    harder, asked = evolved(tmp_path, says("4.50", "9"), says("4.50", "2.00"))
    assert (harder.question, harder.answer) == (HARDER["question"], "2.00")
    assert harder.reasoning == "1. The tea is 4.50 and the milk 2.50.\n2. 4.50 - 2.50 = 2.00."
    assert (harder.refined, harder.asked_for, asked) == (("evolve",), ASKED, 1)
    assert harder.id != EASY.id


@pytest.mark.parametrize(
    ("student", "verifier", "writes", "asked"),
    [
        (says("9", "9"), says("4.50", "2.00"), HARDER, 0),  # not easy
        (says("4.50", "9"), says("4.50", "3.00"), HARDER, 1),  # does not verify
        (says("4.50", "2.00"), says("4.50", "2.00"), HARDER, 1),  # no harder
        (says("4.50", "9"), says("4.50", "2.00"), "I would rather not.", 1),  # no question
    ],
)
def test_else_the_question_stays_as_it_was(
    tmp_path: Path, student: Script, verifier: Script, writes: Any, asked: int
) -> None:
    assert evolved(tmp_path, student, verifier, writes=writes) == (EASY, asked)


def test_gold_and_computed_questions_stay(tmp_path: Path) -> None:
    gold = msgspec.structs.replace(EASY, asked_for=None)
    assert evolved(tmp_path, says("4.50", "9"), says("4.50", "2.00"), question=gold) == (gold, 0)
