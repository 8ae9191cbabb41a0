"""Several questions of one picture in one request: what is common, what comes back, what is asked for again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from synthesis.made_scenes import line, receipt, scene
from synthesis.test_written import CHOICE, SLOT, author, templates, written

from dcvlr.errors import ConfigError
from dcvlr.records import Questions
from dcvlr.records.requests import Reply, Request
from dcvlr.synthesis.replies import schema
from dcvlr.synthesis.scene_text import quoted


def question(number: int | None, name: str, **changes: Any) -> dict[str, Any]:
    fields = {"question": f"How much is the {name}?", "answer": "12.50", "options": []}
    fields |= {"steps": [f"Find the {name}.", "It is 12.50."], "evidence": ["T1"]}
    return ({} if number is None else {"number": number}) | fields | changes


def reply(*questions: dict[str, Any]) -> str:
    return json.dumps({"questions": list(questions)})


def three(folder: Path, *replies: str, **changes: Any) -> tuple[Questions, list[Request]]:
    """Three questions in one request, answered by the replies one after the other."""
    remaining = iter(replies)
    llm = author(lambda request: next(remaining))
    settings = {"qa_per_image": 3, "questions_per_request": 3, "think_first": False} | changes
    (questions,) = written(folder, llm, receipt(), **settings)
    return questions, llm.asked


def names(questions: Questions) -> list[str]:
    return [qa.question.removeprefix("How much is the ").rstrip("?") for qa in questions.qas]


def test_one_request_gives_all_questions_of_a_picture(tmp_path: Path) -> None:
    questions, asked = three(tmp_path, reply(question(1, "total"), question(2, "tax"), question(3, "tip")))
    assert names(questions) == ["total", "tax", "tip"]
    assert [qa.asked_for for qa in questions.qas] == list(questions.asked)
    assert (questions.lost, len(asked)) == ((), 1)
    text = asked[0].messages[-1].text
    assert "Write 3 questions" in text or "these 3 questions" in text
    assert text.count("\nQuestion ") == 3
    assert text.count("<data>\n") == 1


@pytest.mark.parametrize(
    "text",
    [
        reply(question(3, "tip"), question(1, "total"), question(2, "tax")),  # in another order
        json.dumps([question(None, "total"), question(None, "tax"), question(None, "tip")]),  # a bare list
        "\n".join(json.dumps(question(n, name)) for n, name in ((1, "total"), (2, "tax"), (3, "tip"))),
        "Here:\n```json\n"
        + reply(*(question(0, name) for name in ("total", "tax", "tip")))
        + "\n```",  # numbers that count nothing
        reply(question(1, "total"), question(2, "tax"), question(3, "tip"))[:-2] + ",]}",  # no JSON
    ],
)
def test_lists_objects_and_broken_json_are_read(tmp_path: Path, text: str) -> None:
    questions, asked = three(tmp_path, text)
    assert names(questions) == ["total", "tax", "tip"]
    assert len(asked) == 1


def test_what_is_missing_is_asked_for_once_more_and_the_rest_is_kept(tmp_path: Path) -> None:
    first = reply(question(1, "total"), question(3, "tip"))
    questions, asked = three(tmp_path, first, json.dumps(question(None, "tax")))
    assert names(questions) == ["total", "tax", "tip"]
    assert "there is no question for it" in asked[1].messages[-1].text
    assert "question 2 alone" in asked[1].messages[-1].text
    assert "questions" not in json.loads(asked[1].schema or "")["properties"]


def test_one_bad_question_costs_no_good_one_and_stands_in_the_ledger(tmp_path: Path) -> None:
    bad = question(2, "tax", answer="twelve")
    questions, _ = three(tmp_path, reply(question(1, "total"), bad, question(3, "tip")), reply(bad))
    assert names(questions) == ["total", "tip"]
    (finding,) = questions.lost
    assert (finding.name, finding.reason) == ("invalid_reply", "the answer 'twelve' is no number.")
    value = json.loads(str(finding.value))
    assert value["slot"]["number"] == 2
    assert value["reply"] == reply(bad)


def test_each_bad_question_is_told_by_its_number(tmp_path: Path) -> None:
    first = reply(question(1, "total", answer="twelve"), question(2, "tax"), question(3, "tip", evidence=["T99"]))
    _, asked = three(tmp_path, first, reply(question(1, "total"), question(3, "tip")))
    message = asked[1].messages[-1].text
    assert "Question 1: the answer 'twelve' is no number." in message
    assert "Question 3: there is no data with the id 'T99'." in message
    assert "with the questions 1, 3" in message


def test_more_questions_than_were_asked_for_stand_in_the_ledger(tmp_path: Path) -> None:
    every = [question(n, name) for n, name in enumerate(("total", "tax", "tip", "change"), start=1)]
    questions, asked = three(tmp_path, reply(*every))
    assert names(questions) == ["total", "tax", "tip"]
    assert [(finding.name, finding.value) for finding in questions.lost] == [
        ("not_asked_for", "How much is the change?")
    ]
    assert len(asked) == 1


def test_a_reply_that_was_cut_gives_nothing_and_a_refusal_is_not_sent_back(tmp_path: Path) -> None:
    cut = author(lambda _: Reply(text=reply(question(1, "total")), finish="length"))
    (questions,) = written(tmp_path, cut, receipt(), qa_per_image=2, questions_per_request=2, think_first=False)
    assert [finding.reason for finding in questions.lost] == ["it was cut off after too many tokens."] * 2
    refused, asked = three(tmp_path / "b", "I'm sorry, but I can't help with that request.")
    assert [finding.reason for finding in refused.lost] == ["the model refused"] * 3
    assert len(asked) == 1


def test_requests_of_a_picture_begin_word_for_word_alike(tmp_path: Path) -> None:
    llm = author(lambda request: reply(question(None, "total")) if request.schema else "The total is 12.50.")
    written(tmp_path, llm, receipt(), qa_per_image=4, questions_per_request=2)
    thoughts = [request for request in llm.asked if request.schema is None]
    one, other = (request.messages[1].text for request in thoughts)
    common = one[: one.rindex("\n\n")]
    assert thoughts[0].messages[0] == thoughts[1].messages[0]
    assert thoughts[0].views == thoughts[1].views
    assert "</data>" in common
    assert "Rules for every question" in common
    assert other.startswith(common)
    assert one != other


def test_a_schema_for_several_is_a_list_with_numbers() -> None:
    fields = json.loads(schema([SLOT, CHOICE]))["properties"]["questions"]
    assert fields["maxItems"] == 2
    assert fields["items"]["required"] == ["number", "question", "options", "answer", "steps", "evidence"]
    assert fields["items"]["properties"]["options"]["minItems"] == 0
    both = json.loads(schema([CHOICE, CHOICE]))["properties"]["questions"]["items"]
    assert both["properties"]["options"]["minItems"] == 4


def test_a_page_is_told_in_rows_and_columns_without_coordinates() -> None:
    page = scene(
        line("CORNER SHOP", 200, 10),
        *(line("Item", 10, 100), line("Qty", 250, 100), line("Price", 500, 100)),
        *(line("Tea", 10, 130), line("2", 260, 130), line("5.00", 500, 130)),
        *(line("Bag", 10, 160), line("0.10", 500, 160)),
        line("Thank you", 500, 590),
    )
    assert quoted(page, max_lines=50, max_characters=99, places="layout").splitlines() == [
        "[top]",
        'T1: "CORNER SHOP"',
        'T2: "Item" | T3: "Qty" | T4: "Price"',
        'T5: "Tea" | T6: "2" | T7: "5.00"',
        'T8: "Bag" |  | T9: "0.10"',
        "[bottom]",
        'T10: "Thank you" (right)',
    ]
    boxes = quoted(page, max_lines=50, max_characters=99, places="boxes")
    assert " at [" in boxes
    assert len(boxes.splitlines()) == 10


def test_templates_render_for_one_and_for_many() -> None:
    templates().check_ready()


def test_each_question_is_written_as_often_as_there_are_candidates(tmp_path: Path) -> None:
    names = iter(("total", "tax", "tip"))
    llm = author(lambda request: json.dumps(question(None, next(names))))
    (questions,) = written(tmp_path, llm, receipt(), candidates=3, think_first=False)
    assert len({request.seed for request in llm.asked}) == 3
    assert len({request.messages for request in llm.asked}) == 1
    assert [qa.asked_for.number for qa in questions.qas if qa.asked_for] == [1, 1, 1]
    with pytest.raises(ConfigError, match="candidates"):
        written(tmp_path, llm, receipt(), candidates=2, temperature=0.0)
