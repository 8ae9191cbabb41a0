"""Pictures in the cells of parquet files."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from dcvlr.identity import digest
from dcvlr.images.disk import opened_in_parts
from dcvlr.remote import Locator, remote_files

_ROWS_AT_ONCE = 16
_one_at_a_time = threading.Lock()  # threads that read ahead want pictures of the same row group


@contextmanager
def parquet_file(url: str) -> Iterator[Any]:
    """A `pyarrow.parquet.ParquetFile`. Raises `OSError`, also for a file that is none."""
    import pyarrow
    from pyarrow import parquet

    with opened_in_parts(url) as file:
        try:
            yield parquet.ParquetFile(file)
        except pyarrow.ArrowException as error:
            raise OSError(f"it is no parquet file, or a damaged one ({error})") from error


def rows_of(file: Any, columns: Sequence[str], group: int) -> Iterator[dict[str, Any]]:
    """The rows of one row group, some in memory at a time."""
    for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, row_groups=[group], columns=list(columns)):
        yield from batch.to_pylist()


def bytes_in(cell: Any) -> bytes | None:
    """The bytes of a picture that stands in a cell, alone or as `{"bytes": …}`."""
    found = cell.get("bytes") if isinstance(cell, dict) else cell
    return found if isinstance(found, bytes) and found else None


def cell_bytes(locator: Locator, image_id: str) -> bytes:
    """The picture in one cell; the others of its row group go into the cache, since they cannot be had without it.

    Raises `OSError` as `RemoteFiles` does.
    """
    with _one_at_a_time:
        data = remote_files.cache.get(image_id)
        if data is not None:
            return data
        with parquet_file(locator.url) as file:
            for row, data in _group(file, locator):
                if row == locator.row:
                    found = data
                if data is not None:
                    remote_files.cache.put(digest(data), data)
    if found is None:
        raise FileNotFoundError(f"{locator} holds no picture")
    return found


def _group(file: Any, locator: Locator) -> Iterator[tuple[int, bytes | None]]:
    """Row numbers and pictures of the row group that a row is in."""
    first = 0
    for group in range(file.num_row_groups):
        count = file.metadata.row_group(group).num_rows
        if locator.row is not None and locator.row < first + count:
            for row, cells in enumerate(rows_of(file, [locator.column], group), first):
                yield row, bytes_in(cells.get(locator.column))
            return
        first += count
    raise FileNotFoundError(f"{locator}: there are {first} rows")
