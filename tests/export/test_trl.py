"""Prompts and completions, as TRL's SFTTrainer reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from contracts.exporters import ExporterContract, Row
from export.parquet_rows import SIZES, loaded, raw_rows
from export.test_trainers import QUESTION, SOLUTION
from msgspec.structs import replace
from PIL import Image
from tiny.vlm import qwen2_vl

from dcvlr.export.trl import Trl
from dcvlr.records import Qa

pytestmark = pytest.mark.slow


def trl(**changes: Any) -> Trl:
    return Trl(**{"solution": "steps", **SIZES, **changes})


class TestTrl(ExporterContract):
    @pytest.fixture
    def exporter(self) -> Trl:
        pytest.importorskip("pyarrow", reason="export=trl needs pyarrow")
        return trl()

    def rows(self, folder: Path) -> list[Row]:
        return [self.row(record) for record in raw_rows(folder)]

    @staticmethod
    def row(record: dict[str, Any]) -> Row:
        (asked,), (answered,) = record["prompt"], record["completion"]
        assert (asked["role"], answered["role"]) == ("user", "assistant")
        return Row(f"{asked['content']} {answered['content']}", [image["bytes"] for image in record["images"]])

    def test_pictures_are_pictures_where_the_folder_is_loaded(
        self, exporter: Trl, qas: list[Qa], tmp_path: Path
    ) -> None:
        pytest.importorskip("datasets", reason="loading as a trainer does needs datasets")
        exporter(qas, tmp_path / "out")
        rows = loaded(tmp_path / "out")
        (shown,) = rows[2]["images"]
        assert isinstance(shown, Image.Image)
        assert (rows.column_names, shown.size) == (["images", "prompt", "completion"], (12, 8))

    def test_a_large_dataset_has_several_files(self, qas: list[Qa], tmp_path: Path) -> None:
        pytest.importorskip("datasets", reason="loading as a trainer does needs datasets")
        trl(rows_per_group=1, max_shard_size="1KB")(qas, tmp_path / "out")
        assert len(list((tmp_path / "out").iterdir())) == 3
        assert len(loaded(tmp_path / "out")) == 4

    def test_trl_learns_the_answer_alone(self, exporter: Trl, qas: list[Qa], tmp_path: Path) -> None:
        """By TRL's own collator, with the processor of a tiny model."""
        pytest.importorskip("datasets", reason="loading as a trainer does needs datasets")
        trainer = pytest.importorskip("trl.trainer.sft_trainer", reason="TRL's own collator needs trl")
        from transformers import AutoProcessor

        two = replace(qas[0], images=(*qas[0].pictures, *qas[2].pictures))
        exporter([qas[0], two], tmp_path / "out")
        processor = AutoProcessor.from_pretrained(qwen2_vl(tmp_path))
        collator = trainer.DataCollatorForVisionLanguageModeling(processor, completion_only_loss=True)
        batch = collator(list(loaded(tmp_path / "out")))
        for ids, labels, pictures in zip(batch["input_ids"], batch["labels"], (1, 2), strict=True):
            learned = processor.decode(ids[labels != -100])
            assert learned.startswith(SOLUTION)
            assert QUESTION not in learned
            asked = processor.decode(ids[labels == -100])
            assert QUESTION in asked
            assert asked.count("<|vision_start|>") == pictures
