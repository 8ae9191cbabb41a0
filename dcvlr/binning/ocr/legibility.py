"""Readings that are none: dark squares, glyphs seen in photographs, pages in a script that the reader does not know."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dcvlr.records import OcrLine

ReadAgain = Callable[[OcrLine], Sequence[tuple[str, float] | None]]
"""Reads a line again in other cut-outs: text and score of each, None where nothing was read."""

# bench/legibility.py prints what these leave out of drawn pages in twenty languages, receipts and photographs.
_SURE = 0.9  # of clean print hardly a line is below, of look-alikes in another script about half
_SURE_TWICE = 0.8
_WIDEST_CHARACTER = 1.0  # width by height of a line and character: Latin 0.4 to 0.85; more where letters were skipped
_LOOK_CLOSER = 0.25  # share of doubtful lines from which the others are read again
_UNKNOWN = 0.5
_FEWEST_LINES = 3
_PAGE = 0.05  # share of a picture that lines of a page cover; signs in the photographs tried cover 0.04 at most
_TALLEST = 0.14  # of the root of a picture's area: what is higher is no line of a page, but a row of coins
_WHOLE = 0.4  # share of a picture that no glyph or two fill: a cup seen from above is no 8
_SHORT = 3
_STOPS = frozenset(".,:;!?'`·")
_BETWEEN_STOPS = frozenset(' -–—()«»"')
_WIDEST_STOPS = 4.0  # width by height of a line of stops alone; above it they end words that were left out
_HORNED = frozenset("ươ")  # Vietnamese alone has them
_FIRST_TWICE_MARKED, _LAST_TWICE_MARKED = "\u1ea0", "\u1ef9"  # of Vietnamese; its other tones are in Latin-1
_VOWELS, _STOP_ENDS = frozenset("aeiouy"), ("c", "p", "t", "ch")
_TAKEN_FOR_TWO = re.compile("[àáâãèéêìíòóôõùúýăĩũ]{2}")  # "êù" for "ề": no syllable has two such vowels
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # combining; a syllable that ends in a stop bears one
_FEWEST, _SHARE = 2, 0.05  # of words with such letters, and of lacks: "kg" has no vowel, either
_FIRST_SHAPE, _LAST_SHAPE = "\u2500", "\u25ff"  # box drawing, blocks, geometric shapes


@dataclass(frozen=True)
class Legible:
    """The lines that count, and how many were left out since the reader does not know their script."""

    lines: list[OcrLine]
    unread: int


def legible(lines: Sequence[OcrLine], read_again: ReadAgain, area: float) -> Legible:
    """Lines without symbols and scraps; none of a page whose script is unknown. Few lines are read again.

    `area` is the picture's, in the pixels of the lines. A photograph with signs that nobody can read is no such page:
    it loses the doubtful ones alone. Where nothing but the stops of sentences was read, no script was known either.
    """
    texts = [line for line in lines if line.text and not _is_shape(line.text) and not _fills(line, area)]
    if texts and all(_is_stops(line) for line in texts):
        return Legible([], len(texts))
    if _is_unknown_script(texts, read_again):
        if sum(_area(line) for line in texts if _sides(line)[1] <= _TALLEST * math.sqrt(area)) >= _PAGE * area:
            return Legible([], len(texts))
        texts = [line for line in texts if not _is_doubtful(line)]
    texts = [line for line in texts if not _is_stops(line)]
    if any(_characters(line.text) > _SHORT and line.score >= _SURE for line in texts):
        return Legible(texts, 0)
    # Without a single word, a glyph or two are more often folds, legs and shadows than print, and letters that are
    # others in every look are none.
    return Legible([line for line in texts if _is_stable(line, read_again)], 0)


def _is_stable(line: OcrLine, read_again: ReadAgain) -> bool:
    if _characters(line.text) > _SHORT:
        return not _changes(line, read_again)
    return _is_confirmed(line, read_again)


def _is_shape(text: str) -> bool:
    return all(_FIRST_SHAPE <= character <= _LAST_SHAPE or character in " \ufffd⬛⬜" for character in text)


def _fills(line: OcrLine, area: float) -> bool:
    return _characters(line.text) <= _SHORT and _area(line) > _WHOLE * area


def _is_stops(line: OcrLine) -> bool:
    width, height = _sides(line)
    stops = len(_STOPS.intersection(line.text))
    only_stops = stops > 0 and (_STOPS | _BETWEEN_STOPS).issuperset(line.text)
    return (
        only_stops
        and width > _WIDEST_STOPS * height
        and width > _WIDEST_CHARACTER * height * _printed_characters(line.text)
    )


def _is_unknown_script(lines: Sequence[OcrLine], read_again: ReadAgain) -> bool:
    """Whether most lines with letters are weak, too short for their width, mixed, or read otherwise the second time.

    Numbers say nothing: they are the same in most scripts. Nor do ornaments that are read as a glyph each. And whether
    the reader lacks letters of the script, which are left out.
    """
    if _leaves_letters_out(lines):
        return True
    tallest = max((_sides(line)[1] for line in lines), default=0.0)
    worded = [line for line in lines if _is_worded(line) and not _is_ornament(line, tallest)]
    doubtful = [line for line in worded if _is_doubtful(line)]
    if len(worded) < _FEWEST_LINES or len(doubtful) < _LOOK_CLOSER * len(worded):
        return False
    unstable = sum(_changes(line, read_again) for line in worded if line not in doubtful)
    return len(doubtful) + unstable >= _UNKNOWN * len(worded)


def _is_ornament(line: OcrLine, tallest: float) -> bool:
    """Whether it is a lone glyph, about square and less than half as high as the tallest line."""
    width, height = _sides(line)
    return len(line.text) == 1 and width < 1.5 * height < 0.75 * tallest


def _is_worded(line: OcrLine) -> bool:
    return any(character.isalpha() for character in line.text) or _skips(line) or _is_stops(line)


def _is_doubtful(line: OcrLine) -> bool:
    return line.score < _SURE or _skips(line) or _is_stops(line) or _mixes_scripts(line.text)


def _printed_characters(text: str) -> int:
    return sum(not character.isspace() for character in text)


def _characters(text: str) -> int:
    return sum(character.isalnum() for character in text)


def _skips(line: OcrLine) -> bool:
    """Whether the line is too wide for what was read: unknown letters are left out without a trace."""
    width, height = _sides(line)
    shown = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line.text)
    return _characters(line.text) > 0 and width > _WIDEST_CHARACTER * height * shown and width > 2 * height


def _leaves_letters_out(lines: Sequence[OcrLine]) -> bool:
    """Whether it is Vietnamese of which letters such as "ế" and "ạ" are left out: words stand there that are none."""
    words = [word for line in lines for word in _words(line.text)]
    if any(_FIRST_TWICE_MARKED <= character <= _LAST_TWICE_MARKED for word in words for character in word):
        return False
    horned = sum(not _HORNED.isdisjoint(word) for word in words)
    lacks = sum(map(_lack, words))
    return min(horned, lacks) >= max(_FEWEST, _SHARE * len(words))


def _words(text: str) -> list[str]:
    """In small letters, without those that stand in capitals: "VND" has no vowel and lacks none."""
    words = ("".join(filter(str.isalpha, word)) for word in text.split())
    return [word.lower() for word in words if len(word) > 1 and not word.isupper()]


def _lack(word: str) -> int:
    """2 where it is no syllable of Vietnamese by its marks, as one that ends in a stop has a tone; 1 without vowels."""
    marked = unicodedata.normalize("NFD", word)
    lacks_tone = not _HORNED.isdisjoint(word) and word.endswith(_STOP_ENDS) and _TONES.isdisjoint(marked)
    if lacks_tone or _TAKEN_FOR_TWO.search(word):
        return 2
    return 1 if _VOWELS.isdisjoint(marked) else 0


def _mixes_scripts(text: str) -> bool:
    """Whether a word has letters of two of the scripts that look alike: Latin, Greek, Cyrillic."""
    return any(len({script for c in word if (script := _script(c))}) > 1 for word in text.split())


def _script(character: str) -> str | None:
    name = unicodedata.name(character, "") if character.isalpha() else ""
    return next((script for script in ("LATIN", "GREEK", "CYRILLIC") if name.startswith(script)), None)


def _changes(line: OcrLine, read_again: ReadAgain) -> bool:
    """Whether no second look agrees with the first reading."""
    return all(again is None or _bare(again[0]) != _bare(line.text) for again in read_again(line))


def _is_confirmed(line: OcrLine, read_again: ReadAgain) -> bool:
    """Whether every look is sure of the same text."""
    readings = [(line.text, line.score), *read_again(line)]
    return all(one is not None and _bare(one[0]) == _bare(line.text) and one[1] >= _SURE_TWICE for one in readings)


def _bare(text: str) -> str:
    return "".join(text.split())


def _area(line: OcrLine) -> float:
    return math.prod(_sides(line))


def _sides(line: OcrLine) -> tuple[float, float]:
    a, b, _, d = line.quad
    return math.dist(a, b), math.dist(a, d)
