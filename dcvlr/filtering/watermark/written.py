"""Watermarks that can be read: words that stand on proofs, names of agencies, and one text again and again."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from msgspec import Meta
from rapidfuzz import fuzz

from dcvlr.protocols import OcrModel
from dcvlr.records import OcrLine, OcrResult, Score
from dcvlr.settings import Count, checked

_WORDS = re.compile(r"[^\W_]+")
_NAME = re.compile(r"(?:[A-ZÀ-Þ][a-zß-ÿ]+\.?[ ·]?){2,3}")  # Lena Hart; a sign is more often all in capitals
_KNOWN, _REPEATED, _SIGNED = 1.0, 0.9, 0.7  # scores
_EDGE = 0.15  # of the height, from the upper or lower edge, in which a picture is signed
_SHORT = 7  # letters up to which a mark must be a whole word: "review" is no preview; longer ones stand inside others
_NEAR = 82.0  # of 100: "shuperstock" is "shutterstock" to a reader of faint letters
_PIECE = 4  # letters; what is cut off at the edge of the picture is not shorter
_TILTED = math.radians(8)
_MOST = 0.6  # share of all lines that are the one text


@dataclass(frozen=True, kw_only=True)
@checked
class WrittenMarks:
    """1 where a line is one of `phrases` and at most `other_lines` more are read, 0.9 where one text tiles the picture,
    0.7 where all that is read is a name of two or three words at the upper or lower edge.

    A page may say "sample" or "photo" in the midst of its text; over a picture there is little else to read. The same
    text in several lines, which are most of all, tiles a picture where it is tilted or stands in rows and columns. The
    label is the text.
    """

    ocr: OcrModel
    phrases: Sequence[str]
    other_lines: Annotated[int, Meta(ge=0)]
    repeats: Count

    @property
    def sources(self) -> tuple[OcrModel]:
        return (self.ocr,)

    def derive(self, found: OcrResult, /) -> Score:
        marked = [line for line in found.lines if self._is_mark(line.text)]
        if marked and len(found.lines) - len(marked) <= self.other_lines:
            return Score(value=_KNOWN, label=marked[0].text)
        if tile := self._tile(found.lines):
            return Score(value=_REPEATED, label=tile)
        if len(found.lines) == 1 and _is_signature(found.lines[0], found.height):
            return Score(value=_SIGNED, label=found.lines[0].text)
        return Score(value=0.0)

    def _is_mark(self, text: str) -> bool:
        words = _WORDS.findall(text.casefold())
        joined = "".join(words)
        if (
            any(phrase in text.casefold() for phrase in self._signs)
            or joined in self._short
            or self._short & set(words)
        ):
            return True
        return any(_stands_in(phrase, joined) for phrase in self._long)

    def _tile(self, lines: Sequence[OcrLine]) -> str:
        """The text that is most of all lines, in pieces where the picture ends; empty where there is none."""
        texts = [(line, "".join(_WORDS.findall(line.text.casefold()))) for line in lines]
        pieces = [(line, text) for line, text in texts if len(text) >= _PIECE]
        if len(pieces) < self.repeats:
            return ""
        whole = max(pieces, key=lambda piece: (sum(_same(piece[1], text) for _, text in pieces), piece[0].score))
        alike = [line for line, text in pieces if _same(whole[1], text)]
        is_most = len(alike) >= max(self.repeats, _MOST * len(pieces))
        return whole[0].text if is_most and _tiles(alike) else ""

    @cached_property
    def _signs(self) -> set[str]:
        return {phrase.casefold() for phrase in self.phrases if not phrase[:1].isalnum()}

    @cached_property
    def _short(self) -> set[str]:
        return {phrase for phrase in self._lettered if len(phrase) <= _SHORT}

    @cached_property
    def _long(self) -> list[str]:
        return [phrase for phrase in self._lettered if len(phrase) > _SHORT]

    @cached_property
    def _lettered(self) -> list[str]:
        return ["".join(_WORDS.findall(phrase.casefold())) for phrase in self.phrases if phrase[:1].isalnum()]


def _is_signature(line: OcrLine, height: int) -> bool:
    at_edge = line.box[1] >= (1 - _EDGE) * height or line.box[3] <= _EDGE * height
    return at_edge and _tilt(line) < _TILTED and _NAME.fullmatch(line.text) is not None


def _stands_in(phrase: str, text: str) -> bool:
    """Whether the mark is in it, with a misread letter or two."""
    if len(text) < len(phrase) - 1:
        return False
    return max(fuzz.partial_ratio(phrase, text), fuzz.ratio(phrase, text)) >= _NEAR


def _same(whole: str, piece: str) -> bool:
    return fuzz.partial_ratio(whole, piece, score_cutoff=_NEAR) > 0


def _tiles(lines: Sequence[OcrLine]) -> bool:
    """Whether they are tilted, or stand in more than one row and more than one column."""
    tilted = sum(_tilt(line) > _TILTED for line in lines)
    if 2 * tilted > len(lines):
        return True
    heights = sorted(line.box[3] - line.box[1] for line in lines)
    height = heights[len(heights) // 2]
    middles = [((line.box[0] + line.box[2]) / 2, (line.box[1] + line.box[3]) / 2) for line in lines]
    return all(max(side) - min(side) > 2 * height for side in zip(*middles, strict=True))


def _tilt(line: OcrLine) -> float:
    """Of the upper edge against the horizontal, 0 to a quarter turn."""
    (x, y), (right_x, right_y) = line.quad[:2]
    return abs(math.atan2(right_y - y, abs(right_x - x) or 1e-9))
