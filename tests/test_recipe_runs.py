"""Recipes as a user starts them, from pictures to parquet of an exact size, against a server that plays all models."""

from __future__ import annotations

import json
import re
from hashlib import blake2b
from pathlib import Path
from random import Random
from shutil import copytree
from typing import Any

import pytest
from forked import run_python
from servers import Loopback, Request, Response
from text_read import read_text

from dcvlr.source.samples.receipts import draw_receipt

pytestmark = pytest.mark.slow

pytest.importorskip("aiohttp", reason="servers are asked through the extra api")
pytest.importorskip("math_verify", reason="answers are compared through the extra llm")
parquet = pytest.importorskip("pyarrow.parquet", reason="the recipes export parquet")

PICTURES = 4
SIZE = 6
ROLES = {  # of each recipe, the keys of the models and what they are called here
    "contest_1k": {"synthesis.generator": "writer", "validation.checks.solve.solver": "solver"}
    | {"validation.checks.blind.solver": "solver", "selection.student": "student", "selection.teacher": "teacher"},
    "photos_10k": {"synthesis.generator": "writer", "validation.checks.solve.solver": "solver"}
    | {"validation.checks.blind.solver": "solver", "selection.student": "student"},
}
SLOT = re.compile(r"^Question (\d+): .*; \w+; (\w+)$", re.MULTILINE)
ROW = re.compile(r'^T(\d+): "([A-Z][a-z ]+)".*\| T(\d+): "(\d+\.\d\d)"$', re.MULTILINE)
SUMS = {"Subtotal", "Total", "Cash", "Change", "Card"}
LABELS = ("lamp", "basket", "ribbon", "kettle", "ladder", "candle", "saddle", "whistle", "mirror", "barrel", "anchor")
COLOURS = ("red", "blue", "green", "black", "white", "orange")


class Models:
    """A writer of good questions, and solvers of whom the student is right in as many replies as a question says."""

    def __init__(self) -> None:
        self.truth: dict[str, str] = {}

    def __call__(self, request: Request) -> Response:
        conversation = json.dumps(request.body["messages"])
        texts = [message["content"] for message in request.body["messages"]]
        text = "\n".join(one if isinstance(one, str) else one[-1]["text"] for one in texts)
        if request.body["model"] == "writer":
            return replies([self.written(text, conversation) if "response_format" in request.body else "Let us see."])
        question = text.partition("Question: ")[2].splitlines()[0]
        sees, count = "image_url" in conversation, request.body.get("n", 1)
        right = count if request.body["model"] != "student" else number_of(question) % 6
        answers = [self.truth[question] if sees and n < right else "a walrus" for n in range(count)]
        return replies([f"I look at it.\n\\boxed{{{answer}}}" for answer in answers])

    def written(self, text: str, conversation: str) -> str:
        rows = [row for row in ROW.findall(text) if row[1] not in SUMS]
        picture = number_of(re.search(r"base64,([^\"]+)", conversation)[1])  # type: ignore[index]
        slots = SLOT.findall(text)
        made = [
            read_from(rows[n % len(rows)], kind) if rows else seen_in(picture + n, kind)
            for n, (_, kind) in enumerate(slots)
        ]
        self.truth |= {one["question"]: one["answer"] for one in made}
        return json.dumps(
            {"questions": [{"number": int(slot[0]), **one} for slot, one in zip(slots, made, strict=True)]}
        )


def read_from(row: tuple[str, str, str, str], kind: str) -> dict[str, Any]:
    name_id, name, price_id, price = row
    steps = [f"{name} stands in the list of goods.", f"The amount in the row of {name} is {price}."]
    found = {"answer": price, "steps": steps, "evidence": [f"T{name_id}", f"T{price_id}"], "options": []}
    if kind == "multiple_choice":
        others = [f"{float(price) + more:.2f}" for more in (1.1, 2.3, 4.7)]
        return found | {
            "question": f"Which amount is printed beside {name} on the receipt?",
            "options": [price, *others],
        }
    if kind == "number":
        return found | {"question": f"How much was paid for {name} on this receipt?"}
    return found | {"question": f"Which price does the receipt give in the row that begins with {name}?"}


def seen_in(number: int, kind: str) -> dict[str, Any]:
    label, colour = LABELS[number % len(LABELS)], COLOURS[number % len(COLOURS)]
    count = str(2 + number % 7)
    if kind == "number":
        steps = [f"Beside the {label} there are some pebbles.", f"There are {count} of them."]
        return {"question": f"How many pebbles lie beside the {label}?", "answer": count, "steps": steps} | NOTHING
    steps = [f"The {label} stands on the table.", f"Its side is painted {colour}."]
    asked = {"question": f"Which colour has the {label} on the table?", "answer": colour, "steps": steps}
    others = [one for one in COLOURS if one != colour][:3]
    return asked | NOTHING | ({"options": [colour, *others]} if kind == "multiple_choice" else {})


NOTHING: dict[str, Any] = {"evidence": ["picture"], "options": []}


def number_of(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest())


def replies(texts: list[str]) -> Response:
    choices = [
        {"index": n, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        for n, text in enumerate(texts)
    ]
    return Response(json={"choices": choices, "usage": {"prompt_tokens": 100, "completion_tokens": 10 * len(texts)}})


def dcvlr(*words: str) -> str:
    done = run_python("-m", *words, timeout_s=300.0)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def receipts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("receipts")
    (folder / "receipts" / "train").mkdir(parents=True)
    for n in range(PICTURES):
        draw_receipt(Random(n), n).image.save(folder / "receipts" / "train" / f"{n}.png")
    return folder


@pytest.fixture(scope="module")
def receipts_read(receipts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return read_text(receipts, tmp_path_factory.mktemp("receipts_read"))


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("benchmark")
    row = {"id": "1", "question": "How many people stand in front of the old town hall?"}
    (folder / "rows.jsonl").write_text(json.dumps(row) + "\n")
    words = ["name=mine", f"source={folder / 'rows.jsonl'}", f"output={folder / 'mine.jsonl'}"]
    dcvlr("dcvlr.decontaminate", "build", *words)
    return folder / "mine.jsonl"


@pytest.mark.parametrize("recipe", ["contest_1k", "photos_10k"])
def test_a_recipe_makes_a_dataset_of_the_size_that_is_asked_for(
    recipe: str, receipts: Path, receipts_read: Path, pack: Path, tmp_path: Path
) -> None:
    out = copytree(receipts_read, tmp_path / "out")
    with Loopback(Models()) as server:
        command = [
            *(f"recipe={recipe}", f"images_dir={receipts}", f"output_dir={out}", f"dataset_size={SIZE}"),
            *(f"server.base_url={server.url}", "server.api_key_env=null"),
            *(f"{key}.llm.model={name}" for key, name in ROLES[recipe].items()),
            *([f"decontamination.packs=[{pack}]"] if recipe == "contest_1k" else []),
        ]
        dcvlr("dcvlr", *command)
        asked = len(server.requests)
        dcvlr("dcvlr", *command)
        assert len(server.requests) == asked  # the same command has nothing left to ask
    table = parquet.read_table(out / "export/parquet/train.parquet")
    assert (table.num_rows, table.column_names[:3]) == (SIZE, ["image", "problem", "solution"])
    assert len((out / "synthetic_qa_dataset.jsonl").read_text().splitlines()) == SIZE
    models = {request.body["model"] for request in server.requests}
    assert models >= {"writer", "solver", "student"}
    summary = json.loads((out / "intermediate/stage5_selection/summary.json").read_text())
    assert (summary["selected_count"], summary["unfilled"]) == (SIZE, 0)
