"""Whole records with their pictures, as `datasets` and the hub read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from contracts.exporters import ExporterContract, Row
from export.parquet_rows import SIZES, loaded, raw_rows

from dcvlr.errors import ConfigError
from dcvlr.export.hf_datasets import HfDatasets
from dcvlr.records import Qa

pytestmark = pytest.mark.slow


class TestHfDatasets(ExporterContract):
    boxes = 0

    @pytest.fixture
    def exporter(self) -> HfDatasets:
        pytest.importorskip("pyarrow", reason="export=hf_datasets needs pyarrow")
        return hf_datasets()

    def rows(self, folder: Path) -> list[Row]:
        return [self.row(record) for record in raw_rows(folder)]

    @staticmethod
    def row(record: dict[str, Any]) -> Row:
        shown = record["images"] or [record["image"]]
        return Row(" ".join(str(record[key]) for key in TEXTS), [one["bytes"] for one in shown])

    def test_records_come_back_whole(self, exporter: HfDatasets, qas: list[Qa], tmp_path: Path) -> None:
        pytest.importorskip("datasets", reason="loading as a trainer does needs datasets")
        exporter(qas, tmp_path / "out")
        rows = loaded(tmp_path / "out")
        assert tuple(rows.column_names) == Qa.__struct_fields__
        first, third = rows[0], rows[2]
        assert (first["options"], third["options"]) == (None, ["12.50", "9,00"])
        cited = {"kind": "text", "ref": "T2", "box": [1.0, 2.0, 3.5, 4.0], "text": "12.50", "picture": 1}
        assert first["evidence"] == [cited]
        assert (first["id"], first["bin"], first["seed"], first["image"].size) == ("q1", "A", 0, (12, 8))


TEXTS = ("question", "options", "answer", "reasoning")


def hf_datasets(**changes: Any) -> HfDatasets:
    settings: dict[str, Any] = {
        **SIZES,
        "repo_id": None,
        "private": True,
        "token_env": "DCVLR_TEST_HUB_KEY",
    }
    return HfDatasets(**{**settings, **changes})


def test_a_push_without_a_key_is_refused_before_work(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("huggingface_hub", reason="a push needs huggingface-hub")
    exporter = hf_datasets(repo_id="me/set")
    monkeypatch.delenv("DCVLR_TEST_HUB_KEY", raising=False)
    with pytest.raises(ConfigError, match=r"repo_id='me/set' needs a key .* variable DCVLR_TEST_HUB_KEY"):
        exporter.check_ready()
    monkeypatch.setenv("DCVLR_TEST_HUB_KEY", "hf_abc")
    exporter.check_ready()
    assert "hf_abc" not in repr(exporter)


def test_without_a_repository_no_key_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub", reason="a push needs huggingface-hub")
    monkeypatch.delenv("DCVLR_TEST_HUB_KEY", raising=False)
    hf_datasets().check_ready()
    hf_datasets().publish(tmp_path)


def test_wrong_settings_are_refused_with_what_is_allowed() -> None:
    for wrong in ("set", "a/b/c", "/set", "me/"):
        with pytest.raises(ConfigError, match=r"^repo_id=.*: owner/name is needed, or null"):
            hf_datasets(repo_id=wrong)
    with pytest.raises(ConfigError, match=r"^max_shard_size='big': a size is needed, such as 500MB"):
        hf_datasets(max_shard_size="big")
    with pytest.raises(ConfigError, match=r"^rows_per_group=0: a whole number from 1"):
        hf_datasets(rows_per_group=0)
