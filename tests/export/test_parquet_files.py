"""How rows are divided into groups and files, and that only one group of them is in memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from contracts.exporters import qa
from PIL import Image

from dcvlr.errors import ConfigError
from dcvlr.export.feature_types import TEXT
from dcvlr.export.parquet import Parquet
from dcvlr.export.parquet_files import bytes_per_file, row_bytes, write_parquet
from dcvlr.export.trl import Trl
from dcvlr.export.webdataset import Webdataset
from dcvlr.protocols import Exporter
from dcvlr.records import Qa

pa = pytest.importorskip("pyarrow", reason="parquet needs pyarrow")
MB = 1 << 20


def groups(path: Path) -> list[int]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        return [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]


SETTINGS = Trl(solution="steps", rows_per_group=3, max_group_mb=1, max_shard_size=None, compression="none")


def write(hundredths: list[int], folder: Path, max_shard_size: str | None = None) -> dict[str, list[int]]:
    """Rows of so many hundredths of a MiB, which is the most that a group takes."""
    rows = ({"text": "x" * (length * MB // 100)} for length in hundredths)
    write_parquet(rows, {"text": TEXT}, folder, replace(SETTINGS, max_shard_size=max_shard_size))
    return {path.name: groups(path) for path in sorted(folder.iterdir())}


def test_a_group_is_closed_by_its_rows_or_its_bytes(tmp_path: Path) -> None:
    assert write([10, 10, 10, 10, 90, 10, 1, 99, 250, 5], tmp_path / "out") == {"train.parquet": [3, 2, 2, 1, 1, 1]}


def test_files_have_a_size_and_say_how_many_they_are(tmp_path: Path) -> None:
    assert write([40] * 7, tmp_path / "out", "2MiB") == {
        "train-00000-of-00002.parquet": [2, 2],
        "train-00001-of-00002.parquet": [2, 1],
    }
    assert write([40, 300, 40], tmp_path / "large", "600KiB") == {
        "train-00000-of-00003.parquet": [1],
        "train-00001-of-00003.parquet": [1],
        "train-00002-of-00003.parquet": [1],
    }
    assert write([], tmp_path / "empty", "10MB") == {"train-00000-of-00001.parquet": []}
    assert write([5], tmp_path / "small", "10MB") == {"train-00000-of-00001.parquet": [1]}


def test_one_file_is_asked_for_and_becomes_several_before_batches_of_it_are_too_large_to_read() -> None:
    """64 rows of 36 MB in one file: `iter_batches(64)` says "Nested data conversions not implemented"."""
    assert bytes_per_file(SETTINGS) == 2_000_000_000
    assert bytes_per_file(replace(SETTINGS, max_shard_size="500MB")) == 500_000_000


def test_rows_count_by_their_bytes_and_characters() -> None:
    row = {"image": {"bytes": b"12345", "path": None}, "texts": ["abc", "é"], "index": 7}
    assert row_bytes(row) == 5 + 8 + 3 + 1 + 8


@pytest.mark.slow
def test_large_pictures_come_back_from_one_file(tmp_path: Path) -> None:
    """64 rows of 36 MB in one group are written by Arrow and then refused by its reader; here with a tenth of it."""
    import pyarrow.parquet as pq

    Image.effect_noise((1200, 1200), 90).convert("RGB").save(tmp_path / "noise.png")  # about 3 MB
    exporter = Parquet(
        pictures="one", solution="steps", rows_per_group=64, max_group_mb=8, max_shard_size=None, compression="none"
    )
    exporter([qa(tmp_path / "noise.png", index) for index in range(20)], tmp_path / "out")
    with pq.ParquetFile(tmp_path / "out/train.parquet") as file:
        held = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
        assert max(file.metadata.row_group(n).total_byte_size for n in range(file.num_row_groups)) < 9 * MB
    assert held == [2] * 10


@pytest.mark.slow
@pytest.mark.parametrize(
    "exporter",
    [
        Parquet(
            pictures="one", solution="steps", rows_per_group=64, max_group_mb=2, max_shard_size=None, compression="none"
        ),
        Parquet(
            pictures="one",
            solution="steps",
            rows_per_group=64,
            max_group_mb=2,
            max_shard_size="8MB",
            compression="none",
        ),
        Webdataset(solution="steps", max_shard_size="8MB"),
    ],
    ids=["parquet", "parquet in shards", "webdataset"],
)
def test_ten_times_the_rows_take_no_more_memory(exporter: Exporter, tmp_path: Path) -> None:
    noise = Image.effect_noise((400, 400), 90).convert("RGB")
    paths = []
    for index in range(4):
        noise.rotate(90 * index).save(tmp_path / f"{index}.png")  # about 200 kB each
        paths.append(tmp_path / f"{index}.png")
    records = [qa(path) for path in paths]
    few = peak(exporter, rows(records, 30), tmp_path / "few")
    many = peak(exporter, rows(records, 300), tmp_path / "many")
    assert sum(path.stat().st_size for path in (tmp_path / "many").iterdir()) > 20 * MB
    assert many < few + 2 * MB


def rows(records: list[Qa], count: int) -> Iterator[Qa]:
    return (records[index % len(records)] for index in range(count))


def peak(exporter: Exporter, qas: Iterator[Qa], folder: Path) -> int:
    """Most bytes held at a time, by Python and by Arrow."""
    pool = pa.proxy_memory_pool(pa.default_memory_pool())
    before = pa.default_memory_pool()
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        exporter(qas, folder)
        return tracemalloc.get_traced_memory()[1] + (pool.max_memory() or 0)
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(before)


def test_wrong_sizes_are_refused_with_what_is_allowed() -> None:
    with pytest.raises(ConfigError, match=r"^max_group_mb=2048: a whole number from 1 to 1024"):
        Parquet(
            pictures="one",
            solution="steps",
            rows_per_group=1,
            max_group_mb=2048,
            max_shard_size=None,
            compression="none",
        )
    with pytest.raises(ConfigError, match=r"^max_shard_size='1 GB': a size is needed, such as 500MB"):
        Parquet(
            pictures="one",
            solution="steps",
            rows_per_group=1,
            max_group_mb=1,
            max_shard_size="1 GB",
            compression="none",
        )
