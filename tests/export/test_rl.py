"""Rows for reinforcement learning, read as verl's RLHFDataset and TRL's GRPOTrainer read them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import pytest
from contracts.exporters import ExporterContract, Row, picture, qa
from PIL import Image

from dcvlr.export.reward import agreement_reward, compute_score
from dcvlr.export.rl import Rl
from dcvlr.records import Qa

pytest.importorskip("pyarrow", reason="export=rl needs pyarrow")
datasets = pytest.importorskip("datasets", reason="verl and TRL read with datasets")
pytestmark = pytest.mark.slow

QUESTION = 'What is printed beside "Total"?'


def rl(reader: Literal["verl", "trl"]) -> Rl:
    return Rl(
        reader=reader,
        solution="steps",
        instruction="Put the answer in a box.",
        rows_per_group=2,
        max_group_mb=256,
        max_shard_size=None,
        compression="snappy",
    )


def loaded(folder: Path) -> Any:
    """As verl's RLHFDataset loads a file, and `load_dataset` for TRL."""
    file, cache = str(folder / "train.parquet"), str(folder / "cache")
    return datasets.load_dataset("parquet", data_files=file, cache_dir=cache)["train"]


class TestVerl(ExporterContract):
    placeholders_per_picture = 1

    @pytest.fixture
    def exporter(self) -> Rl:
        return rl("verl")

    def rows(self, folder: Path) -> list[Row]:
        import pyarrow.parquet as pq

        with pq.ParquetFile(folder / "train.parquet") as file:
            return [self.row(row) for row in file.read().to_pylist()]

    @staticmethod
    def row(row: dict[str, Any]) -> Row:
        (message,) = row["prompt"]
        assert message["role"] == "user"
        return Row(f"{message['content']} {row['solution']}", [image["bytes"] for image in row["images"]])

    def test_a_row_is_what_verl_and_its_reward_ask_for(self, exporter: Rl, qas: list[Qa], tmp_path: Path) -> None:
        exporter(qas, tmp_path / "out")
        rows = loaded(tmp_path / "out")
        open_question, choice = rows[0], rows[2]
        assert isinstance(open_question["images"][0], Image.Image)
        assert {key: value for key, value in open_question.items() if key != "images"} == {
            "data_source": "dcvlr/shop/receipts",
            "prompt": [{"role": "user", "content": f"<image>\n{QUESTION}\nPut the answer in a box."}],
            "ability": "computed/sum_pair",
            "reward_model": {"style": "rule", "ground_truth": "12.50"},
            "extra_info": {
                **{"split": "train", "index": 0, "id": "q1"},
                **{"answer": "12.50", "options": None, "verifier": "number"},
            },
            "solution": '1. "Total" is printed.\n2. Beside it stands "12.50".\n\n\\boxed{12.50}',
            **{"answer": "12.50", "options": None, "verifier": "number"},
        }
        assert choice["reward_model"]["ground_truth"] == "B"
        assert (choice["answer"], choice["options"], choice["verifier"]) == ("9,00", ["12.50", "9,00"], "choice")

    def test_verl_splits_the_prompt_into_its_picture_and_its_text(
        self, exporter: Rl, qas: list[Qa], tmp_path: Path
    ) -> None:
        exporter(qas, tmp_path / "out")
        content = loaded(tmp_path / "out")[3]["prompt"][0]["content"]
        parts = [part for part in re.split("(<image>|<video>)", content) if part]
        assert parts == ["<image>", f"\n{QUESTION}\nPut the answer in a box."]


class TestGrpo(TestVerl):
    placeholders_per_picture = 0

    @pytest.fixture
    def exporter(self) -> Rl:
        return rl("trl")

    def test_a_row_is_what_verl_and_its_reward_ask_for(self, exporter: Rl, qas: list[Qa], tmp_path: Path) -> None:
        exporter(qas, tmp_path / "out")
        row = loaded(tmp_path / "out")[1]
        odd = 'Which line, "a\nb", is "é 漢字, &lt;image&gt;"?'
        assert row["prompt"] == [{"role": "user", "content": f"{odd}\nPut the answer in a box."}]
        assert [image.size for image in row["images"]] == [(12, 8)]

    def test_verl_splits_the_prompt_into_its_picture_and_its_text(
        self, exporter: Rl, qas: list[Qa], tmp_path: Path
    ) -> None:
        """TRL's `prepare_multimodal_messages` puts a picture before a text that has no place for one."""
        exporter(qas, tmp_path / "out")
        content = loaded(tmp_path / "out")[3]["prompt"][0]["content"]
        assert content == f"{QUESTION}\nPut the answer in a box."


@pytest.mark.parametrize(
    ("changes", "verifier"),
    [
        ({"options": ("7", "8"), "answer": "7"}, "choice"),
        ({"answer": "3.5 kg"}, "number"),
        ({"answer": "seven"}, "number"),
        ({"answer": "12", "question": "Roughly how many people are there?"}, "estimate"),
        ({"answer": "about 12"}, "estimate"),
        ({"answer": r"\frac{x}{2}"}, "formula"),
        ({"answer": "RED LION"}, "text"),
    ],
)
def test_the_verifier_says_how_an_answer_is_checked(changes: dict[str, Any], verifier: str, tmp_path: Path) -> None:
    rl("verl")([qa(picture(tmp_path / "red.png"), 1, **changes)], tmp_path / "out")
    assert loaded(tmp_path / "out")[0]["verifier"] == verifier


def test_rewards_of_rows_as_they_were_loaded(qas: list[Qa], tmp_path: Path) -> None:
    rl("verl")(qas, tmp_path / "out")
    rows = loaded(tmp_path / "out").remove_columns("images")
    columns = {key: [row[key] for row in rows] for key in rows.column_names if key != "prompt"}
    replies = ["<think>\\boxed{1}</think> It is \\boxed{12.5}.", "\\boxed{13}", "\\boxed{B}", "no idea"]
    assert agreement_reward(replies, **columns) == [1.0, 0.0, 1.0, 0.0]
    assert agreement_reward([[{"role": "assistant", "content": text}] for text in replies], **columns) == [1, 0, 1, 0]
    scores = [
        compute_score(row["data_source"], reply, row["reward_model"]["ground_truth"], row["extra_info"])
        for reply, row in zip(replies, rows, strict=True)
    ]
    assert scores == [1.0, 0.0, 1.0, 0.0]


def test_an_estimate_is_right_within_a_twentieth_and_a_number_is_not() -> None:
    estimate = {"answer": "about 100", "options": None, "verifier": "estimate"}
    graded = {"answer": "100.0", "options": None, "verifier": "number"}
    assert compute_score("dcvlr/x", "\\boxed{104}", "about 100", estimate) == 1.0
    assert compute_score("dcvlr/x", "\\boxed{106}", "about 100", estimate) == 0.0
    assert compute_score("dcvlr/x", "\\boxed{104}", "100.0", graded) == 0.0


@pytest.fixture
def qas(tmp_path: Path) -> list[Qa]:
    red = picture(tmp_path / "red.png")
    return [qa(red, 1), qa(red, 2), qa(red, 3, options=("12.50", "9,00"), answer="9,00"), qa(red, 4)]
