"""Folders of parquet files, as their readers read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SIZES = {"rows_per_group": 2, "max_group_mb": 256, "max_shard_size": "500MB", "compression": "snappy"}


def raw_rows(folder: Path) -> list[dict[str, Any]]:
    """Rows of all parquet files of a folder, pictures as bytes."""
    import pyarrow.parquet as pq

    return [row for path in sorted(folder.glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def loaded(folder: Path) -> Any:
    import datasets

    return datasets.load_dataset(str(folder), split="train", cache_dir=str(folder.parent / "cache"))
