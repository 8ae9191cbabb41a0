"""Lines of text as they would stand on a level page, and which of them were read surely enough."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from dcvlr.records import Box, OcrLine, OcrResult
from dcvlr.settings import Fraction, checked
from dcvlr.synthesis.scene.tilt import level, page_tilt, runs_apart

# A 0 or 1 that touches a letter is often an O, l or I: "Bi11", "GST 1D", "C/0".
_MISREAD = re.compile(r"[a-z][01]|\b[01][A-Z][a-z]|/[01]\b(?!\d)")
_NO_WORD = re.compile(r"\W+")
_PRINTABLE = re.compile(r"[ -!#-~£€°]+")  # plain, without quotation marks
# Before words only: a dash before an amount is its sign, and a dot before a digit may be a decimal point.
_BULLET = re.compile(
    r"(?:[•●▪■◦‣·] ?(?=[A-Za-z])|[•●▪■◦‣·*–—-] (?=[A-Za-z]|\d[\w:/%-]* [A-Za-z]{3}))"
    r"(?!(?:RM|MYR|USD|EUR|GBP|S\$) ?\d|\d+ (?:mins?|minutes)$)"
)
_SHORT = 8  # characters
_HAS_SLANT = 4  # characters; the box of a shorter line has no direction of its own
_SAME_SLANT = 6.0  # degrees


@dataclass(frozen=True, kw_only=True)
@checked
class TextLimits:
    """How surely a line must have been read to be used; scores are of 1.

    A line is clear from `min_score` on (`min_short_score` up to 8 characters), and legible from `min_legible_score` on:
    enough for a label, and for a value that a sum in the picture confirms. `max_expected_slips` bounds (1 - score)
    times the characters of a clear line.
    """

    min_score: Fraction
    min_short_score: Fraction
    min_legible_score: Fraction
    max_expected_slips: Annotated[float, Meta(ge=0, le=10)]


class Line(Struct, frozen=True, gc=False):
    """One OCR line; `box` is where it would stand if the page were level, `found` where it stands in the picture.

    `text` is what was `printed` without the bullet that it begins with.
    """

    ref: str
    printed: str
    text: str
    box: Box
    found: Box
    is_legible: bool
    is_sure: bool  # legible, and at least `min_score`
    is_clear: bool

    @property
    def is_bulleted(self) -> bool:
        return self.text != self.printed

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2

    @property
    def centre(self) -> float:
        return (self.box[0] + self.box[2]) / 2


@dataclass(frozen=True, kw_only=True)
class Page:
    """All lines of a picture; `tilt` is by how many degrees the text runs down to the right."""

    lines: tuple[Line, ...]
    tilt: float
    width: float
    height: float


def read_page(text: OcrResult, limits: TextLimits) -> Page:
    """Lines turned by the tilt that they share; one of another direction is kept, but never legible.

    Nor is any where rows run apart, as on a page seen from the side.
    """
    slants = [_slant(line) for line in text.lines]
    tilt = page_tilt(text.lines, slants)
    centre, apart = (text.width / 2, text.height / 2), runs_apart(text.lines, slants, tilt)
    lines = []
    for index, (line, slant) in enumerate(zip(text.lines, slants, strict=True), start=1):
        found, printed = line.box, " ".join(line.text.split())
        box = level(line, tilt, centre) if tilt else found
        words = _without_bullet(printed)
        if box[2] > box[0] and box[3] > box[1]:
            legible = not apart and _is_legible(words, line.score, slant - tilt, limits)
            sure = legible and line.score >= limits.min_score
            clear = sure and _is_clear(words, line.score, limits)
            lines.append(Line(f"T{index}", printed, words, box, found, legible, sure, clear))
    return Page(lines=tuple(lines), tilt=tilt, width=text.width, height=text.height)


def normal(text: str) -> str:
    """Letters and digits only, in lower case: what two readings of the same words have in common."""
    return _NO_WORD.sub("", text.casefold())


def shared_height(a: Box, b: Box) -> float:
    """Height that two boxes have in common, as a share of the lower of the two."""
    return max(0.0, min(a[3], b[3]) - max(a[1], b[1])) / min(a[3] - a[1], b[3] - b[1])


def shared_width(a: Box, b: Box) -> float:
    """Width that two boxes have in common, as a share of the narrower of the two."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) / min(a[2] - a[0], b[2] - b[0])


def _without_bullet(words: str) -> str:
    found = _BULLET.match(words)
    return words[found.end() :] if found else words


def _is_legible(words: str, score: float, slant: float, limits: TextLimits) -> bool:
    return (
        score >= limits.min_legible_score
        and _PRINTABLE.fullmatch(words) is not None
        and (abs(slant) <= _SAME_SLANT or len(words) <= _HAS_SLANT)
        and not _MISREAD.search(words)
    )


def _is_clear(words: str, score: float, limits: TextLimits) -> bool:
    """Scores alone are high for some mistakes, too: short lines and long ones are held to more."""
    short = len(words) <= _SHORT
    slips = (1 - score) * len(words)
    return slips <= limits.max_expected_slips and (not short or score >= limits.min_short_score)


def _slant(line: OcrLine) -> float:
    (x0, y0), (x1, y1), _, _ = line.quad
    return math.degrees(math.atan2(y1 - y0, x1 - x0))
