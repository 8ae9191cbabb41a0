"""Rows of the metadata beside pictures: `metadata.jsonl`, `metadata.json` or `metadata.csv`."""

from __future__ import annotations

import csv
import json
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from dcvlr.errors import ConfigError
from dcvlr.records import to_json

METADATA = "metadata.jsonl"
METADATA_FILES = (METADATA, "metadata.json", "metadata.csv")

_NAMES = ("file_name", "filename", "file", "image", "path")


@dataclass(frozen=True)
class MetadataRow:
    """One row about a picture; a line of a `.jsonl` file is only read when it is asked for, `held` are the others."""

    path: Path
    row_number: int
    offset: int
    held: Mapping[str, Any] | None = None

    def content(self) -> Mapping[str, Any]:
        if self.held is not None:
            return self.held
        with self.path.open("rb") as file:
            file.seek(self.offset)
            return _parsed(self.path, self.row_number, file.readline())


def metadata_rows(folder: Path) -> Iterator[tuple[str, MetadataRow]]:
    """The name of the picture, relative to `folder`, and the row, for every row of the files that are there.

    A `.json` file is a list of objects, or an object that maps names of pictures to objects; a `.csv` file has a line
    of column names, and a cell that holds a JSON list is one. Raises `ConfigError` naming file and row for a row
    without the name of a picture. Rows of a `.jsonl` file alone are not held in memory: it is the one for millions.
    """
    yield from rows_of_lines(folder / METADATA)
    yield from held_rows(folder)


def held_rows(folder: Path) -> Iterator[tuple[str, MetadataRow]]:
    """`metadata_rows` of the `.json` and the `.csv` file alone."""
    for name, read in (("metadata.json", _json_rows), ("metadata.csv", _csv_rows)):
        path = folder / name
        if path.is_file():
            for row_number, row in enumerate(read(path), start=1):
                yield _name(path, f"row {row_number}", row), MetadataRow(path, row_number, 0, row)


def rows_of_lines(path: Path) -> Iterator[tuple[str, MetadataRow]]:
    """`metadata_rows` of one `.jsonl` file, which need not be there."""
    if not path.is_file():
        return
    offset = 0
    with path.open("rb") as file:
        for row_number, line in enumerate(file, start=1):
            if line.strip():
                row = _parsed(path, row_number, line)
                yield _name(path, f"line {row_number}", row), MetadataRow(path, row_number, offset)
            offset += len(line)


def from_json(content: bytes) -> Any:
    """What a stranger's JSON says, also behind a byte order mark, and with the NaN that pandas writes.

    Raises `ValueError` for what is none, or could not be written again.
    """
    try:
        return _from_json(content)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _from_json(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content.removeprefix(BOM_UTF8))
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = json.loads(content)
        to_json(found)  # json takes half a character, such as "\\ud83d", which no file holds
        return found


def _parsed(path: Path, row_number: int, line: bytes) -> Mapping[str, Any]:
    try:
        content = from_json(line)
    except ValueError as error:
        raise ConfigError(f"{path}, line {row_number} is no JSON ({error}): mend or remove the line") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path}, line {row_number} is no object with a file_name: mend or remove the line")
    return content


def _json_rows(path: Path) -> list[Mapping[str, Any]]:
    try:
        content = from_json(path.read_bytes())
    except ValueError as error:
        raise ConfigError(f"{path} is no JSON ({error}): mend, rename or remove it") from error
    if isinstance(content, dict):
        content = [{"file_name": name, **row} for name, row in content.items() if isinstance(row, dict)]
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise ConfigError(f"{path} is neither a list of objects nor an object of them: mend, rename or remove it")
    return content


def _csv_rows(path: Path) -> list[Mapping[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [{key: _cell(value) for key, value in row.items() if key} for row in csv.DictReader(file)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path} is no CSV in UTF-8 ({error}): mend, rename or remove it") from error


def _cell(value: str | None) -> Any:
    """A cell's text; None for an empty one, and a list where it holds a list in JSON, as options do."""
    if not value:
        return None
    if value.startswith("[") and value.endswith("]"):
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    return value


def _name(path: Path, where: str, row: Mapping[str, Any]) -> str:
    name = next((row[key] for key in _NAMES if isinstance(row.get(key), str)), None)
    if name is None:
        raise ConfigError(f"{path}, {where} is no object with a file_name: mend or remove it")
    return str(name)
