"""Pictures that the lines of a JSON-lines file name, with all that stands beside them."""

from __future__ import annotations

import io
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dcvlr.errors import ConfigError, NoPictureError
from dcvlr.images.disk import open_file
from dcvlr.metadata.rows import from_json
from dcvlr.protocols import Remembering
from dcvlr.records import Finding, ImageRecord
from dcvlr.remote import is_url, without_query
from dcvlr.rundir.ledger import Ledger
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
from dcvlr.source.listed import bytes_of, dataset_of
from dcvlr.source.row_paths import RowPaths, folder_of_rows
from dcvlr.source.rows_file import open_rows, rows_file
from dcvlr.source.walk import FoundFiles

_NAMES = ("image", "images", "file_name", "image_path", "image_url", "path", "url", "picture", "pictures", "file")


@dataclass(frozen=True, kw_only=True)
@checked
class JsonlRows:
    """A path or URL, or a list of them, under `image_key` of each line; `RowPaths` says which files may be named.

    Rows stay with their pictures: questions and answers are read from them as from `metadata.jsonl`. A line that names
    no picture is a ledger line.
    """

    images_dir: str | None
    image_key: str | None
    image_folder: str | None
    folder: str
    num_images: Count | None
    seed: int
    digest: FileDigest

    @property
    def location(self) -> str:
        folder = "" if self.image_folder is None else f", pictures in {self.root}"
        return f"rows of {public_location(self.images_dir)}{folder}"

    @property
    def root(self) -> str:
        return self._paths.folder or folder_of(public_location(self.images_dir))

    def check_ready(self) -> None:
        require_images_dir(self.images_dir)
        path = absolute(self.images_dir)
        if not is_url(path) and not Path(path).is_file():
            raise ConfigError(f"images_dir={path!r} is no file: source=jsonl needs a file of JSON lines")
        folder_of_rows(self.image_folder, path)

    def count(self) -> int:
        """How many pictures the lines name, each once."""
        named, readable, unread = self._lines(), self._paths.readable, FoundFiles()
        total = len({path for _, row in named for entry in self._entries(row) if (path := readable(entry, unread))})
        return total if self.num_images is None else min(total, self.num_images)

    def __call__(self, memo: Remembering, ledger: Ledger) -> Sequence[ImageRecord]:
        path = absolute(self.images_dir)
        file, dataset = rows_file(self.folder, self.location), dataset_of(path)
        found, seen, paths = FoundFiles(rows=str(file)), set[str](), self._paths
        with open_rows(file) as rows:
            for number, row in self._lines():
                entries = self._entries(row)
                for entry in entries:
                    if picture := paths.readable(entry, found):
                        rows.write({"row": number, **(row or {}), "pictures": len(entries), "file_name": picture})
                        seen.add(picture)
                if not entries:
                    line = ImageRecord(id="", path=f"{path}#line={number}", dataset=dataset)
                    ledger.reject(line, [Finding(name="unreadable", passed=False, reason=self._lack(row))])
        for picture in sorted(seen):
            found.add(picture, dataset)
        report_passed_over(found, ledger)
        images = read_images(found, choose(found, self.num_images, self.seed), self.digest, memo, ledger)
        if not images:
            raise NoPictureError(f"images_dir={self.location!r}: no picture could be read")
        return images

    def _lines(self) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
        """Every line that is not empty, counted from 1; None for one that is no JSON object."""
        path = absolute(self.images_dir)
        self.check_ready()
        with io.BytesIO(bytes_of(path)) if is_url(path) else open_file(path) as lines:
            for number, line in enumerate(lines, 1):
                if number == 1 and line.removeprefix(BOM_UTF8).lstrip()[:1] == b"[":
                    raise ConfigError(
                        f"images_dir={without_query(path)!r} is a JSON array: an object a line is needed, as "
                        "jq -c '.[]' file.json > file.jsonl writes them"
                    )
                if line.strip():
                    yield number, _object(line)

    def _entries(self, row: Mapping[str, Any] | None) -> list[str]:
        """The paths and URLs that a row names, as it writes them."""
        named = None if row is None else self._named(row)
        several = named if isinstance(named, list) else [named]
        paths = [one.get("path") or one.get("url") if isinstance(one, Mapping) else one for one in several]
        return [path for path in paths if isinstance(path, str) and path and path[:5] != "data:"]

    @property
    def _paths(self) -> RowPaths:
        path = absolute(self.images_dir)
        return RowPaths(path, folder_of_rows(self.image_folder, path))

    def _named(self, row: Mapping[str, Any]) -> Any:
        keys = _NAMES if self.image_key is None else (self.image_key,)
        return next((row[key] for key in keys if row.get(key)), None)

    def _lack(self, row: Mapping[str, Any] | None) -> str:
        if row is None:
            return "no JSON object"
        wanted = "source.image_key" if self.image_key is None else repr(self.image_key)
        return f"{wanted} names no path or URL in it; its keys: {', '.join(row) or 'none'}"


def _object(line: bytes) -> Mapping[str, Any] | None:
    try:
        row = from_json(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None
