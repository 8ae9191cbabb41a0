"""Pictures in parquet files, here or at URLs: in their cells, or named by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

import msgspec

from dcvlr.errors import NoPictureError
from dcvlr.protocols import Remembering
from dcvlr.records import Failure, ImageRecord
from dcvlr.remote import Locator
from dcvlr.rundir.files import JsonLinesFile
from dcvlr.rundir.ledger import Ledger
from dcvlr.rundir.record_list import RecordList, in_order
from dcvlr.settings import Count, checked
from dcvlr.source.digest import FileDigest
from dcvlr.source.folder import (
    absolute,
    choose,
    folder_of,
    public_location,
    read_images,
    report_passed_over,
    require_images_dir,
)
from dcvlr.source.joined import Known, joined, known_of
from dcvlr.source.parquet_index import ParquetIndex, ParquetPictures
from dcvlr.source.row_paths import RowPaths, folder_of_rows
from dcvlr.source.rows_file import open_rows, rows_file
from dcvlr.source.shard_files import dataset_of_shard, file_of, finding, shard_files, shard_states, url_of
from dcvlr.source.walk import FoundFiles


@dataclass(frozen=True, kw_only=True)
@checked
class ParquetRows:
    """The pictures of one `.parquet`, of all below a folder, or of those that a list names; the first `max_shards`.

    Pictures are bytes, `{"bytes": …, "path": …}`, paths or URLs; `RowPaths` says which files may be named. Rows
    without one are counted. What a row asks and answers is a gold question. Datasets are folders of files.
    """

    images_dir: str | None
    image_column: str | None
    image_folder: str | None
    max_shards: Count | None
    folder: str
    num_images: Count | None
    seed: int
    index: ParquetIndex
    digest: FileDigest

    @property
    def location(self) -> str:
        first = "" if self.max_shards is None else f", first {self.max_shards} files"
        column = "" if self.image_column is None else f", column {self.image_column}"
        folder = "" if self.image_folder is None else f", pictures in {self._folder}"
        return f"parquet of {public_location(self.images_dir)}{first}{column}{folder}"

    @property
    def root(self) -> str:
        return url_of(folder_of(public_location(self.images_dir)))

    def check_ready(self) -> None:
        require_images_dir(self.images_dir)
        folder_of_rows(self.image_folder, absolute(self.images_dir))

    def count(self) -> int:
        """How many files a run would read."""
        return len(self._files())

    def __call__(self, memo: Remembering, ledger: Ledger) -> Sequence[ImageRecord]:
        states = list(shard_states(self._files(), ledger))
        tables = memo.compute(self.index, states)
        file = rows_file(self.folder, self.location)
        pictures = _Pictures(FoundFiles(rows=str(file)), self._folder)
        with open_rows(file) as rows:
            for state in states:
                table = tables[state.id]
                if isinstance(table, Failure):
                    ledger.unmeasured(file_of(state.path), [finding(table.kind, table.message)])
                    continue
                pictures.take(state.path, table, rows)
                if table.empty or table.refused:
                    reason = table.refused or f"{table.empty} rows have no picture"
                    ledger.reject(file_of(state.path), [finding("passed_over", reason)])
        found = pictures.found
        found.paths = RecordList(str, (path for path, _ in groupby(in_order(str, found.paths, key=str))))
        report_passed_over(found, ledger)
        chosen = RecordList(Known, known_of(choose(found, self.num_images, self.seed), pictures.known))
        images = joined(found, (one for one in chosen if one.id))
        if named := RecordList(str, (one.path for one in chosen if not one.id)):
            images.extend(read_images(found, named, self.digest, memo, ledger))
        if not images:
            found_in = (tables[state.id] for state in states)
            refused = (table.refused for table in found_in if not isinstance(table, Failure))
            raise NoPictureError(next(filter(None, refused), f"images_dir={self.location!r}: no picture could be read"))
        return in_order(ImageRecord, images, key=lambda image: image.path)

    @property
    def _folder(self) -> str | None:
        return folder_of_rows(self.image_folder, absolute(self.images_dir))

    def _files(self) -> list[str]:
        self.check_ready()
        return shard_files(absolute(self.images_dir), ".parquet", self.max_shards)


@dataclass
class _Pictures:
    found: FoundFiles
    folder: str | None
    known: RecordList[Known] = field(default_factory=partial(RecordList, Known))

    def take(self, url: str, table: ParquetPictures, rows: JsonLinesFile) -> None:
        paths, dataset = RowPaths(Locator.of(url).local_path or url, self.folder), dataset_of_shard(url)
        for picture in table.pictures:
            if picture.id:
                path = str(Locator(url=url, row=picture.row, column=table.column))
            elif (named := paths.readable(picture.path, self.found)) is None:
                continue
            else:
                path = named
            rows.write(msgspec.structs.replace(picture.line, file_name=path))
            self.found.add(path, dataset)
            self.known.append(Known(path=path, id=picture.id))
