from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from pictures import make_pictures
from PIL import Image

from dcvlr.config import build, compose
from dcvlr.errors import ConfigError
from dcvlr.execution.workers import Worker
from dcvlr.memo import Memo
from dcvlr.metadata.gold import Gold, gold_questions
from dcvlr.metadata.licences import stated_licences
from dcvlr.metadata.texts import answer_texts, choice_texts, question_text, without_image_tokens
from dcvlr.pipeline import execute
from dcvlr.records import ImageRecord
from dcvlr.rundir.ledger import Ledger
from dcvlr.rundir.progress import NoProgress
from dcvlr.source.digest import FileDigest
from dcvlr.source.folder import ImageFolder


def images(folder: Path) -> tuple[list[ImageRecord], list[bytes]]:
    file = io.BytesIO()
    digest = FileDigest(batch_size=8, threads=1)
    reader = ImageFolder(images_dir=str(folder), layout="auto", num_images=None, seed=0, digest=digest)
    return reader(Memo(folder.parent / "checkpoints"), Ledger(file, "source")), file.getvalue().splitlines()


def draw(path: Path, colour: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6), colour).save(path)


def write(folder: Path, *rows: dict[str, object]) -> None:
    (folder / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_gold_is_read_beside_the_pictures_whatever_the_keys_are_called(tmp_path: Path) -> None:
    train = tmp_path / "in/acme__charts/train"
    draw(train / "a.png", "red")
    draw(train / "b.png", "blue")
    draw(train / "c.png", "green")
    write(
        train,
        {"file_name": "b.png", "problem": "<image>\nSolve.", "solution": "<answer>4</answer>", "surprise": [1]},
        {"file_name": "a.png", "question": "Which?", "choices": ["cat", "dog"], "answer": 1, "license": "mit"},
        {"file_name": "a.png", "query": "How many?", "label": ["14", "fourteen"], "id": "q-7", "split": "train"},
        {"file_name": "a.png", "question": "No answer?"},
        {"file_name": "c.png", "question": "Both?", "answer": "x", "pictures": 2},
        {"file_name": "gone.png", "question": "Where?", "answer": "here"},
    )
    found, _ = images(tmp_path / "in")
    gold = gold_questions(found)
    red, blue = found[0].id, found[1].id
    assert list(gold) == [red, blue]
    same = {"image_id": red, "dataset": "acme/charts"}
    assert gold[red] == (
        Gold(
            question="Which?",
            options=("cat", "dog"),
            answer="dog",
            also=(),
            row="2",
            split=None,
            licence="mit",
            **same,
        ),
        Gold(
            question="How many?",
            options=None,
            answer="14",
            also=("fourteen",),
            row="q-7",
            split="train",
            licence=None,
            **same,
        ),
    )
    assert [(one.question, one.answer) for one in gold[blue]] == [("Solve.", "<answer>4</answer>")]


def test_copies_bring_their_questions_and_equal_ones_come_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        draw(tmp_path / f"in/{name}/train/x.png", "red")
    same = {"file_name": "x.png", "question": "Same?", "answer": "yes"}
    write(tmp_path / "in/one/train", same)
    write(tmp_path / "in/two/train", same, {"file_name": "x.png", "question": "Other?", "answer": "no"})
    (image,), _ = images(tmp_path / "in")
    assert [one.question for one in gold_questions([image])[image.id]] == ["Same?", "Other?"]


def test_metadata_is_no_picture_and_no_oddity(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    draw(tmp_path / "in/d/train/a.png", "red")
    write(tmp_path / "in/d/train", {"file_name": "a.png"})
    found, entries = images(tmp_path / "in")
    assert len(found) == 1
    assert entries == []
    assert "metadata" not in caplog.text


def test_gold_in_json_and_csv_beside_the_pictures_is_read_too(tmp_path: Path) -> None:
    for name, colour in (("a.png", "red"), ("b.png", "blue"), ("c.png", "green")):
        draw(tmp_path / "in/d" / name, colour)
    (tmp_path / "in/d/metadata.json").write_text(
        '{"a.png": {"question": "Which?", "choices": ["cat", "dog"], "answer": 1}, "gone.png": {"question": "?"}}'
    )
    (tmp_path / "in/d/metadata.csv").write_text(
        "filename,question,options,answer,licence\n"
        'b.png,"One, or\ntwo?","[""one"", ""two""]",B,cc0\n'
        "c.png,How many?,,14,\n"
    )
    found, entries = images(tmp_path / "in")
    assert entries == []
    gold = gold_questions(found)
    asked = [(one.question, one.options, one.answer, one.licence) for ones in gold.values() for one in ones]
    assert asked == [
        ("Which?", ("cat", "dog"), "dog", None),
        ("One, or\ntwo?", ("one", "two"), "two", "cc0"),
        ("How many?", None, "14", None),
    ]
    assert stated_licences(tmp_path / "in/d", {"b.png", "c.png"}) == {"b.png": "cc0"}


@pytest.mark.parametrize("name", ["metadata.json", "metadata.jsonl"])
def test_metadata_that_begins_with_a_byte_order_mark_is_read(name: str, tmp_path: Path) -> None:
    draw(tmp_path / "in/d/a.png", "red")
    row = '{"file_name": "a.png", "question": "Which?", "answer": "red"}'
    text = f"[{row}]" if name.endswith("json") else f"{row}\r\n"
    (tmp_path / "in/d" / name).write_bytes(f"\ufeff{text}".encode())
    found, _ = images(tmp_path / "in")
    assert [one.question for ones in gold_questions(found).values() for one in ones] == ["Which?"]


def test_metadata_one_folder_up_names_pictures_with_their_folder(tmp_path: Path) -> None:
    draw(tmp_path / "in/d/images/a.png", "red")
    write(tmp_path / "in/d", {"file_name": "images/a.png", "question": "Which?", "answer": "this"})
    found, _ = images(tmp_path / "in")
    assert [one.answer for one in gold_questions(found)[found[0].id]] == ["this"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("metadata.json", "{", r"metadata.json is no JSON .*mend, rename or remove it"),
        ("metadata.json", '["a.png"]', r"metadata.json is neither a list of objects"),
        ("metadata.json", '[{"question": "?"}]', r"metadata.json, row 1 is no object with a file_name"),
        ("metadata.csv", "question\nWhich?\n", r"metadata.csv, row 1 is no object with a file_name"),
    ],
)
def test_metadata_that_names_no_picture_is_an_error(name: str, content: str, message: str, tmp_path: Path) -> None:
    draw(tmp_path / "in/d/a.png", "red")
    (tmp_path / "in/d" / name).write_text(content)
    found, _ = images(tmp_path / "in")
    with pytest.raises(ConfigError, match=message):
        gold_questions(found)


def test_pictures_without_metadata_have_no_gold(tmp_path: Path) -> None:
    draw(tmp_path / "in/d/train/a.png", "red")
    assert dict(gold_questions(images(tmp_path / "in")[0])) == {}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"file_name": "a.png", "question": ', r"metadata.jsonl, line 2 is no JSON"),
        ('["a.png"]', r"metadata.jsonl, line 2 is no object with a file_name"),
        ('{"question": "?"}', r"metadata.jsonl, line 2 is no object with a file_name"),
    ],
)
def test_a_broken_line_is_named_with_file_and_number(line: str, message: str, tmp_path: Path) -> None:
    draw(tmp_path / "in/d/train/a.png", "red")
    (tmp_path / "in/d/train/metadata.jsonl").write_text(f'{{"file_name": "a.png"}}\n{line}\n')
    found, _ = images(tmp_path / "in")
    with pytest.raises(ConfigError, match=message):
        gold_questions(found)


@pytest.mark.parametrize(
    ("value", "choices", "answers"),
    [
        (1, ("a", "b"), ("b",)),
        (7, ("5", "7"), ("7",)),
        (9, ("a", "b"), ()),
        ("B", ("cat", "dog"), ("dog",)),
        ("(b)", ("cat", "dog"), ("dog",)),
        ("B", ("B", "A"), ("B",)),
        ("dog", ("cat", "dog"), ("dog",)),
        ("Z", ("cat", "dog"), ("Z",)),
        (3, None, ("3",)),
        (2.5, None, ("2.5",)),
        (True, None, ("true",)),
        (float("nan"), None, ()),
        (["14"], None, ("14",)),
        (["x", "x", "y"], None, ("x", "y")),
        ([], None, ()),
        (None, None, ()),
        ("  ", None, ()),
    ],
)
def test_answers_are_text(value: object, choices: tuple[str, ...] | None, answers: tuple[str, ...]) -> None:
    assert answer_texts(value, choices) == answers


def test_a_class_label_is_named() -> None:
    assert answer_texts(1, None, ("cat", "dog")) == ("dog",)


@pytest.mark.parametrize(
    ("value", "choices"),
    [
        (["a", 2], ("a", "2")),
        ({"B": "y", "A": "x"}, ("x", "y")),
        ({"A": "x", "B": "y", "C": None}, ("x", "y")),
        ({"label": ["A", "B"], "text": ["x", "y"]}, ("x", "y")),
        ([], None),
        (None, None),
        ("text", None),
        ([{"a": 1}], None),
    ],
)
def test_choices_come_in_many_shapes(value: object, choices: tuple[str, ...] | None) -> None:
    assert choice_texts(value) == choices


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("<image>\nWhat is it?", "What is it?"),
        ("What is it?<image>", "What is it?"),
        ("Look <image> closely", "Look closely"),
        ("<|vision_start|><|image_pad|><|vision_end|>Why?", "Why?"),
        ("Is 2 < 3 and <b>x</b>?", "Is 2 < 3 and <b>x</b>?"),
        ("  def f():\n    x  = 1", "def f():\n    x  = 1"),
    ],
)
def test_image_tokens_go_and_other_text_stays(text: str, clean: str) -> None:
    assert without_image_tokens(text) == clean


def test_a_conversation_gives_its_first_question_and_reply() -> None:
    talk = [
        {"role": "system", "content": "be nice"},
        {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Who?"}]},
        {"role": "assistant", "content": "Ann"},
        {"role": "user", "content": "And then?"},
    ]
    assert question_text(talk) == "Who?"
    assert answer_texts(talk, None) == ("Ann",)
    assert question_text([{"from": "gpt", "value": "hi"}]) is None


@pytest.mark.slow
def test_a_broken_line_of_metadata_is_found_before_anything_is_measured(tmp_path: Path) -> None:
    train = make_pictures(tmp_path / "in") / "drawn__by" / "train"
    (train / "metadata.jsonl").write_text('{"file_name": "red.png"}\n{"file_name": \n')
    words = [f"images_dir={tmp_path / 'in'}", f"output_dir={tmp_path / 'out'}", "synthesis/generator=gold"]
    with pytest.raises(ConfigError, match=r"metadata\.jsonl, line 2 is no JSON .*: mend or remove the line"):
        execute(build(compose(words)), Worker(), NoProgress())
    assert [path.name.split("-")[0] for path in (tmp_path / "out/checkpoints").iterdir()] == ["file_digest"]
