"""What a download writes beside its pictures: `metadata.jsonl`, a line per row and picture, and `download.json`."""

from __future__ import annotations

from typing import Any

import msgspec

from dcvlr.records import Record

NOTE_FILE = "download.json"


class MetadataLine(Record, frozen=True):
    """What a row knows beside its picture. All keys stand in every line, so `imagefolder` of `datasets` reads it too.

    `original` is the picture's own name in the dataset. `answer` is the gold answer as text, `answers` all that the
    row accepts. `row` counts from 0 in the split, `row_id` is the row's own name for itself. A question about several
    pictures has as many lines as `pictures` says. `columns` is the rest of the row, without pictures and other bytes.
    """

    file_name: str
    original: str | None
    question: str | None
    choices: tuple[str, ...] | None
    answer: str | None
    answers: tuple[str, ...]
    row: int
    row_id: str | None
    split: str
    licence: str | None
    dataset: str
    pictures: int
    columns: dict[str, Any]


class Lost(Record, frozen=True):
    """A picture that a row names and that could not be had; `passing` if another try may get it."""

    row: int
    value: str
    message: str
    passing: bool


class PartEnd(Record, frozen=True):
    """The last line of a part: what became of its `rows`; `ended` if the split has no more, `state` of the stream."""

    rows: int
    ended: bool
    without_image: int
    broken: int
    lost: tuple[Lost, ...]
    state: Any = None


class DownloadNote(Record, frozen=True):
    """`download.json`: what the pictures are, and how far the download got.

    `made_from` are the settings that decide what a row becomes, `commit` the revision they were read at; `attempts`
    counts the processes that wrote this note.
    """

    made_from: dict[str, Any]
    commit: str | None
    attempts: int
    rows: int
    ended: bool
    pictures: int
    without_image: int
    broken: int
    questions: int
    answers: int
    licences: tuple[str, ...]
    columns: dict[str, str | None]
    lost: tuple[Lost, ...]

    @property
    def complete(self) -> bool:
        """Whether every row that was looked at is as good as it will ever be."""
        return not any(lost.passing for lost in self.lost)

    def suffices(self, max_rows: int | None) -> bool:
        """Whether a download of that many rows has nothing left to do."""
        return self.complete and (self.ended or (max_rows is not None and self.rows >= max_rows))


NOTE: msgspec.json.Decoder[DownloadNote] = msgspec.json.Decoder(DownloadNote)
LINE: msgspec.json.Decoder[MetadataLine] = msgspec.json.Decoder(MetadataLine)
PART_END: msgspec.json.Decoder[PartEnd] = msgspec.json.Decoder(PartEnd)
