"""What lies in parquet files: the ids of pictures in cells, the paths of those that are named, and what rows say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar

from dcvlr.errors import ConfigError, require_package
from dcvlr.identity import digest, speed
from dcvlr.images.cells import bytes_in, parquet_file, rows_of
from dcvlr.images.located import why
from dcvlr.metadata.columns import ColumnNames, find_columns
from dcvlr.metadata.download_lines import MetadataLine
from dcvlr.records import Failure, Record
from dcvlr.remote import remote_files
from dcvlr.source.digest import FileState
from dcvlr.source.shard_files import shard_state

_LOOKED_AT = 8  # rows, to find the column of pictures


class ParquetPicture(Record, frozen=True):
    """The picture of a row: the `id` of its bytes, or the `path` that the row gives instead."""

    row: int
    id: str
    path: str
    line: MetadataLine


class ParquetPictures(Record, frozen=True):
    """The pictures of one file, in `column`; `empty` rows have none. `refused` says why none of its columns is read."""

    column: str
    pictures: tuple[ParquetPicture, ...]
    empty: int
    refused: str = ""


@dataclass(frozen=True, kw_only=True)
class ParquetIndex:
    """Reads files from beginning to end, once, some rows at a time; pictures on the way are kept as the cache has room.

    `image_column` None is found by looking at the first rows.
    """

    name: ClassVar[str] = "parquet_index"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = ParquetPictures

    image_column: str | None
    batch_size: int = speed()
    threads: int = speed()

    def check_ready(self) -> None:
        require_package("pyarrow", extra="parquet", owner="source=parquet")

    def __call__(self, items: Sequence[FileState], /) -> list[ParquetPictures | Failure]:
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(self._pictures, items))

    def _pictures(self, item: FileState) -> ParquetPictures | Failure:
        try:
            with parquet_file(item.path) as file:
                found = _looked_through(file, item.path, self.image_column)
            if shard_state(item.path).id != item.id:
                return Failure(kind="changed", message=f"{item.path} changed while it was read")
        except OSError as error:
            return why(error, item.path)
        return found


def _looked_through(file: Any, url: str, image_column: str | None) -> ParquetPictures:
    names = file.schema_arrow.names
    head = list(islice(_rows(file, names), _LOOKED_AT))
    if not head:
        return ParquetPictures(column="", pictures=(), empty=0)
    try:
        columns = find_columns(head, {}, {"image": image_column}, url)
    except ConfigError as error:
        return ParquetPictures(column="", pictures=(), empty=0, refused=str(error))
    if any(isinstance(row[columns.image], list) for row in head):
        lists = f"source.image_column={columns.image!r} of {url} holds lists: source=huggingface reads them"
        return ParquetPictures(column="", pictures=(), empty=0, refused=lists)
    light = [name for name in names if name == columns.image or "binary" not in str(file.schema_arrow.field(name).type)]
    pictures = [_picture(number, row, columns) for number, row in enumerate(_rows(file, light))]
    found = tuple(picture for picture in pictures if picture is not None)
    return ParquetPictures(column=columns.image, pictures=found, empty=len(pictures) - len(found))


def _rows(file: Any, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    for group in range(file.num_row_groups):
        yield from rows_of(file, columns, group)


def _picture(number: int, row: Mapping[str, Any], columns: ColumnNames) -> ParquetPicture | None:
    cell = row[columns.image]
    data = bytes_in(cell)
    path = cell.get("path") if isinstance(cell, Mapping) else cell
    if data is None and not (isinstance(path, str) and path):
        return None
    image_id = "" if data is None else digest(data)
    if data is not None:
        remote_files.cache.put(image_id, data)
    rest = {name: value for name, value in row.items() if name != columns.image}
    line = columns.line({**rest, columns.image: None}, number, dataset="", split="", licence=None)
    return ParquetPicture(row=number, id=image_id, path="" if data is not None else str(path), line=line)
