"""Kinds of questions, each with the answers, difficulties and pictures that it makes sense with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from dcvlr.records import Scene
from dcvlr.settings import SettingError

Requirement = Literal["text", "objects"]
AnswerType = Literal["multiple_choice", "number", "short_text"]
ANSWER_TYPES: tuple[AnswerType, ...] = ("multiple_choice", "number", "short_text")


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the table as the config has it; what is left out is not restricted."""

    style: str
    answer_types: Annotated[tuple[AnswerType, ...], Meta(min_length=1)] = ANSWER_TYPES
    difficulties: tuple[str, ...] = ()
    needs: tuple[Requirement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Style:
    """`difficulties` are the words that fit; a word that no row of the table knows fits every style.

    `needs` is what must have been found in a picture for it to be asked about.
    """

    text: str
    answer_types: frozenset[str]
    difficulties: frozenset[str]
    known: frozenset[str]
    needs: frozenset[str] = frozenset()

    def fits(self, answer_type: str, difficulty: str) -> bool:
        is_open = not self.difficulties or difficulty not in self.known
        return answer_type in self.answer_types and (is_open or difficulty in self.difficulties)


def styles_of(field: str, rows: Sequence[str | Mapping[str, object]]) -> tuple[Style, ...]:
    """The styles of one bin; a text alone fits everything. Raises `SettingError` for a row that is none."""
    read = [_row(field, row) for row in rows]
    known = frozenset(word for row in read for word in row.difficulties)
    return tuple(
        Style(
            text=row.style,
            answer_types=frozenset(row.answer_types),
            difficulties=frozenset(row.difficulties),
            known=known,
            needs=frozenset(row.needs),
        )
        for row in read
    )


def drawable(styles: Sequence[Style], scene: Scene) -> tuple[Style, ...]:
    """The styles that make sense for a picture, going by what was read and found in it."""
    has = {"text"} if scene.text and scene.text.lines else set[str]()
    has |= {"objects"} if scene.objects and scene.objects.objects else set()
    return tuple(style for style in styles if style.needs <= has)


def _row(field: str, row: str | Mapping[str, object]) -> Row:
    try:
        return Row(style=row) if isinstance(row, str) else msgspec.convert(dict(row), Row)
    except msgspec.ValidationError as error:
        needed = f"a text, or style, answer_types (of {', '.join(ANSWER_TYPES)}), difficulties and needs are needed"
        raise SettingError(field, [row], f"{error}; {needed}") from None
