"""Replies that are no question: cut, refused, empty or mended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from synthesis.made_scenes import receipt
from synthesis.test_written import author, good, kind_of, written

from dcvlr.records.requests import Reply


def test_a_reply_that_was_cut_is_no_question(tmp_path: Path) -> None:
    cut = author(lambda request: Reply(text=good(), finish="length") if request.schema else "The total is 12.50.")
    (questions,) = written(tmp_path, cut, receipt())
    assert [finding.reason for finding in questions.lost] == ["it was cut off after too many tokens."]
    assert len(cut.asked) == 3


@pytest.mark.parametrize(
    ("thought", "reason"),
    [
        (Reply(text="The total is", finish="length"), "the thought ended by 'length', not by itself"),
        (Reply(text="The total is", finish="content_filter"), "the thought ended by 'content_filter', not by itself"),
        (Reply(text="I'm sorry, but I can't help with that request."), "the model refused"),
    ],
)
def test_nothing_is_extracted_from_a_thought_that_was_cut_or_refused(
    tmp_path: Path, thought: Reply, reason: str
) -> None:
    llm = author(lambda request: good() if request.schema else thought)
    (questions,) = written(tmp_path, llm, receipt())
    assert [finding.reason for finding in questions.lost] == [reason]
    assert json.loads(str(questions.lost[0].value))["thought"] == thought.text
    assert len(llm.asked) == 1


def test_a_refusal_in_place_of_the_json_is_not_sent_back(tmp_path: Path) -> None:
    llm = author(lambda _: "I'm sorry, but I can't help with that request.")
    (questions,) = written(tmp_path, llm, receipt(), think_first=False)
    assert [finding.reason for finding in questions.lost] == ["the model refused"]
    assert len(llm.asked) == 1


def test_an_empty_reply_is_not_sent_back_as_an_empty_message(tmp_path: Path) -> None:
    llm = author(lambda request: good(kind=kind_of(request)) if len(request.messages) > 4 else "")
    (questions,) = written(tmp_path, llm, receipt())
    assert len(questions.qas) == 1
    assert [message.text for message in llm.asked[-1].messages if message.role == "assistant"] == ["(nothing)"] * 2


def test_json_that_had_to_be_mended_is_marked(tmp_path: Path) -> None:
    broken = good().replace('"evidence": ["T1"]}', '"evidence": ["T1"],')
    (questions,) = written(tmp_path, author(lambda request: broken if request.schema else "hm"), receipt())
    assert [qa.repaired for qa in questions.qas] == [True]
