"""Rows as parquet files of a bounded size, of which one group of rows is in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from msgspec import Meta

from dcvlr.export.feature_types import Feature, arrow_schema
from dcvlr.export.sizes import in_files, size_in_bytes

GroupMb = Annotated[int, Meta(ge=1, le=1024)]  # readers take a group at a time: 2 GiB are too much for some
Codec = Literal["snappy", "zstd", "gzip", "none"]

_BYTES_PER_NUMBER = 8
# Arrow reads no batch with 2 GiB of pictures ("Nested data conversions not implemented for chunked array outputs"), and
# `iter_batches` makes batches across groups: a file of less can be read in every way.
_MOST_IN_A_FILE = 2_000_000_000


@dataclass(frozen=True, kw_only=True)
class ParquetSizes:
    """A group of rows is closed by its rows or its bytes, whichever comes first; a file by its bytes.

    Bytes are counted before compression. A row that is larger than a group or a file has one of its own. `numbered` is
    whether a file that holds everything has a number too.
    """

    rows_per_group: int
    bytes_per_group: int
    bytes_per_file: int
    numbered: bool


class ParquetSettings(Protocol):
    """What an exporter's settings say of its files."""

    @property
    def rows_per_group(self) -> int: ...
    @property
    def max_group_mb(self) -> int: ...
    @property
    def max_shard_size(self) -> str | None: ...


def sizes_of(exporter: ParquetSettings) -> ParquetSizes:
    """The sizes by an exporter's settings; raises `SettingError` for a size that is none."""
    most = exporter.max_shard_size
    return ParquetSizes(
        rows_per_group=exporter.rows_per_group,
        bytes_per_group=exporter.max_group_mb << 20,
        bytes_per_file=_MOST_IN_A_FILE if most is None else size_in_bytes(most),
        numbered=most is not None,
    )


def write_parquet(
    rows: Iterable[dict[str, Any]], features: Mapping[str, Feature], folder: Path, *, sizes: ParquetSizes, codec: str
) -> None:
    """`train.parquet` in the new `folder`, or where that is not enough `train-00000-of-00007.parquet` and so on.

    There is at least one file; each says by itself what its columns are, so that `datasets` gives pictures.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema(features)

    folder.mkdir(parents=True)
    count = 0
    for count, groups in enumerate(in_files(_groups(rows, sizes), sizes.bytes_per_file), 1):
        # Least and greatest values of each group are of no use to texts and pictures, and in memory until the end.
        path = _unfinished(folder, count - 1)
        with pq.ParquetWriter(path, schema, compression=codec, write_statistics=False) as writer:
            for group in groups:
                writer.write_table(pa.Table.from_pylist(group, schema=schema))
    for index in range(count):
        numbered = f"train-{index:05d}-of-{count:05d}.parquet"
        _unfinished(folder, index).rename(folder / (numbered if count > 1 or sizes.numbered else "train.parquet"))


def _unfinished(folder: Path, index: int) -> Path:
    return folder / f"train-{index:05d}.parquet"


def _groups(rows: Iterable[dict[str, Any]], sizes: ParquetSizes) -> Iterator[tuple[list[dict[str, Any]], int]]:
    """Each group with its bytes."""
    most = min(sizes.bytes_per_group, sizes.bytes_per_file)
    group: list[dict[str, Any]] = []
    total = 0
    for row in rows:
        size = row_bytes(row)
        if group and (len(group) >= sizes.rows_per_group or total + size > most):
            yield group, total
            group, total = [], 0
        group.append(row)
        total += size
    if group:
        yield group, total


def row_bytes(value: Any) -> int:
    """About what a row takes before compression: its bytes and characters, and 8 for everything else."""
    if isinstance(value, bytes | str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(map(row_bytes, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(row_bytes, value))
    return _BYTES_PER_NUMBER
