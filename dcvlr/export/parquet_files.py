"""Rows as parquet files of a bounded size, of which one group of rows is in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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


class ParquetSettings(Protocol):
    """What an exporter's settings say of its files.

    A group of rows is closed by its rows or its bytes, whichever comes first; a file by its bytes, if it is bounded.
    Bytes are counted before compression. A row that is larger than a group or a file has one of its own.
    """

    @property
    def rows_per_group(self) -> int: ...
    @property
    def max_group_mb(self) -> int: ...
    @property
    def max_shard_size(self) -> str | None: ...
    @property
    def compression(self) -> Codec: ...


def bytes_per_file(settings: ParquetSettings) -> int:
    """Raises `SettingError` for a size that is none."""
    most = settings.max_shard_size
    return _MOST_IN_A_FILE if most is None else size_in_bytes(most)


def write_parquet(
    rows: Iterable[dict[str, Any]], features: Mapping[str, Feature], folder: Path, settings: ParquetSettings
) -> None:
    """`train.parquet` in the new `folder`, or where files are bounded `train-00000-of-00007.parquet` and so on.

    There is at least one file; each says by itself what its columns are, so that `datasets` gives pictures.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema(features)

    folder.mkdir(parents=True)
    count = 0
    for count, groups in enumerate(in_files(_groups(rows, settings), bytes_per_file(settings)), 1):
        # Least and greatest values of each group are of no use to texts and pictures, and in memory until the end.
        path = _unfinished(folder, count - 1)
        with pq.ParquetWriter(path, schema, compression=settings.compression, write_statistics=False) as writer:
            for group in groups:
                writer.write_table(pa.Table.from_pylist(group, schema=schema))
    is_numbered = count > 1 or settings.max_shard_size is not None
    for index in range(count):
        name = f"train-{index:05d}-of-{count:05d}.parquet" if is_numbered else "train.parquet"
        _unfinished(folder, index).rename(folder / name)


def _unfinished(folder: Path, index: int) -> Path:
    return folder / f"train-{index:05d}.parquet"


def _groups(rows: Iterable[dict[str, Any]], settings: ParquetSettings) -> Iterator[tuple[list[dict[str, Any]], int]]:
    """Each group with its bytes."""
    most = min(settings.max_group_mb << 20, bytes_per_file(settings))
    group: list[dict[str, Any]] = []
    total = 0
    for row in rows:
        size = row_bytes(row)
        if group and (len(group) >= settings.rows_per_group or total + size > most):
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
