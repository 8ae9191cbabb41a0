"""Pixel coordinates in prose: a reader sees a picture, not the boxes that a model found in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from re import Pattern
from typing import Annotated, ClassVar, NamedTuple

from msgspec import Meta

from dcvlr.records import Box, Finding, Qa
from dcvlr.settings import checked
from dcvlr.text.phrases import compiled
from dcvlr.text.words import numbers
from dcvlr.validation.each import each

_N = r"-?\d{1,5}(?:\.\d{1,3})?"
_TUPLE = re.compile(rf"[(\[<]\s?(?P<numbers>{_N}(?:\s?,\s?{_N}){{1,3}})\s?[)\]>]")
_NAMED = re.compile(
    rf"\bx[01]?\s?[=:]\s?({_N})\s?(?:px|pixels)?\s?(?:,|;|and)?\s?\by[01]?\s?[=:]\s?({_N})", re.IGNORECASE
)
# A box without brackets.
_BARE = re.compile(
    r"(?<![\w.,$€£])(?P<numbers>\d{1,5}(?:,\s\d{1,5}){3}|0?\.\d+(?:,\s0?\.\d+){3})(?![\w%]|[.,]\d|,\s\d)"
)
_CORNER = re.compile(  # of a corner or centre, without brackets
    r"\b(?:corner|cent(?:er|re)|midpoint)\b[^.,\d]{0,30}\s(?:at|is)\s(?P<numbers>\d{2,5},\s?\d{2,5})(?![\w%]|[.,]\d)",
    re.IGNORECASE,
)
_SPAN = re.compile(
    rf"\b(?P<axis>[xy])\s?[=:]\s?({_N})\s?(?:px|pixels)?\s(?:to|and|until|through)\s(?:(?P=axis)\s?[=:]\s?)?({_N})",
    re.IGNORECASE,
)
_PIXELS = re.compile(
    rf"\b(?:pixels?|px|coordinates?)\b(?:\s\w+){{0,2}}\s?[:=]?\s?(?P<numbers>{_N},\s?{_N})", re.IGNORECASE
)
_SHARE = re.compile(r"(?<![\d.])(?P<numbers>0\.\d{2,}) of the (?:\w+ )?(?:width|height)\b", re.IGNORECASE)
_CALLED = (_SHARE, _PIXELS, _CORNER, _SPAN, _NAMED)  # what says of itself that it is a place
_CALLS = ("width", "height", "pixel", "px", "coordinate", "corner", "cent", "midpoint")  # or an axis; few texts do
_AXIS = re.compile(r"\b[xy][01]?\s?[=:]", re.IGNORECASE)
_NEAR_PX = 1.5
_CUE_LETTERS = 20


@dataclass(frozen=True, kw_only=True)
@checked
class Coordinates:
    """No corner, centre or box of the evidence is given in numbers, and nothing else that looks like pixels.

    "x=120, y=45", "pixel 120, 45", and behind one of `cues` (120, 45) and [12, 40, 60, 80], look like pixels if one of
    them is at least `min_px`, or all are shares of the picture as in (0.25, 0.61), and not all stand in cited texts of
    the picture; but not where the question has one of `subjects`: then it asks about a graph or a map. Cues and
    subjects are regular expressions.
    """

    name: ClassVar[str] = "coordinates"

    min_px: Annotated[float, Meta(ge=0, le=100000)]
    cues: list[str]
    subjects: list[str]

    def __post_init__(self) -> None:
        for key in ("cues", "subjects"):
            compiled(key, getattr(self, key))

    @cached_property
    def _subject(self) -> Pattern[str]:
        return compiled("subjects", self.subjects)

    @cached_property
    def _cue(self) -> Pattern[str]:
        return re.compile(rf"{compiled('cues', self.cues).pattern}[\s:=]*$", re.IGNORECASE)

    @each
    def __call__(self, qa: Qa) -> Finding:
        texts = (qa.question, *(qa.options or ()), qa.answer, qa.reasoning)
        spots = [spot for text in texts for spot in _spots(text)]
        if not spots:
            return Finding(name=self.name, passed=True, threshold=self.min_px)
        read = {float(number) for item in qa.evidence if item.kind == "text" for number in numbers(item.text)}
        boxes = [item.box for item in qa.evidence if item.box is not None]
        asks = self._subject.search(qa.question) is not None
        for spot in spots:
            is_far = max(map(abs, spot.values)) >= self.min_px or _is_normalized(spot)
            suspect = not asks and is_far and (spot.named or self._cued(spot))
            if not set(spot.values) <= read and (suspect or any(_is_of(spot.values, box) for box in boxes)):
                reason = f"tells where something is in numbers: {spot.written!r}"
                return Finding(name=self.name, passed=False, value=spot.written, threshold=self.min_px, reason=reason)
        return Finding(name=self.name, passed=True, threshold=self.min_px)

    def _cued(self, spot: Spot) -> bool:
        return self._cue.search(spot.before) is not None


class Spot(NamedTuple):
    """Two or four numbers, with what stands before them; `named` if they are called x and y."""

    written: str
    before: str
    values: tuple[float, ...]
    named: bool


def _spots(text: str) -> Iterator[Spot]:
    calls = any(map(text.lower().__contains__, _CALLS)) or _AXIS.search(text)
    for pattern in (_TUPLE, _BARE, *(_CALLED if calls else ())):
        for found in pattern.finditer(text):
            written = found.groupdict().get("numbers") or ",".join(found.groups()[-2:])
            values = tuple(map(float, written.split(",")))
            if len(values) != 3:
                before = text[max(0, found.start() - _CUE_LETTERS) : found.start()]
                yield Spot(found.group(), before, values, named=pattern in _CALLED)


def _is_normalized(spot: Spot) -> bool:
    """Shares of width and height, such as (0.25, 0.61)."""
    return all(0 <= value < 1 for value in spot.values) and "." in spot.written


def _is_of(values: tuple[float, ...], box: Box) -> bool:
    """Whether they are the box, as corners or as corner and size, or one of its corners or its centre."""
    x0, y0, x1, y1 = box
    wholes = [box, (x0, y0, x1 - x0, y1 - y0)]
    points = [(x, y) for x in (x0, x1) for y in (y0, y1)] + [((x0 + x1) / 2, (y0 + y1) / 2)]
    if len(values) == 1:
        return False
    same = wholes if len(values) == 4 else points
    return any(all(abs(a - b) <= _NEAR_PX for a, b in zip(values, point, strict=True)) for point in same)
