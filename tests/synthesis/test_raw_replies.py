"""Raw replies of many kinds, written by somebody who had not read their reader: which of them are a question."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from synthesis.made_scenes import receipt
from synthesis.test_written import author, written

from dcvlr.records import Qa
from dcvlr.records.requests import Reply, Request

REPLIES = [json.loads(line) for line in Path(__file__).with_name("raw_replies.jsonl").read_text("utf-8").splitlines()]


def said(qa: Qa) -> dict[str, object]:
    steps = [line.partition(". ")[2] for line in qa.reasoning.splitlines()]
    return {"question": qa.question, "answer": qa.answer, "steps": steps}


@pytest.mark.parametrize("kind", sorted({reply["kind"] for reply in REPLIES}))
def test_what_can_be_read_is_a_question_and_nothing_else_is(kind: str, tmp_path: Path) -> None:
    came = {str(n): raw for n, raw in enumerate(REPLIES) if raw["kind"] == kind}
    (choice,) = {raw["choice"] for raw in came.values()}

    def reply(request: Request) -> Reply:
        raw = came[request.views[0].image.id]
        return Reply(text=raw["text"], finish=raw["finish"])

    shares = {"multiple_choice" if choice else "short_text": 1.0}
    pictures = [receipt(name) for name in came]
    made = written(tmp_path, author(reply), *pictures, think_first=False, answer_types=shares)
    for raw, questions in zip(came.values(), made, strict=True):
        assert bool(questions.qas) is raw["taken"], raw
        for qa in questions.qas:
            assert said(qa) | raw["read_as"] == said(qa), raw
