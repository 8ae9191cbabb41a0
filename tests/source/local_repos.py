"""Folders laid out like repositories of the hub, and what a test asks of a download of one."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ledgers import run_source
from PIL import Image

from dcvlr.config import compose, make
from dcvlr.identity import digest
from dcvlr.memo import Memo
from dcvlr.records import ImageRecord, LedgerEntry
from dcvlr.source.huggingface.huggingface import HuggingFace

datasets = pytest.importorskip("datasets", reason="extra hf is not installed")
datasets.disable_progress_bars()


def picture(index: int, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (12, 10), (index % 256, index // 256, 99)).save(file, kind)
    return file.getvalue()


def repo(folder: Path, split: str = "train", **columns: list[Any]) -> Path:
    """A folder as a repository of the hub has it; a column named image of bytes becomes an Image column."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    image = columns.get("image", [None])
    if all(value is None or isinstance(value, bytes) for value in image):
        columns["image"] = [None if data is None else {"bytes": data, "path": None} for data in image]
        table = datasets.Dataset.from_dict(columns).cast_column("image", datasets.Image())
    else:
        table = datasets.Dataset.from_dict(columns)
    table.to_parquet(str(folder / "data" / f"{split}-00000-of-00001.parquet"))
    return folder


def source(dataset: Path | str, folder: Path, *settings: str) -> HuggingFace:
    """As the command line makes it."""
    words = [f"source.dataset={dataset}", f"source.folder={folder}", "source.url_private_hosts=[127.0.0.1]", *settings]
    built = make(compose(["source=huggingface", *words]), "source")
    assert isinstance(built, HuggingFace)
    return built


def run(made: HuggingFace, tmp_path: Path) -> tuple[Sequence[ImageRecord], list[LedgerEntry]]:
    return run_source(made, Memo(tmp_path / "checkpoints"))


def checked_and_run(made: HuggingFace, tmp_path: Path) -> None:
    """As the pipeline does: what is wrong may be found by either."""
    made.check_ready()
    run(made, tmp_path)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "train" / "metadata.jsonl").read_text().splitlines()]


def content(folder: Path) -> dict[str, str]:
    """Every file of a download by name and digest, without the notes it keeps of its own work."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "download.json"]
    files = [path for path in files if ".download" not in path.parts]
    return {str(path.relative_to(folder)): digest(path.read_bytes()) for path in files}
