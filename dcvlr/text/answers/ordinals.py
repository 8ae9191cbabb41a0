"""Places in an order: 3rd, third, twenty-first, last."""

from __future__ import annotations

import re

from dcvlr.text.answers.numerals import spelled

_FIGURES = re.compile(r"(?:the )?(\d{1,6})(st|nd|rd|th)(?: one| option| choice)?")
_WORDS = re.compile(r"(?:the )?([a-z][a-z -]*?)(?: one| option| choice)?")
_WORD = re.compile(r"\b[a-z]+(?:-[a-z]+)?\b")
_ODD = {
    **{"first": "one", "second": "two", "third": "three", "fifth": "five", "eighth": "eight", "ninth": "nine"},
    **{"twelfth": "twelve"},
}
LAST = -1


def ordinal(text: str) -> int | None:
    """Which in the order a plain text names, from 1; `LAST` for the last; None for what is no ordinal."""
    text = text.casefold()
    if figures := _FIGURES.fullmatch(text):
        return int(figures[1]) or None
    words = _WORDS.fullmatch(text)
    if not words:
        return None
    if words[1] in {"last", "final"}:
        return LAST
    *front, last = words[1].replace("-", " ").split() or [""]
    number = spelled([*front, _cardinal(last)]) if _cardinal(last) else None
    return None if number is None else int(number)


def in_figures(text: str) -> str:
    """A text in small letters with its ordinals in figures: "the twenty-first row" as "the 21st row"."""
    return _WORD.sub(lambda found: _figures(found[0]), text)


def _figures(word: str) -> str:
    number = ordinal(word)
    if number is None or number == LAST:
        return word
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _cardinal(word: str) -> str:
    """The number that an ordinal is made from, "twenty" for "twentieth"; empty for what is none."""
    if word in _ODD:
        return _ODD[word]
    if word.endswith("ieth"):
        return f"{word.removesuffix('ieth')}y"
    return word.removesuffix("th") if word.endswith("th") else ""
