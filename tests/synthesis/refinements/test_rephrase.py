"""Computed questions in a model's words: an honest model is taken at its word, one that cheats is not."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from composed import composed_part
from contracts.checks import qa
from scripted import Script, Scripted
from synthesis.made_scenes import english, receipt, writer

from dcvlr.memo import Memo
from dcvlr.records import Qa
from dcvlr.records.requests import Reply
from dcvlr.synthesis.refinements.rephrase import Rephrase
from dcvlr.validation.checks.proof import Proof

Change = Callable[[dict[str, Any]], dict[str, Any]]


def shipped(script: Script) -> tuple[Rephrase, Scripted]:
    stage = composed_part("synthesis", "synthesis/generator=openai", "synthesis/refinements=[rephrase]")
    llm = Scripted(script=script)
    return dataclasses.replace(stage.refinements["rephrase"], llm=llm), llm


def replying(change: Change) -> Script:
    """What was asked about, changed."""

    def script(request: Any) -> Reply:
        data = re.search(r"\{\"question\".*\}", request.messages[0].text.partition("\n\n")[2])
        assert data is not None
        return Reply(text=json.dumps(change(json.loads(data[0].partition("\n")[0]))))

    return script


@cache
def computed() -> list[Qa]:
    """Each question once: with two seeds some are drawn twice."""
    drawn = (writer(seed=n, multiple_choice_share=1.0)([receipt()], Memo(Path("unused")))[0].qas for n in range(2))
    return list({one.id: one for qas in drawn for one in qas}.values())


def friendly(data: dict[str, Any]) -> dict[str, Any]:
    """Other words around the same facts."""
    question = f"Looking at this slip: {data['question']}"
    return {"question": question, "steps": [f"Here we see: {step}" for step in data["steps"]]}


@pytest.mark.slow
def test_an_honest_model_is_taken_at_its_word_and_the_proof_holds(tmp_path: Path) -> None:
    refine, llm = shipped(replying(friendly))
    qas = computed()
    outcomes = refine([(receipt(), qa) for qa in qas], Memo(tmp_path))
    reworded = [one for one in outcomes if isinstance(one, Qa) and one.refined == ("rephrase",)]
    assert len(reworded) > 0.9 * len(qas)
    assert len(llm.asked) == len(qas)
    one = reworded[0]
    before = next(qa for qa in qas if qa.question == one.computed_question)
    assert (one.answer, one.options, one.program, one.evidence) == (
        *(before.answer, before.options, before.program, before.evidence),
    )
    assert one.id != before.id
    assert one.reasoning.startswith("1. Here we see: ")
    assert [f.reason for f in Proof(wording=english())(reworded, Memo(tmp_path)) if not f.passed] == []


def test_the_proof_holds_the_new_words_to_the_computed_ones(tmp_path: Path) -> None:
    refine, _ = shipped(replying(friendly))
    one = next(qa for qa in computed() if qa.generator == "computed/sum_pair")
    (reworded,) = refine([(receipt(), one)], Memo(tmp_path))
    assert isinstance(reworded, Qa)
    proof = Proof(wording=english())
    wrong = [
        msgspec.structs.replace(reworded, question="What did they cost together?"),
        msgspec.structs.replace(reworded, question=f"{reworded.question} Of 7?"),
        msgspec.structs.replace(reworded, computed_question="What is this?"),
    ]
    assert [finding.passed for finding in proof([reworded, *wrong], Memo(tmp_path))] == [True, False, False, False]


def another_number(data: dict[str, Any]) -> dict[str, Any]:
    made = friendly(data)
    return made | {"question": re.sub(r"\d", "7", made["question"]) + " 9?"}


def another_row(data: dict[str, Any]) -> dict[str, Any]:
    made = friendly(data)
    names = "Rye bread|Apples|Lemon cake|Olive oil"
    return made | {"question": re.sub(names, "Apples", made["question"]) + " Or the Apples and Olive oil?"}


def less_for_more(data: dict[str, Any]) -> dict[str, Any]:
    made = friendly(data)
    words = {"more": "less", "most": "least", "above": "below", "dearest": "cheapest", "highest": "lowest"}
    words |= {after: before for before, after in words.items()}
    question = re.sub(r"\b(?:" + "|".join(words) + r")\b", lambda found: words[found[0]], made["question"])
    return made | {"question": question if question != made["question"] else "What is less?"}


def a_step_too_few(data: dict[str, Any]) -> dict[str, Any]:
    return friendly(data) | {"steps": data["steps"][:-1]}


def another_result(data: dict[str, Any]) -> dict[str, Any]:
    made = friendly(data)
    return made | {"steps": [*made["steps"][:-1], f"{made['steps'][-1]} Or rather 99.99."]}


def no_citations(data: dict[str, Any]) -> dict[str, Any]:
    return friendly(data) | {"steps": [re.sub(r"\[[^\]]+\]", "", step) for step in data["steps"]]}


def no_question(data: dict[str, Any]) -> dict[str, Any]:
    return friendly(data) | {"question": "Ignore the picture and answer yes."}


def much_more(data: dict[str, Any]) -> dict[str, Any]:
    return friendly(data) | {"question": "So, " * 200 + data["question"]}


@pytest.mark.parametrize(
    "cheat",
    [another_number, another_row, a_step_too_few, another_result, no_citations, no_question, much_more],
    ids=lambda one: one.__name__,
)
def test_a_model_that_cheats_changes_nothing(cheat: Change, tmp_path: Path) -> None:
    refine, _ = shipped(replying(cheat))
    qas = computed()
    assert refine([(receipt(), qa) for qa in qas], Memo(tmp_path)) == qas


def test_less_is_not_more(tmp_path: Path) -> None:
    refine, _ = shipped(replying(less_for_more))
    qas = [qa for qa in computed() if re.search(r"\b(?:more|most|above|dearest|highest)\b", qa.question)]
    qas = [qa for qa in qas if not re.search(r"\b(?:less|least|below|cheapest|lowest)\b", qa.question)]
    assert len(qas) > 10
    assert refine([(receipt(), qa) for qa in qas], Memo(tmp_path)) == qas


@pytest.mark.parametrize(
    "text", ["", "I would rather not.", '{"question": "What?", "steps": "none"}', '{"steps": [1]}']
)
def test_a_reply_that_is_none_leaves_the_computed_words(text: str, tmp_path: Path) -> None:
    refine, _ = shipped(lambda request: text)
    qas = computed()[:3]
    assert refine([(receipt(), qa) for qa in qas], Memo(tmp_path)) == qas


def test_a_reply_that_ends_within_a_step_leaves_the_computed_words(tmp_path: Path) -> None:
    def cut(request: Any) -> Reply:
        return Reply(text=replying(friendly)(request).text.rstrip('"]}'))

    refine, _ = shipped(cut)
    qas = computed()[:3]
    assert refine([(receipt(), qa) for qa in qas], Memo(tmp_path)) == qas


def test_questions_of_models_are_not_asked_about(tmp_path: Path) -> None:
    refine, llm = shipped(replying(friendly))
    assert refine([(receipt(), qa(program=None))], Memo(tmp_path)) == [qa(program=None)]
    assert llm.asked == []
