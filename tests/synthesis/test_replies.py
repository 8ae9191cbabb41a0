"""Replies as they really come: what can be read without asking again, and what it is read as."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dcvlr.records import ImageRecord, OcrLine, OcrResult, Scene
from dcvlr.synthesis.replies import Written, read_all
from dcvlr.synthesis.slots import Slot

QUAD = ((10.0, 10.0), (90.0, 10.0), (90.0, 30.0), (10.0, 30.0))
PAGE = Scene(
    image=ImageRecord(id="a", path="a.png", dataset="pages"),
    bin="A",
    text=OcrResult(width=100, height=100, lines=(OcrLine(text="Order 8", score=0.99, quad=QUAD),)),
)
TEXT = Slot(number=1, total=1, answer_type="short_text", difficulty="easy", style="read", template=0, seed=0)
CHOICE = Slot(number=1, total=1, answer_type="multiple_choice", difficulty="easy", style="read", template=0, seed=0)
OPTIONS = ["Order 8", "Order 901", "Order 902", "Order 903"]


def fields(**changes: Any) -> dict[str, Any]:
    steps = ["The heading is at the top.", "It reads Order 8."]
    return {"question": "Which order is it?", "answer": "Order 8", "steps": steps, "evidence": ["T1"], **changes}


def taken(text: str, slot: Slot = TEXT) -> Written:
    found = read_all(text, [PAGE], [slot], max_lines=10, seen=False).found[1]
    assert isinstance(found, Written), found
    return found


@pytest.mark.parametrize(
    "text",
    [
        "Sure! {smile}\n```json\n" + json.dumps(fields()) + '\n```\nAnother: ```json\n{"a": 1}\n```',
        json.dumps(fields()) + "\n\nHope this helps! {smile}",
        json.dumps([fields()]),
        'The form is {"question": "...", "answer": "...", "steps": ["..."], "evidence": ["..."]}: '
        + json.dumps(fields()),
        json.dumps({"type": "object", "properties": {name: {"type": "string"} for name in fields()}})
        + json.dumps(fields()),
        "In the set {1, 2} it is {x}: " + json.dumps(fields())[:-1] + ",}\nDone. {ok}",
        json.dumps(fields()) + json.dumps(fields(answer="Order 9")),
        json.dumps({"result": fields()}),
        "{\n  // the question\n" + json.dumps(fields())[1:-1] + ",\n}",
    ],
)
def test_the_first_whole_object_is_read_wherever_it_stands(text: str) -> None:
    assert taken(text).answer == "Order 8"


def test_a_fence_that_a_question_quotes_is_part_of_it() -> None:
    found = taken(json.dumps(fields(question='What does the line ```{"a": 1}``` say?')))
    assert found.question == 'What does the line ```{"a": 1}``` say?'
    assert not found.repaired


def test_latex_keeps_its_backslashes() -> None:
    text = json.dumps(fields()).replace(
        "Which order is it?", r"What is \frac{1}{2} \times \beta \theta \nu \rho \alpha?"
    )
    found = taken(text)
    assert found.question == r"What is \frac{1}{2} \times \beta \theta \nu \rho \alpha?"
    assert found.repaired
    bold = taken(json.dumps(fields()).replace("Which", r"\boldsymbol{v} \flat \tbinom12 \nolimits"))
    assert bold.question == r"\boldsymbol{v} \flat \tbinom12 \nolimits order is it?"
    escaped = taken(json.dumps(fields(question=r"What is \frac{1}{2}?\nIs it 3?")))
    assert (escaped.question, escaped.repaired) == (r"What is \frac{1}{2}?\nIs it 3?", False)


def test_sensible_types_are_strings_and_lists() -> None:
    assert taken(json.dumps(fields(answer=11))).answer == "11"
    assert taken(json.dumps(fields()).replace('"answer": "Order 8"', '"answer": 12.50')).answer == "12.50"
    assert taken(json.dumps(fields(answer=True))).answer == "Yes"
    for evidence in ("T1", ["[T1]"], ["T1: Order 8"], "[T1], T1", "t1", [1], "1"):
        assert [item.ref for item in taken(json.dumps(fields(evidence=evidence))).evidence] == ["T1"]
    numbered, sentences = "1. Look at the top. 2. Read it there.", "Look at the top. Read it there."
    for steps in (numbered, sentences, [{"step": "Look at the top."}, "Read it there."]):
        assert taken(json.dumps(fields(steps=steps))).steps == ("Look at the top.", "Read it there.")


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("answer", {"value": 7}, "7"),
        ("answer", {"text": "seven"}, "seven"),
        ("steps", {"1": "Look at the top.", "2": "It is 7."}, ("Look at the top.", "It is 7.")),
        ("steps", [["Look at the top.", "It is 7."]], ("Look at the top.", "It is 7.")),
        ("steps", ["## Solution", "Look at the top.", "It is 7."], ("Look at the top.", "It is 7.")),
        ("evidence", {"T1": "GREEN CORNER"}, ["T1"]),
        ("evidence", ["line T1"], ["T1"]),
        ("evidence", ["<T1>", "text t1"], ["T1"]),
    ],
)
def test_other_types_are_read_where_they_mean_one_thing(field: str, value: Any, wanted: Any) -> None:
    asked = {"question": "How many?", "answer": "7", "steps": ["Look at the top.", "It is 7."], "evidence": ["T1"]}
    written = taken(json.dumps(asked | {field: value}))
    found = [one.ref for one in written.evidence] if field == "evidence" else getattr(written, field)
    assert found == wanted
    assert written.repaired is ("## Solution" in value)


@pytest.mark.parametrize("name", ["reasoning", "explanation", "rationale", "reasoning_steps"])
def test_steps_may_come_under_another_name(name: str) -> None:
    asked = {"question": "How many?", "final_answer": 7, name: "It is 7.", "evidence_ids": "T1"}
    written = taken(json.dumps(asked))
    assert (written.answer, written.steps, [one.ref for one in written.evidence]) == ("7", ("It is 7.",), ["T1"])


def test_years_and_dates_are_no_list_marks() -> None:
    steps = ["2019: 35 units were sold.", "2020: 42 units were sold.", "3. March was the best month."]
    assert taken(json.dumps(fields(steps=steps))).steps == tuple(steps)
    counted = ["1. See 4.", "Step 2: See 3.", "3) Add."]
    assert taken(json.dumps(fields(steps=counted))).steps == ("See 4.", "See 3.", "Add.")


def test_letters_of_options_become_their_words_since_options_are_shuffled() -> None:
    steps = ["It is Order 8.", "So the correct answer is A.", "(B) is wrong."]
    found = taken(json.dumps(fields(options=OPTIONS, steps=steps)), CHOICE)
    assert found.steps == ("It is Order 8.", "So the correct answer is Order 8.", "Order 901 is wrong.")
    assert found.repaired
    plain = taken(json.dumps(fields(options=OPTIONS, steps=["It is the best choice a reader has."])), CHOICE)
    assert (plain.steps, plain.repaired) == (("It is the best choice a reader has.",), False)


@pytest.mark.parametrize("answer", ["A", "(A)", "A. Order 8", "order 8", "Order 8.", "Order 8"])
def test_the_answer_may_name_its_option_in_any_way(answer: str) -> None:
    assert taken(json.dumps(fields(options=OPTIONS, answer=answer)), CHOICE).answer == "Order 8"


def test_options_may_come_with_letters_or_as_an_object() -> None:
    lettered = [f"{letter}. {option}" for letter, option in zip("ABCD", OPTIONS, strict=True)]
    assert taken(json.dumps(fields(options=lettered, answer=lettered[0])), CHOICE).options == tuple(OPTIONS)
    named = dict(zip("ABCD", OPTIONS, strict=True))
    assert taken(json.dumps(fields(options=named, answer="A")), CHOICE).options == tuple(OPTIONS)


def test_initials_and_names_of_species_are_no_letters_of_options() -> None:
    people = ["A. Smith", "B. Smith", "C. Smith", "D. Smith"]
    assert taken(json.dumps(fields(options=people, answer="B. Smith")), CHOICE).options == tuple(people)
    species = ["E. coli", "B. subtilis", "S. aureus", "A. niger"]
    assert taken(json.dumps(fields(options=species, answer="E. coli")), CHOICE).options == tuple(species)


def test_a_writer_that_sees_may_cite_the_picture_itself() -> None:
    text = json.dumps(fields(evidence=["picture", "T1"]))
    found = read_all(text, [PAGE], [TEXT], max_lines=10, seen=True).found[1]
    assert isinstance(found, Written)
    assert [(item.kind, item.ref) for item in found.evidence] == [("picture", "picture"), ("text", "T1")]
    counted = json.dumps(fields(evidence=["Picture 1", "p1_T1", "image"]))
    assert read_all(counted, [PAGE], [TEXT], max_lines=10, seen=True).found[1] == found
    other = json.dumps(fields(evidence=["picture 2"]))
    assert isinstance(read_all(other, [PAGE], [TEXT], max_lines=10, seen=True).found[1], str)
    blind = read_all(text, [PAGE], [TEXT], max_lines=10, seen=False).found[1]
    assert blind == "there is no data with the id 'picture'."


def test_ids_in_brackets_go_from_the_steps() -> None:
    found = taken(json.dumps(fields(steps=["The heading [T1] is at the top.", "It reads Order 8 (T1, T2)."])))
    assert found.steps == ("The heading is at the top.", "It reads Order 8.")
    assert found.repaired


@pytest.mark.parametrize(
    "text",
    [
        *(json.dumps({"name": "reply", "arguments": json.dumps(fields())}), json.dumps(json.dumps(fields()))),
        "<tool_call>\n" + json.dumps({"name": "reply", "arguments": fields()}) + "\n</tool_call>",
        json.dumps({"Question": "Which order is it?", "finalAnswer": "Order 8", "Reasoning Steps": fields()["steps"]})[
            :-1
        ]
        + ', "evidenceIds": ["T1"]}',
        *(
            json.dumps(fields(answer=one))
            for one in ("Answer: Order 8", r"\boxed{Order 8}", "<answer>Order 8</answer>")
        ),
        *(
            json.dumps(fields(evidence=[one]))
            for one in ("Order 8 [T1]", "OCR line T1", {"id": "T1", "text": "Order 8"})
        ),
        "\ufeff" + json.dumps(fields()),
        '{"question": "Which order is it?", "answer": "Order 8", "confidence": NaN, "options": null, '
        + json.dumps(fields())[json.dumps(fields()).index('"steps"') :],
    ],
)
def test_other_shells_and_names_of_fields_are_read(text: str) -> None:
    found = taken(text)
    assert (found.question, found.answer) == ("Which order is it?", "Order 8")
    assert [one.ref for one in found.evidence] == ["T1"]


LETTERS = {"A": "Order 8", "B": "Order 901", "C": "Order 902", "D": "Order 903"}


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (LETTERS, "A"),
        ({"C": "Order 902", "A": "Order 8", "D": "Order 903", "B": "Order 901"}, "A"),
        (
            {"option_b": "Order 901", "option_a": "Order 8", "option_c": "Order 902", "option_d": "Order 903"},
            "Option A",
        ),
        ([{"label": key, "text": text} for key, text in reversed(LETTERS.items())], "A"),
        ([{key: text} for key, text in LETTERS.items()], "(A)"),
        (["B) Order 901", "A) Order 8", "D) Order 903", "C) Order 902"], "A) Order 8"),
        *(
            ([f"{key}{mark}{text}" for key, text in LETTERS.items()], f"A{mark}Order 8")
            for mark in (".", "、", "．", "：")
        ),
        *(([f"{key}{mark}{text}" for key, text in LETTERS.items()], "A") for mark in (".", "、", "．", "：", " - ")),
        ([f"（{key}）{text}" for key, text in LETTERS.items()], "（A）"),
        ([f"**{key}.** {text}" for key, text in LETTERS.items()], "**A.** Order 8"),
        ([f"{key.lower()}) {text}" for key, text in LETTERS.items()], "a"),
        ([f"{count}. {text}" for count, text in enumerate(OPTIONS, 1)], "1. Order 8"),
        (dict(zip("1234", OPTIONS, strict=True)), "1"),
        ("A) Order 8 B) Order 901 C) Order 902 D) Order 903", "A"),
        ("A. Order 8\nB. Order 901\nC. Order 902\nD. Order 903", "Answer: A) Order 8"),
        ("Order 8; Order 901; Order 902; Order 903", "Order 8"),
    ],
)
def test_options_are_in_the_order_of_their_letters_whatever_form_they_have(options: Any, answer: str) -> None:
    found = taken(json.dumps(fields(options=options, answer=answer), ensure_ascii=False), CHOICE)
    assert found.answer == "Order 8"
    assert found.options == ("Order 8", "Order 901", "Order 902", "Order 903")


def test_a_letter_in_front_of_a_dash_and_a_letter_is_no_label() -> None:
    edges = ["A - B", "B - C", "C - D", "D - A"]
    found = taken(json.dumps(fields(options=edges, answer="B - C")), CHOICE)
    assert (found.options, found.answer) == (("A - B", "B - C", "C - D", "D - A"), "B - C")


@pytest.mark.parametrize(
    ("text", "slot", "problem"),
    [
        (
            '{"evidence": ["T1"], "question": "Which is it?", "steps": ["It reads Order 8."], "answer": "Ord',
            TEXT,
            "the reply ends within a text.",
        ),
        (
            '{"question": "Which is it?", "answer": "Order 8", "evidence": ["T1"], "steps": ["It is at the t',
            TEXT,
            "the reply ends within a text.",
        ),
        *(
            (
                '{"question": "Which is it?", "answer": "Order 8", "evidence": ["T1"], "steps": ["It reads ' + end,
                TEXT,
                "the reply ends within a text.",
            )
            for end in ("8 (of two)", "[T1]", r"\\frac{1}{2}", "8 (of two) ```")
        ),
        (
            json.dumps(fields(options={"1": "2", "2": "3", "3": "4", "4": "5"}, answer="2")),
            CHOICE,
            "4 options are needed, there are 0.",
        ),
        (json.dumps(fields(options=LETTERS, answer="B) Order 8")), CHOICE, "the answer 'B) Order 8' is not one of"),
    ],
)
def test_what_is_cut_or_may_mean_two_is_sent_back(text: str, slot: Slot, problem: str) -> None:
    found = read_all(text, [PAGE], [slot], max_lines=10, seen=False).found[1]
    assert isinstance(found, str)
    assert found.startswith(problem)


def test_escapes_of_what_sent_a_reply_go() -> None:
    doubled = r"What is \\frac{1}{2} of \\beta, by &quot;Order&quot; &amp; page?"
    assert taken(json.dumps(fields(question=doubled))).question == r'What is \frac{1}{2} of \beta, by "Order" & page?'
    matrix = r"What is \begin{matrix} 1 \\ 2 \end{matrix}?"
    assert taken(json.dumps(fields(question=matrix))).question == matrix
    assert taken(json.dumps(fields(answer={"value": 8, "unit": "orders"}))).answer == "8 orders"
