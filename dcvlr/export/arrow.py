"""Rows as a folder that `datasets.load_from_disk` reads."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dcvlr.errors import require_package
from dcvlr.identity import file_digest


def require_datasets(owner: str) -> None:
    """Raise `MissingPackageError` unless `datasets` is installed."""
    require_package("datasets", extra="hf", owner=owner, instead="export=jsonl needs none")


def save_rows(
    rows: Iterable[dict[str, Any]], features: Any, folder: Path, *, rows_per_batch: int, max_shard_size: str
) -> None:
    """Write `rows` of these `datasets.Features`; `rows_per_batch` of them are in memory at a time."""
    import datasets
    from datasets.arrow_writer import ArrowWriter

    datasets.disable_progress_bars()
    written = folder / ".rows" / "rows.arrow"
    written.parent.mkdir(parents=True)
    with ArrowWriter(path=str(written), features=features, writer_batch_size=rows_per_batch) as writer:
        for row in rows:
            writer.write(row)
        writer.finalize()
    whole = datasets.Dataset(
        datasets.Dataset.from_file(str(written)).data,
        info=datasets.DatasetInfo(features=features),
        split=datasets.Split.TRAIN,
        fingerprint=file_digest(written)[:16],  # its own would rest on the clock: the same rows give the same bytes
    )
    # Of no rows `datasets` makes no file, and then cannot load what it saved.
    size: dict[str, Any] = {"max_shard_size": max_shard_size} if len(whole) else {"num_shards": 1}
    whole.save_to_disk(folder, **size)
    shutil.rmtree(written.parent)
