"""What sources that join others, and runs that are held against earlier ones, hold in memory for each picture."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dcvlr.filtering.dedup.earlier import kept_earlier
from dcvlr.identity import digest
from dcvlr.metadata.download_lines import MetadataLine
from dcvlr.records import ImageRecord
from dcvlr.rundir.files import write_lines
from dcvlr.rundir.ledger import Ledger
from dcvlr.rundir.record_list import RecordList
from dcvlr.source.digest import FileDigest, FileState
from dcvlr.source.parquet import ParquetRows
from dcvlr.source.parquet_index import ParquetIndex, ParquetPicture, ParquetPictures
from dcvlr.source.several import Several

pytestmark = pytest.mark.slow

FEW = 2_000
IN_A_FILE = 500


@pytest.fixture(autouse=True)
def sorted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dcvlr.rundir.record_list._SORTED_AT_ONCE", 1024)
    monkeypatch.setattr("dcvlr.rundir.files._BLOCK_BYTES", 1 << 14)


def bytes_a_picture(work: Callable[[int], int]) -> float:
    """By how much the peak grows with each of the pictures that `work` counts."""
    peaks, counts = [], []
    for size in (FEW, FEW, 3 * FEW):  # the first time modules are loaded
        tracemalloc.start()
        counts.append(work(size))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert counts[2] == 3 * counts[1]
    return (peaks[2] - peaks[1]) / (counts[2] - counts[1])


def image(number: int, folder: str = "all") -> ImageRecord:
    return ImageRecord(id=digest(b"%d" % number), path=f"/data/photos/{folder}/{number:08}.jpg", dataset="photos")


@dataclass(frozen=True)
class Drawn:
    """As many pictures as it is told, from a number on."""

    start: int
    size: int
    location: str = "/data/photos"
    root: str = "/data"
    num_images: int | None = None

    def check_ready(self) -> None: ...

    def count(self) -> int:
        return self.size

    def __call__(self, memo: object, ledger: object) -> Sequence[ImageRecord]:
        rows = range(self.start, self.start + self.size)
        return RecordList(ImageRecord, (image(row, str(self.start)) for row in rows))


def test_several_sources_hold_no_picture_in_memory() -> None:
    def pictures(size: int) -> int:
        sources = {"a": Drawn(0, size), "b": Drawn(size // 2, size)}  # half of each are in both
        joined = Several(sources=sources, shares=None, num_images=None)(object(), Ledger(io.BytesIO(), "source"))  # type: ignore[arg-type]
        return len(joined)

    assert bytes_a_picture(pictures) < 40


def test_what_earlier_runs_kept_is_told_by_ids_alone(tmp_path: Path) -> None:
    def pictures(size: int) -> int:
        runs = [tmp_path / f"{size}-{name}" for name in "ab"]
        for run in runs:
            write_lines(run / "intermediate/stage1_filtering/filtered_images.jsonl", map(image, range(size)))
        return len(kept_earlier([str(run) for run in runs]))

    assert bytes_a_picture(pictures) < 200


LINE = MetadataLine(
    file_name="",
    original=None,
    question=None,
    choices=None,
    answer=None,
    answers=(),
    row=0,
    row_id=None,
    split="",
    licence=None,
    dataset="",
    pictures=1,
    columns={},
)


class Tables(Mapping[str, ParquetPictures]):
    """What an index tells of each file, made when it is asked for."""

    def __init__(self, states: Sequence[FileState]) -> None:
        self._numbers = {state.id: number for number, state in enumerate(states)}

    def __getitem__(self, state_id: str) -> ParquetPictures:
        return ParquetPictures(column="image", pictures=tuple(self._pictures(self._numbers[state_id])), empty=0)

    def _pictures(self, number: int) -> Iterator[ParquetPicture]:
        for row in range(IN_A_FILE):
            yield ParquetPicture(row=row, id=digest(b"%d/%d" % (number, row)), path="", line=LINE)

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


class Indexed:
    def compute(self, model: ParquetIndex, items: Sequence[FileState]) -> Any:
        return Tables(items)


def test_rows_of_parquet_files_are_in_memory_a_file_at_a_time(tmp_path: Path) -> None:
    def pictures(size: int) -> int:
        folder = tmp_path / str(size)
        folder.mkdir(exist_ok=True)
        for number in range(size // IN_A_FILE):
            (folder / f"{number}.parquet").touch()
        source = ParquetRows(
            images_dir=str(folder),
            image_column=None,
            image_folder=None,
            max_shards=None,
            folder=str(tmp_path / "rows"),
            num_images=None,
            seed=0,
            index=ParquetIndex(image_column=None, batch_size=2, threads=2),
            digest=FileDigest(batch_size=8, threads=2),
        )
        return len(source(Indexed(), Ledger(io.BytesIO(), "source")))  # type: ignore[arg-type]

    assert bytes_a_picture(pictures) < 60
