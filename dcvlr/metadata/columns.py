"""Which column of a dataset holds what: named by the user, or found by type, by name and by looking at values."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from typing import Any

from dcvlr.errors import ConfigError
from dcvlr.images.formats import SUFFIXES
from dcvlr.metadata.download_lines import MetadataLine
from dcvlr.metadata.texts import answer_texts, choice_texts, plain_text, question_text

_IMAGE_NAMES = ("image", "images", "img", "imgs", "picture", "pictures", "photo", "image_path", "image_url", "url")
_NAMES = {
    "question": ("question", "query", "problem", "prompt", "instruction", "conversations", "messages", "texts"),
    "answer": ("answer", "label", "answers", "solution", "gold", "ground_truth", "target", "response"),
    "choices": ("choices", "options"),
    "row_id": ("id", "question_id", "questionid", "qid", "pid", "sample_id", "row_id", "uid"),
    "licence": ("license", "licence"),
}
_TALKS = ("conversations", "messages", "texts")

SIGNATURES = {
    ".jpg": (b"\xff\xd8\xff",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".bmp": (b"BM",),
    ".tif": (b"II*\x00", b"MM\x00*"),
}


@dataclass(frozen=True, kw_only=True)
class ColumnNames:
    """Names of columns; None where the dataset has no such column. `names` are the classes of a label column."""

    image: str
    question: str | None
    answer: str | None
    choices: str | None
    row_id: str | None
    licence: str | None
    names: tuple[str, ...] | None = None

    def named(self) -> dict[str, str | None]:
        """Each part by its column, as `download.json` keeps it."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "names"}

    def line(
        self, row: Mapping[str, Any], index: int, *, dataset: str, split: str, licence: str | None
    ) -> MetadataLine:
        """What the row knows; the file's name and the number of pictures are not known yet."""
        choices = choice_texts(self._of(row, self.choices))
        answers = answer_texts(self._of(row, self.answer), choices, self.names)
        row_id = plain_text(self._of(row, self.row_id))
        used = {name for name in self.named().values() if name}
        # A choice, a number or a conversation is changed on the way, so what it was is kept with the rest.
        rewritten = {self.answer, self.choices, self.question} & set(row)
        rest = {name: value for name, value in row.items() if name not in used or _lost_something(name, row, rewritten)}
        return MetadataLine(
            file_name="",
            original=None,
            question=question_text(self._of(row, self.question)),
            choices=choices,
            answer=answers[0] if answers else None,
            answers=answers,
            row=index,
            row_id=row_id,
            split=split,
            licence=plain_text(self._of(row, self.licence)) or licence,
            dataset=dataset,
            pictures=1,
            columns={name: kept for name, value in rest.items() if (kept := _plain(value)) is not None},
        )

    @staticmethod
    def _of(row: Mapping[str, Any], name: str | None) -> Any:
        return None if name is None else row.get(name)


def find_columns(
    rows: Sequence[Mapping[str, Any]], features: Mapping[str, Any], named: Mapping[str, str | None], dataset: str
) -> ColumnNames:
    """Columns by the user's names, else found; `features` are those of `datasets`, which may know nothing.

    Raises `ConfigError` naming the columns there are, for a name that is none of them and where no column holds
    pictures.
    """
    columns = list(rows[0])
    require_columns(named, columns, dataset)
    image = named.get("image") or _image_column(rows, features)
    if image is None:
        raise ConfigError(
            f"no column of {dataset} is known to hold pictures; it has the columns {', '.join(columns)}: "
            "name one with source.image_column=<column>"
        )
    taken = {image}
    chosen: dict[str, str | None] = {}
    for part in ("question", "choices", "answer", "row_id", "licence"):
        chosen[part] = named.get(part) or _by_name(columns, _NAMES[part], taken)
        taken |= {chosen[part] or ""}
    if chosen["answer"] is None and (chosen["question"] or "").lower() in _TALKS:
        chosen["answer"] = chosen["question"]
    names = getattr(features.get(chosen["answer"] or ""), "names", None)
    return ColumnNames(image=image, **chosen, names=tuple(names) if names else None)


def require_columns(named: Mapping[str, str | None], columns: Sequence[str], dataset: str) -> None:
    """Raise `ConfigError` for a name of the user's that is no column."""
    for part, name in named.items():
        if name is not None and name not in columns:
            raise ConfigError(f"source.{part}_column={name!r}: {dataset} has the columns {', '.join(columns)}")


def real_suffix(data: bytes) -> str | None:
    """The suffix of the format that the bytes begin like, or None if they begin like no picture we read."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ".webp"
    return next((suffix for suffix, starts in SIGNATURES.items() if data.startswith(starts)), None)


def from_base64(text: str) -> bytes | None:
    """The bytes of a data URL or of plain base64, if they begin like a picture."""
    body = text.partition(",")[2] if text.startswith("data:") else text
    try:
        data = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if real_suffix(data) else None


def _image_column(rows: Sequence[Mapping[str, Any]], features: Mapping[str, Any]) -> str | None:
    by_type = [name for name in rows[0] if _is_image_feature(features.get(name))]
    if by_type:
        return _by_name(by_type, _IMAGE_NAMES, set()) or by_type[0]
    looks = [name for name in rows[0] if any(_looks_like_picture(row.get(name)) for row in rows)]
    return _by_name(looks, _IMAGE_NAMES, set()) or (looks[0] if looks else None)


def _is_image_feature(feature: Any) -> bool:
    inner = feature[0] if isinstance(feature, list) and feature else getattr(feature, "feature", feature)
    return type(inner).__name__ == "Image"


def _looks_like_picture(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and _looks_like_picture(value[0])
    if isinstance(value, Mapping):
        return _looks_like_picture(value.get("bytes")) or _looks_like_picture(value.get("path"))
    if isinstance(value, bytes):
        return real_suffix(value) is not None
    if not isinstance(value, str):
        return False
    return value.partition("?")[0].lower().endswith(tuple(SUFFIXES)) or from_base64(value) is not None


def _by_name(columns: Sequence[str], names: Sequence[str], taken: set[str]) -> str | None:
    lower = {column.lower(): column for column in reversed(columns) if column not in taken}
    return next((lower[name] for name in names if name in lower), None)


def _lost_something(name: str, row: Mapping[str, Any], rewritten: set[str | None]) -> bool:
    """Whether a column's value is more than the text that a line makes of it."""
    return name in rewritten and not isinstance(row[name], str | None)


def _plain(value: Any) -> Any:
    """The value as JSON can hold it, without bytes and without what is empty; None if nothing is left."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        if isinstance(value.get("bytes"), bytes):
            return None
        return {str(key): _plain(item) for key, item in value.items()} or None
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value] or None
    return None
