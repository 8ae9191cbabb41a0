"""End to end over HTTP: gold questions beside pictures, verified reasoning, a student's pass rate, a chosen dataset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image, ImageDraw
from servers import Loopback, Request, Response

from dcvlr.api import DataSynthesisPipeline
from dcvlr.records import LedgerEntry, Qa

COLOURS = ("red", "green", "blue", "orange", "purple", "brown", "gray", "navy")


def dataset(folder: Path) -> None:
    """A picture per colour with `count` squares and the question how many there are."""
    folder.mkdir(parents=True)
    with (folder / "metadata.jsonl").open("w") as file:
        for count, colour in enumerate(COLOURS, start=11):
            picture = Image.new("RGB", (320, 240), "white")
            draw = ImageDraw.Draw(picture)
            for n in range(count):
                x, y = 20 + 40 * (n % 7), 20 + 40 * (n // 7)
                draw.rectangle((x, y, x + 25, y + 25), fill=colour)
            picture.save(folder / f"{colour}.png")
            row = {"file_name": f"{colour}.png", "question": f"How many {colour} squares are shown?", "answer": count}
            file.write(json.dumps(row) + "\n")


def squares(text: str) -> int:
    return next(count for count, colour in enumerate(COLOURS, start=11) if f"many {colour} squares" in text)


def answering(request: Request) -> Response:
    """The writer counts right but for red squares; the student is right by a seed's parity, blind never."""
    content: Any = request.body["messages"][-1]["content"]
    text = content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)
    count, shown = squares(text), "image_url" in json.dumps(content)
    if request.body["model"] == "writer":
        count += "red" in text
    elif not shown or request.body["seed"] % 2:
        count = 5
    reply = f"There are full rows of seven squares.\nThe last row is shorter, so count it too.\n\\boxed{{{count}}}"
    choice = {"message": {"role": "assistant", "content": reply}, "finish_reason": "stop"}
    return Response(json={"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 9}})


def overrides(tmp_path: Path, url: str, *more: str) -> list[str]:
    models = {"synthesis.generator.llm": "writer", "selection.student.llm": "student"}
    return [
        f"images_dir={tmp_path / 'in'}",
        f"output_dir={tmp_path / 'out'}",
        "stages=[binning,synthesis,validation,selection]",
        "bins_ratio=null",
        "synthesis/generator=gold",
        "synthesis.use_full_features=false",
        "synthesis.captioner=null",
        "validation/checks=[required_fields,steps,placeholder,leak]",
        "selection=student",
        "selection.quotas=null",
        *(f"{key}.{name}" for key, model in models.items() for name in (f"model={model}", f"base_url={url}/v1")),
        *(f"{key}.{name}" for key in models for name in ("api_key_env=null",)),
        *more,
    ]


@pytest.mark.slow
def test_gold_questions_become_a_dataset_and_a_rerun_asks_nothing(tmp_path: Path) -> None:
    dataset(tmp_path / "in/acme__squares/train")
    with Loopback(answering) as server:
        results = DataSynthesisPipeline(overrides(tmp_path, server.url, "dataset_size=3")).run()
        first = len(server.requests)
        again = DataSynthesisPipeline(overrides(tmp_path, server.url, "dataset_size=3")).run()
        more = DataSynthesisPipeline(overrides(tmp_path, server.url, "dataset_size=5")).run()
        assert len(server.requests) == first == 4 + 7 + 7 * (8 + 4)  # red four times in vain
    assert results == again == {"bins": results["bins"], "generated_qa": 7, "validated_qa": 7, "selected_qa": 3}
    assert more["selected_qa"] == 5
    kept = [
        msgspec.json.decode(line, type=Qa)
        for line in (tmp_path / "out/synthetic_qa_dataset.jsonl").read_bytes().splitlines()
    ]
    assert len(kept) == 5
    for qa in kept:
        assert qa.answer == str(squares(qa.question))
        assert qa.generator.endswith("/gold")
        assert qa.created_from == "image"
        assert qa.reasoning == (
            "1. There are full rows of seven squares.\n2. The last row is shorter, so count it too."
        )
        assert qa.passes is not None
        assert 0 < qa.passes < 8
    entries = [
        msgspec.json.decode(line, type=LedgerEntry)
        for line in (tmp_path / "out/rejected.jsonl").read_bytes().splitlines()
    ]
    assert sorted(entry.reasons for entry in entries) == [("gold_disagrees",), ("quota",), ("quota",)]
