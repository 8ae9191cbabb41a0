"""What a run says of an export for machines, read by mlcroissant, the reference of the format."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from contracts.exporters import picture, qa

from dcvlr.config import compose, make
from dcvlr.export.folders import export_all
from dcvlr.protocols import Exporter

mlcroissant = pytest.importorskip("mlcroissant", reason="mlcroissant reads what is written for it")
pytestmark = pytest.mark.slow

CARD = "---\nlicense: mit\n---\n"


def export(name: str, folder: Path, *words: str) -> Path:
    exporters: dict[str, Exporter] = make(compose([f"export=[{name}]", *words]), "export")
    shown = [picture(folder / "red.png"), picture(folder / "blue.jpg", "blue")]
    rows = [qa(shown[0], 1), qa(shown[1], 2, options=("12.50", "9,00"), answer="9,00", passes=3)]
    export_all(exporters, folder / "export", rows, lambda _: CARD)
    return folder / "export" / name


def records(folder: Path) -> list[dict[str, Any]]:
    dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    return [
        {name.removeprefix("questions/"): value for name, value in row.items()} for row in dataset.records("questions")
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [("hf_datasets", ["export.hf_datasets.max_shard_size=1KB"]), ("hf_datasets", []), ("jsonl", []), ("csv", [])],
    ids=["files", "one file", "lines", "cells"],
)
def test_records_are_read_by_their_columns(name: str, words: list[str], tmp_path: Path) -> None:
    first, second = records(export(name, tmp_path, *words))
    assert (first["id"], second["id"]) == (b"q1", b"q2")
    assert second["answer"] == b"9,00"
    if name == "hf_datasets":
        assert second["options"] == [b"12.50", b"9,00"]
        assert (second["passes"], second["image"].size) == (3, (12, 8))


@pytest.mark.parametrize("name", ["llava", "webdataset", "trl"])
def test_files_of_formats_that_are_no_tables_are_named_with_their_digests(name: str, tmp_path: Path) -> None:
    folder = export(name, tmp_path)
    described = json.loads((folder / "croissant.json").read_bytes())
    (file,) = [one for one in described["distribution"] if one["@type"] == "cr:FileObject"]
    assert file["sha256"] == hashlib.sha256((folder / file["contentUrl"]).read_bytes()).hexdigest()
    assert described["license"] == "mit"
    assert described["recordSet"] == []
    issues = mlcroissant.Dataset(jsonld=folder / "croissant.json").metadata.ctx.issues
    assert issues.errors == set()


def test_no_questions_are_described_too(tmp_path: Path) -> None:
    exporters: dict[str, Exporter] = make(compose(["export=[jsonl,hf_datasets,csv]"]), "export")
    export_all(exporters, tmp_path / "export", [], lambda _: CARD)
    for name in exporters:
        issues = mlcroissant.Dataset(jsonld=tmp_path / "export" / name / "croissant.json").metadata.ctx.issues
        assert issues.errors == set()
