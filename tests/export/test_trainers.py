"""Each export is read as its trainer's own loader reads it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from contracts.exporters import ExporterContract, Row

from dcvlr.export.llama_factory import LlamaFactory
from dcvlr.export.llava import Llava
from dcvlr.export.oumi import Oumi
from dcvlr.export.qwen_vl import QwenVl
from dcvlr.records import Qa

pytestmark = pytest.mark.slow

SOLUTION = '1. "Total" is printed.\n2. Beside it stands "12.50".\n\n\\boxed{12.50}'
QUESTION = 'What is printed beside "Total"?'


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


class TestOumi(ExporterContract):
    @pytest.fixture
    def exporter(self) -> Oumi:
        return Oumi(solution="steps", image_prefix="")

    def rows(self, folder: Path) -> list[Row]:
        return [self.row(folder, conversation) for conversation in lines(folder / "dataset.jsonl")]

    @staticmethod
    def row(folder: Path, conversation: dict[str, Any]) -> Row:
        asked, answered = conversation["messages"]
        assert (asked["role"], answered["role"]) == ("user", "assistant")
        *images, text = (item["content"] for item in asked["content"])
        assert [item["type"] for item in asked["content"]] == ["image_path"] * len(images) + ["text"]
        return Row(f"{text} {answered['content']}", [(folder / image).read_bytes() for image in images])

    def test_a_line_is_a_conversation_of_vl_sft(self, exporter: Oumi, qas: list[Qa], tmp_path: Path) -> None:
        exporter(qas, tmp_path / "out")
        image = f"images/{qas[0].image_id}.png"
        assert lines(tmp_path / "out/dataset.jsonl")[0] == {
            "conversation_id": "q1",
            "messages": [
                {
                    "role": "user",
                    "content": [{"type": "image_path", "content": image}, {"type": "text", "content": QUESTION}],
                },
                {"role": "assistant", "content": SOLUTION},
            ],
            "metadata": {"bin": "A"},
        }

    def test_the_folder_that_pictures_will_be_in_can_be_named(self, qas: list[Qa], tmp_path: Path) -> None:
        Oumi(solution="steps", image_prefix="/data/set/")(qas, tmp_path / "out")
        shown = lines(tmp_path / "out/dataset.jsonl")[0]["messages"][0]["content"][0]
        assert shown["content"] == f"/data/set/images/{qas[0].image_id}.png"


class TestLlava(ExporterContract):
    placeholders_per_picture = 1

    @pytest.fixture
    def exporter(self) -> Llava:
        return Llava(solution="steps")

    def rows(self, folder: Path) -> list[Row]:
        records = json.loads((folder / "dataset.json").read_bytes())
        return [turns(record, folder / "images") for record in records]

    def test_the_file_is_one_list(self, exporter: Llava, qas: list[Qa], tmp_path: Path) -> None:
        exporter(qas, tmp_path / "out")
        records = json.loads((tmp_path / "out/dataset.json").read_bytes())
        assert [record["id"] for record in records] == ["q1", "q2", "q3", "q4"]
        assert records[0] == {
            "id": "q1",
            "image": f"{qas[0].image_id}.png",
            "conversations": [
                {"from": "human", "value": f"<image>\n{QUESTION}"},
                {"from": "gpt", "value": SOLUTION},
            ],
        }


class TestQwenVl(ExporterContract):
    placeholders_per_picture = 1

    @pytest.fixture
    def exporter(self) -> QwenVl:
        return QwenVl(solution="steps")

    def rows(self, folder: Path) -> list[Row]:
        return [turns(record, folder) for record in lines(folder / "dataset.jsonl")]

    def test_a_line_is_split_at_its_one_placeholder(self, exporter: QwenVl, qas: list[Qa], tmp_path: Path) -> None:
        exporter(qas, tmp_path / "out")
        records = lines(tmp_path / "out/dataset.jsonl")
        assert records[0]["image"] == f"images/{qas[0].image_id}.png"
        parts = re.split("(<image>|<video>)", records[2]["conversations"][0]["value"])
        assert [part.strip() for part in parts] == ["", "<image>", f"{QUESTION}\nA. 12.50\nB. 9,00"]


def turns(record: dict[str, Any], folder: Path) -> Row:
    human, gpt = record["conversations"]
    assert (human["from"], gpt["from"]) == ("human", "gpt")
    assert human["value"].startswith("<image>\n")
    names = record["image"] if isinstance(record["image"], list) else [record["image"]]
    return Row(f"{human['value']} {gpt['value']}", [(folder / name).read_bytes() for name in names])


class TestLlamaFactory(ExporterContract):
    placeholders_per_picture = 1

    @pytest.fixture
    def exporter(self) -> LlamaFactory:
        return LlamaFactory(solution="steps")

    def rows(self, folder: Path) -> list[Row]:
        info = json.loads((folder / "dataset_info.json").read_bytes())["dcvlr"]
        return [self.row(folder, info, record) for record in lines(folder / info["file_name"])]

    @staticmethod
    def row(folder: Path, info: dict[str, Any], record: dict[str, Any]) -> Row:
        columns, tags = info["columns"], info["tags"]
        messages = record[columns["messages"]]
        assert [m[tags["role_tag"]] for m in messages] == [tags["user_tag"], tags["assistant_tag"]]
        texts = [m[tags["content_tag"]] for m in messages]
        return Row(" ".join(texts), [(folder / image).read_bytes() for image in record[columns["images"]]])

    def test_the_info_names_file_columns_and_tags(self, exporter: LlamaFactory, qas: list[Qa], tmp_path: Path) -> None:
        exporter(qas, tmp_path / "out")
        assert json.loads((tmp_path / "out/dataset_info.json").read_bytes()) == {
            "dcvlr": {
                "file_name": "dcvlr.jsonl",
                "formatting": "sharegpt",
                "columns": {"messages": "messages", "images": "images"},
                "tags": {
                    "role_tag": "role",
                    "content_tag": "content",
                    "user_tag": "user",
                    "assistant_tag": "assistant",
                },
            }
        }

    def test_datasets_loads_the_lines_as_llama_factory_does(
        self, exporter: LlamaFactory, qas: list[Qa], tmp_path: Path
    ) -> None:
        datasets = pytest.importorskip("datasets", reason="loading as a trainer does needs datasets")
        exporter(qas, tmp_path / "out")
        file, cache = str(tmp_path / "out/dcvlr.jsonl"), str(tmp_path / "cache")
        loaded = datasets.load_dataset("json", data_files=[file], split="train", cache_dir=cache)
        assert loaded[0] == {
            "messages": [
                {"role": "user", "content": f"<image>{QUESTION}"},
                {"role": "assistant", "content": SOLUTION},
            ],
            "images": [f"images/{qas[0].image_id}.png"],
        }
        assert len(loaded) == 4
