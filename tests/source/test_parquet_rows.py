"""Pictures in parquet files that pyarrow and `datasets` write, here and in a real S3 store."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from contracts.sources import SourceContract
from fakes import Brightness
from image_files import png
from ledgers import run_source as run
from pyarrow import parquet
from s3 import S3

from dcvlr.errors import ConfigError
from dcvlr.identity import digest
from dcvlr.images import read_bytes
from dcvlr.memo import Memo
from dcvlr.metadata.gold import gold_questions
from dcvlr.protocols import Source
from dcvlr.records import ImageRecord
from dcvlr.remote import RemoteAccess
from dcvlr.source.digest import FileDigest
from dcvlr.source.parquet import ParquetRows
from dcvlr.source.parquet_index import ParquetIndex


def file_of(rows: list[dict[str, Any]], *, group: int = 2) -> bytes:
    file = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), file, row_group_size=group)
    return file.getvalue()


ROWS = [
    {"image": {"bytes": png("red"), "path": "a.png"}, "question": "Which colour?", "answer": "red"},
    {"image": {"bytes": png("blue"), "path": "b.png"}, "question": "And this?", "answer": "blue"},
    {"image": {"bytes": None, "path": None}, "question": "None?", "answer": "none"},
    {"image": {"bytes": png("red"), "path": "c.png"}, "question": "Again?", "answer": "red"},
]


def memo_of(tmp_path: Path, *, cache_mb: int = 10) -> Memo:
    cache = str(tmp_path / "cache")
    remote = RemoteAccess(
        attempts=3, timeout_s=20.0, threads=4, private_hosts=[], cache_folder=cache, cache_mb=cache_mb
    )
    return Memo(tmp_path / "checkpoints", remote=remote)


def source_of(images_dir: Path | str, tmp_path: Path, column: str | None = None) -> ParquetRows:
    return ParquetRows(
        images_dir=str(images_dir),
        image_column=column,
        image_folder=None,
        max_shards=None,
        folder=str(tmp_path / "rows"),
        num_images=None,
        seed=0,
        index=ParquetIndex(image_column=column, batch_size=2, threads=2),
        digest=FileDigest(batch_size=8, threads=2),
    )


class TestParquetRows(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> ParquetRows:
        (tmp_path / "in").mkdir()
        (tmp_path / "in/x.parquet").write_bytes(file_of(ROWS))
        return source_of(tmp_path / "in", tmp_path)

    def test_count_is_the_number_of_files_with_copies(self, source: Source, images: list[ImageRecord]) -> None:
        """But the files are tables here: what is in them, only reading tells."""
        assert (source.count(), len(images)) == (1, 2)


@pytest.mark.parametrize("cache_mb", [0, 10], ids=["without a cache", "with a cache"])
def test_pictures_are_read_from_their_cells(tmp_path: Path, cache_mb: int) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/x.parquet").write_bytes(file_of(ROWS))
    images, entries = run(source_of(tmp_path / "set", tmp_path), memo_of(tmp_path, cache_mb=cache_mb))
    url = f"file://{tmp_path}/set/x.parquet"
    assert [(image.path, image.dataset, image.copies) for image in images] == [
        (f"{url}#row=0&column=image", "set", (f"{url}#row=3&column=image",)),
        (f"{url}#row=1&column=image", "set", ()),
    ]
    assert [read_bytes(image) for image in images] == [png("red"), png("blue")]
    assert [(entry.path, entry.findings[0].reason) for entry in entries] == [(url, "1 rows have no picture")]
    assert [[(gold.question, gold.answer) for gold in own] for own in gold_questions(images).values()] == [
        [("Which colour?", "red"), ("Again?", "red")],
        [("And this?", "blue")],
    ]


def test_plain_bytes_and_a_named_column_are_read(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(file_of([{"thumb": png("red"), "photo": png("blue")}]))
    images, _ = run(source_of(tmp_path / "x.parquet", tmp_path, "photo"), memo_of(tmp_path))
    assert [image.id for image in images] == [digest(png("blue"))]


def test_files_and_urls_that_rows_name_are_read_where_they_lie(s3: S3, tmp_path: Path) -> None:
    s3.put("bucket", "set/p/a.png", png("red"))
    s3.put("bucket", "set/x.parquet", file_of([{"image": "p/a.png"}, {"image": "s3://bucket/set/gone.png"}]))
    images, entries = run(source_of("s3://bucket/set", tmp_path), memo_of(tmp_path))
    assert [(image.path, image.id) for image in images] == [("s3://bucket/set/p/a.png", digest(png("red")))]
    assert [(entry.path, entry.reasons) for entry in entries] == [("s3://bucket/set/gone.png", ("missing",))]


def test_rows_lead_to_no_file_outside_the_folder_that_they_may_name(tmp_path: Path) -> None:
    for name in ("set/p/a.png", "private/me.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(png("red" if "set" in name else "white"))
    (tmp_path / "set/x.parquet").write_bytes(file_of([{"image": "p/a.png"}, {"image": "../private/me.png"}]))
    images, (entry,) = run(source_of(tmp_path / "set", tmp_path), memo_of(tmp_path))
    assert [image.path for image in images] == [str(tmp_path / "set/p/a.png")]
    assert (entry.path, entry.reasons) == (str(tmp_path / "private/me.png"), ("passed_over",))
    named = replace(source_of(tmp_path / "set", tmp_path), image_folder=str(tmp_path / "private"))
    (tmp_path / "set/x.parquet").write_bytes(file_of([{"image": "me.png"}]))
    assert [image.path for image in run(named, memo_of(tmp_path))[0]] == [str(tmp_path / "private/me.png")]


def test_a_file_in_a_store_is_read_once_and_its_pictures_come_from_the_cache(s3: S3, tmp_path: Path) -> None:
    s3.put("bucket", "set/x.parquet", file_of([{"image": png("red", width=8 + n)} for n in range(12)], group=4))
    memo = memo_of(tmp_path)
    images, _ = run(source_of("s3://bucket/set", tmp_path), memo)
    before = len(s3.gets(".parquet"))
    memo.measure(Brightness(), images)
    assert (len(images), len(s3.gets(".parquet"))) == (12, before)
    run(source_of("s3://bucket/set", tmp_path), memo_of(tmp_path))
    assert len(s3.gets(".parquet")) == before


def test_a_lost_cache_costs_a_reading_of_each_row_group(s3: S3, tmp_path: Path) -> None:
    rows = [{"image": png("red", width=8 + n) + bytes(50_000)} for n in range(12)]
    s3.put("bucket", "set/x.parquet", file_of(rows, group=4))
    images, _ = run(source_of("s3://bucket/set", tmp_path), memo_of(tmp_path, cache_mb=0))
    s3.requests.clear()
    memo = memo_of(tmp_path)
    signals = memo.measure(Brightness(), images)
    assert {type(signals[image.id]).__name__ for image in images} == {"Score"}
    assert 3 <= len(s3.gets(".parquet")) <= 12  # footer and column of three groups, not of twelve pictures


def test_what_datasets_writes_is_read(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features({"image": datasets.Image(), "question": datasets.Value("string")})
    rows = {"image": [{"bytes": png("red"), "path": None}], "question": ["Q?"]}
    datasets.Dataset.from_dict(rows, features=features).to_parquet(tmp_path / "train.parquet")
    images, _ = run(source_of(tmp_path / "train.parquet", tmp_path), memo_of(tmp_path))
    assert [image.id for image in images] == [digest(png("red"))]


def test_a_damaged_file_is_unmeasured(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/good.parquet").write_bytes(file_of(ROWS[:1]))
    (tmp_path / "set/bad.parquet").write_bytes(file_of(ROWS)[:-20])
    images, entries = run(source_of(tmp_path / "set", tmp_path), memo_of(tmp_path))
    assert len(images) == 1
    (entry,) = entries
    assert (Path(entry.path).name, entry.verdict, entry.reasons) == ("bad.parquet", "unmeasured", ("io",))


@pytest.mark.parametrize(
    ("row", "words"),
    [({"text": "none"}, "no column of .* is known to hold pictures"), ({"images": [png("red")]}, "holds lists")],
)
def test_a_table_without_a_column_of_pictures_is_refused(tmp_path: Path, row: dict[str, Any], words: str) -> None:
    (tmp_path / "x.parquet").write_bytes(file_of([row]))
    with pytest.raises(ConfigError, match=words):
        run(source_of(tmp_path / "x.parquet", tmp_path), memo_of(tmp_path))


def test_of_a_folder_a_file_without_pictures_is_a_ledger_line(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/good.parquet").write_bytes(file_of(ROWS[:1]))
    (tmp_path / "set/texts.parquet").write_bytes(file_of([{"text": "none"}]))
    images, entries = run(source_of(tmp_path / "set", tmp_path), memo_of(tmp_path))
    assert [image.id for image in images] == [digest(png("red"))]
    (entry,) = entries
    assert (Path(entry.path).name, entry.reasons) == ("texts.parquet", ("passed_over",))
    assert "it has the columns text" in entry.findings[0].reason


def test_rows_behind_an_empty_row_group_are_read(tmp_path: Path) -> None:
    table = pyarrow.Table.from_pylist(ROWS[:2])
    with parquet.ParquetWriter(tmp_path / "x.parquet", table.schema) as writer:
        writer.write_table(table.slice(0, 0))
        writer.write_table(table)
    assert parquet.ParquetFile(tmp_path / "x.parquet").metadata.row_group(0).num_rows == 0
    images, _ = run(source_of(tmp_path / "x.parquet", tmp_path), memo_of(tmp_path))
    assert [image.id for image in images] == [digest(png("red")), digest(png("blue"))]
