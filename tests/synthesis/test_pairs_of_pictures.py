"""Pictures that are shown together and asked about together."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import msgspec
import pytest
from synthesis.made_scenes import receipt, scene
from synthesis.test_written import author, templates, writer, written

from dcvlr.errors import ConfigError
from dcvlr.records import Evidence, Questions
from dcvlr.records.requests import Request

REPLY = {
    "question": "How much more is the total of the second picture than that of the first picture?",
    "answer": "5.90",
    "steps": ["The first picture has the total 34.10 [p1_T1].", "The second has 40.00.", "40.00 - 34.10 = 5.90."],
    "evidence": ["p1_T1", "p2_T1", "picture 2"],
}


def reply(request: Request) -> str:
    if not request.schema:
        return "Let me compare."
    return json.dumps(REPLY if len(request.views) == 2 else REPLY | {"evidence": ["T1"]})


def asked(folder: Path, ids: str, **changes: object) -> tuple[list[Questions], list[Request]]:
    llm = author(reply)
    settings = {"pictures_per_question": 2, **changes}
    return written(folder, llm, *(receipt(name) for name in ids), **settings), llm.asked


def test_pairs_of_a_bin_are_asked_about_with_both_pictures(tmp_path: Path) -> None:
    questions, requests = asked(tmp_path, "abc")
    assert [len(one.qas) for one in questions] == [2, 1, 1]  # c has nobody left to be compared with
    qa = questions[0].qas[1]
    assert [image.id for image in qa.images] == ["a", "b"]
    assert (qa.image_id, qa.question) == ("a", REPLY["question"])
    assert [(one.ref, one.picture, one.kind) for one in qa.evidence] == [
        ("p1_T1", 1, "text"),
        ("p2_T1", 2, "text"),
        ("p2_picture", 2, "picture"),
    ]
    assert qa.reasoning.splitlines()[0] == "1. The first picture has the total 34.10."
    together = [request for request in requests if len(request.views) == 2]
    assert [[view.image.id for view in request.views] for request in together] == [["a", "b"], ["a", "b"]]
    text = together[0].messages[1].text
    assert "Look at the 2 pictures" in text
    assert 'Picture 2:\n[top]\np2_T1: "GREEN CORNER"' in text
    assert "T1:" not in text.replace("p1_T1:", "").replace("p2_T1:", "")
    assert any(style.text in text for style in templates().table["together"])
    assert '"p1_T3" or "p2_O1"' in together[1].messages[-1].text


def test_pictures_of_different_bins_are_not_compared_and_nothing_is_by_default(tmp_path: Path) -> None:
    llm = author(reply)
    other = msgspec.structs.replace(receipt("b"), bin="C")
    written(tmp_path, llm, receipt("a"), other, pictures_per_question=2)
    assert {len(request.views) for request in llm.asked} == {1}
    _, requests = asked(tmp_path / "off", "ab", pictures_per_question=1)
    assert {len(request.views) for request in requests} == {1}


def test_a_line_of_a_picture_that_is_not_there_is_sent_back(tmp_path: Path) -> None:
    llm = author(lambda request: json.dumps(REPLY | {"evidence": ["p3_T1"]}) if request.schema else "Let me see.")
    first, _ = written(tmp_path, llm, receipt("a"), receipt("b"), pictures_per_question=2)
    assert [finding.reason for finding in first.lost] == ["there is no data with the id 'P3_T1'."] * 2


def test_a_writer_without_eyes_compares_what_was_read(tmp_path: Path) -> None:
    llm = author(
        lambda request: json.dumps(REPLY | {"evidence": ["p2_T1"]}) if request.schema else "", sees_images=False
    )
    first, _ = written(tmp_path, llm, receipt("a"), receipt("b"), pictures_per_question=2)
    assert first.qas[0].evidence == (
        Evidence(kind="text", ref="p2_T1", box=receipt("b").text.lines[0].box, text="GREEN CORNER", picture=2),  # type: ignore[union-attr]
    )
    blank = author(reply, sees_images=False)
    written(tmp_path / "blank", blank, receipt("a"), msgspec.structs.replace(scene(), bin="A"), pictures_per_question=2)
    assert all("Picture 2" not in request.messages[1].text for request in blank.asked)


def test_texts_for_pictures_together_are_needed_only_where_they_are_asked_about() -> None:
    alone = {name: texts for name, texts in templates().ask.items() if name != "together"}
    prompt = dataclasses.replace(templates(), ask=alone)
    assert dataclasses.replace(writer(author()), prompt=prompt).pictures_per_question == 1
    with pytest.raises(ConfigError, match=r"^prompt\.ask\.together=null: texts and styles are needed"):
        dataclasses.replace(writer(author()), prompt=prompt, pictures_per_question=2)
