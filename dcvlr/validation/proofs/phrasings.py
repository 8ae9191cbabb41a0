"""The phrasings of a language taken apart, and whether a question is one of them with certain words in its places."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from string import Formatter
from typing import NamedTuple

from dcvlr.text.question_words import QuestionWords
from dcvlr.validation.proofs.column_headers import ColumnHeader
from dcvlr.validation.proofs.column_names import SpokenColumn, column_words

_CHOICE = re.compile(r"\[([^\[\]]*)\]")

SlotWords = Collection[str] | Callable[[str, int], Iterable[int]]
"""What may stand in a place of a phrasing, in small letters; or where what begins at a place of the text may end."""


class _Slot(NamedTuple):
    name: str


class _Choice(NamedTuple):
    ways: tuple[tuple[str | _Slot | _Choice, ...], ...]


_Parts = tuple[str | _Slot | _Choice, ...]


def anything(text: str, at: int) -> Iterable[int]:
    return range(at, len(text) + 1)


@dataclass(frozen=True)
class Phrasings:
    """Those of one language; they are taken apart when their kind is first asked for, and kept."""

    language: QuestionWords
    _taken_apart: dict[tuple[str, str], list[_Parts]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def columns(self) -> Callable[[ColumnHeader, str], SpokenColumn]:
        """What may be said of a column that is called by a letter; pages have many headings in common."""
        return lru_cache(maxsize=1024)(partial(column_words, language=self.language))

    @cached_property
    def row_forms(self) -> frozenset[str]:
        """How a row is called within a sentence: with an article or without."""
        return frozenset(form for key, form in self.language.phrases.items() if key.partition("_")[0] == "label")

    def allow(self, kind: str, registers: Collection[str], question: str, slots: Mapping[str, SlotWords]) -> bool:
        """Whether one phrasing of the kind, in one of the `registers`, becomes the question by words of `slots`."""
        text = question.casefold()
        phrasings = (one for register in registers for one in self._of(kind, register))
        return any(len(text) in _ends(parts, text, {0}, slots) for parts in phrasings)

    def _of(self, kind: str, register: str) -> list[_Parts]:
        key = kind, register
        if key not in self._taken_apart:
            templates = self.language.questions.get(kind, {}).get(register, ())
            self._taken_apart[key] = [_parts(one) for one in templates]
        return self._taken_apart[key]


def _parts(template: str) -> _Parts:
    found: list[str | _Slot | _Choice] = []
    for n, piece in enumerate(_CHOICE.split(template)):
        found += [_Choice(tuple(map(_plain, piece.split("|"))))] if n % 2 else _plain(piece)
    return tuple(found)


def _plain(text: str) -> _Parts:
    pieces = Formatter().parse(text)
    both = ((literal.casefold(), _Slot(name.lower()) if name else "") for literal, name, _, _ in pieces)
    return tuple(one for pair in both for one in pair if one)


def _ends(parts: _Parts, text: str, starts: set[int], slots: Mapping[str, SlotWords]) -> set[int]:
    """Where the parts may end in the text, if they begin at one of `starts`."""
    at = starts
    for part in parts:
        if not at:
            break
        match part:
            case str():
                at = {n + len(part) for n in at if text.startswith(part, n)}
            case _Slot(name):
                words = slots.get(name, ())
                at = set(_slot_ends(words, text, at))
            case _Choice(ways):
                at = {end for way in ways for end in _ends(way, text, at, slots)}
    return at


def _slot_ends(words: SlotWords, text: str, starts: set[int]) -> Sequence[int]:
    if callable(words):
        return [end for at in starts for end in words(text, at)]
    return [at + len(word) for at in starts for word in words if text.startswith(word, at)]
