"""The folder that a download writes: `<folder>/<org__name>/train/<picture>`, with what it knows of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from dcvlr.errors import ConfigError
from dcvlr.identity import digest
from dcvlr.metadata.download_lines import LINE, NOTE, NOTE_FILE, PART_END, DownloadNote, MetadataLine, PartEnd
from dcvlr.metadata.rows import METADATA
from dcvlr.records import to_json
from dcvlr.rundir.files import atomic_write, remove_stale_temporaries, temporary_path, write_json
from dcvlr.rundir.record_list import RecordList
from dcvlr.source.walk import FoundFiles

PART_ROWS = 128
"""Rows that are written, published and lost together."""


@dataclass(frozen=True, kw_only=True)
class DownloadFolder:
    """One dataset's folder; `made_from` are the settings that decide what a row becomes."""

    folder: Path
    dataset: str
    made_from: Mapping[str, Any]

    @property
    def train(self) -> Path:
        return self.folder / "train"

    @property
    def lock(self) -> Path:
        """Outside the folder, so that whoever holds it may replace the folder."""
        return self.folder.with_name(f".{self.folder.name}.lock")

    @property
    def _parts(self) -> Path:
        key = digest(msgspec.json.encode(self.made_from, order="sorted"))[:16]
        return self.folder / ".download" / key

    def note(self) -> DownloadNote | None:
        """How far the download got, or None if none was finished. Raises `ConfigError` for one of other settings."""
        path = self.folder / NOTE_FILE
        try:
            note = NOTE.decode(path.read_bytes())
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            raise ConfigError(f"{path} is no note of a download ({error}): choose another source.folder") from error
        return note if note.made_from == self.made_from else None

    def check(self, *, overwrite: bool) -> None:
        """Raise `ConfigError` if the folder holds something else that may not be replaced."""
        if self._is_free():
            return
        made = self._other_settings()
        if made is None:
            raise ConfigError(
                f"{self.folder} holds files that no download wrote: choose another source.folder, or remove it yourself"
            )
        if not overwrite:
            keys = [key for key in self.made_from if made.get(key) != self.made_from[key]]
            differs = ", ".join(f"{key}={made.get(key)!r}, not {self.made_from[key]!r}" for key in keys)
            raise ConfigError(
                f"{self.folder} holds a download with {differs}: choose another source.folder, or overwrite=true to "
                "replace it"
            )

    def make_room(self, *, overwrite: bool) -> None:
        """Remove a download of other settings. Raises `ConfigError` as `check`."""
        self.check(overwrite=overwrite)
        if not self._is_free():
            aside = temporary_path(self.folder)
            self.folder.rename(aside)
            shutil.rmtree(aside)

    def begin(self, commit: str | None) -> None:
        """Leave a note that this download is under way; half-written files of killed processes go."""
        remove_stale_temporaries(self.train)
        remove_stale_temporaries(self._parts)
        if not self._begun.exists():
            write_json(self._begun, {"commit": commit, "made_from": self.made_from})

    def commit(self) -> str | None:
        """The commit that this download reads from first to last part, if an earlier process began it."""
        if not self._begun.exists():
            return None
        kept: str | None = msgspec.json.decode(self._begun.read_bytes())["commit"]
        return kept

    @property
    def _begun(self) -> Path:
        return self._parts / "begun.json"

    def has(self, name: str) -> bool:
        return (self.train / name).exists()

    def write_picture(self, name: str, data: bytes) -> None:
        """Names are digests of the bytes, so a file that is there already is the same."""
        if not self.has(name):
            with atomic_write(self.train / name) as file:
                file.write(data)

    def write_part(self, start: int, lines: list[MetadataLine], end: PartEnd) -> None:
        with atomic_write(self._part(start)) as file:
            for line in lines:
                file.write(to_json(line) + b"\n")
            file.write(to_json(end) + b"\n")

    def part_end(self, start: int) -> PartEnd | None:
        """What became of the rows from index `start` on; None if that is not known or its pictures are gone."""
        try:
            *lines, last = self._part(start).read_bytes().splitlines()
        except FileNotFoundError:
            return None
        names = {LINE.decode(line).file_name for line in lines}
        return PART_END.decode(last) if all(map(self.has, names)) else None

    def part_lines(self, start: int) -> Iterator[MetadataLine]:
        for line in self._part(start).read_bytes().splitlines()[:-1]:
            yield LINE.decode(line)

    def finish(self, note: DownloadNote, lines: Iterator[MetadataLine]) -> None:
        """Publish `metadata.jsonl`, then the note that says it is there."""
        with atomic_write(self.train / METADATA) as file:
            for line in lines:
                file.write(to_json(line) + b"\n")
        write_json(self.folder / NOTE_FILE, note)

    def lines(self) -> Iterator[MetadataLine]:
        with (self.train / METADATA).open("rb") as file:
            yield from map(LINE.decode, file)

    def found(self, max_rows: int | None) -> FoundFiles:
        """The pictures of the first `max_rows` rows, also where the folder holds more."""
        train = os.path.abspath(self.train)  # noqa: PTH100  Path.resolve would follow links
        wanted = (line.file_name for line in self.lines() if max_rows is None or line.row < max_rows)
        paths = sorted({os.path.join(train, name) for name in wanted})  # noqa: PTH118  a million Path objects
        return FoundFiles(paths=RecordList(str, paths), datasets={train: self.dataset})

    def _part(self, start: int) -> Path:
        return self._parts / f"{start:09d}.jsonl"

    def _is_free(self) -> bool:
        """Whether the folder holds no file, or this download."""
        return self._begun.exists() or not any(path.is_file() for path in self.folder.rglob("*"))

    def _other_settings(self) -> dict[str, Any] | None:
        for path in (self.folder / ".download").glob("*/begun.json"):
            made: dict[str, Any] = msgspec.json.decode(path.read_bytes())["made_from"]
            return made
        return None
