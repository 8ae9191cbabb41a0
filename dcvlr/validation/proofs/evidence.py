"""Reading evidence back; shares no code with the writer of computed questions."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import lru_cache

from msgspec import Struct

from dcvlr.records import Box, Evidence, Qa

_NUMBER = r"-?(?:RM|MYR|USD|EUR|GBP|S\$|[$€£])? ?\d[\d,]*(?:\.\d+)?"
_PATTERNS = {
    "money": rf"(?<![\w.,]){_NUMBER}(?:(?=[A-Z]{{1,3}}(?!\w))|(?![\w.,%]))",  # the code of a tax may follow
    "pieces": (
        r"(?<![\w.,])\d{1,3}(?:\.0+)?(?= ?(?:[xX@]|at |[pP][cC]|[bB][oO][xX]|[uU]nit)| \d{4})"
        r"|(?<=\*)\d{1,3}(?:\.0+)?$"
    ),
    "each": (
        rf"{_NUMBER}(?=\*)|(?:(?<=[xX@c])|(?<=[xX@c] )|(?<= at )){_NUMBER}"
        rf"|^(?:[A-Z] )?{_NUMBER}(?: ?[A-Z]{{1,3}}){{0,2}}$"
    ),
    "number": rf"(?<![\w.,]){_NUMBER}(?![\w.,%])",
    "percent": r"(?<![\w.,])\d+(?:\.\d+)?(?= ?%)",
    "duration": r"(?<![\w.,])\d+(?= ?min)",
    "time": r"(?<!\d)(?<!\d:)\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?(?![\d:])",
    "date": (
        r"(?<!\d)(?:\d{4}-\d\d-\d\d|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}"
        r"|\d{1,2}(?:st|nd|rd|th)?[ -][A-Za-z]{3,9}[ ,-]+\d{4})(?!\d)"
    ),
}
_BULLET = re.compile(r"^(?:[•●▪■◦‣·] ?|[*–—-] )(?=\w)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")

LevelBox = tuple[float, float, float, float]
"""Centre, width and height of evidence if the page lay straight."""


class UnprovenError(ValueError):
    """The evidence does not lead to the answer; the message says why."""


def require(condition: bool, why: str) -> None:
    if not condition:
        raise UnprovenError(why)


class ProofRow(Struct, frozen=True, gc=False):
    """One entry of a column: the id and text of its label, and its value; of an object `box` is where it is."""

    ref: str
    label: str
    value: Fraction
    box: Box | None = None


@dataclass(frozen=True)
class Cited:
    """The evidence of one record by its ids; `tilts` are by how many degrees the rows of each picture run down to the
    right, none where all lie straight."""

    evidence: Mapping[str, Evidence]
    tilts: tuple[float, ...]
    _level_boxes: dict[str, LevelBox] = field(default_factory=dict, init=False, repr=False, compare=False)

    def one(self, ref: str) -> Evidence:
        try:
            return self.evidence[ref]
        except KeyError:
            raise UnprovenError(f"{ref} is not cited") from None

    def label(self, ref: str) -> str:
        """What a row is called: the line without its bullet, or what stands in it before a value."""
        one = self.one(ref)
        if one.kind == "pixels":
            return one.text.partition(":")[0]
        return (_BULLET.sub("", one.text) if one.kind == "text" else one.text).strip(" :")

    def value(self, kind: str, ref: str) -> Fraction:
        """The one value of a kind that stands in the evidence."""
        text = self.one(ref).text
        value = _value_in(kind, text)
        if value is None:
            raise UnprovenError(f"{ref} does not hold one {kind}: {text!r}")
        return value

    def placed(self, ref: str) -> LevelBox:
        if ref not in self._level_boxes:
            self._level_boxes[ref] = self._straight(self.one(ref))
        return self._level_boxes[ref]

    def _straight(self, one: Evidence) -> LevelBox:
        box = box_of(one)
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        width, height = box[2] - box[0], box[3] - box[1]
        tilt = self.tilts[one.picture - 1] if self.tilts else 0.0
        if not tilt:
            return (x, y, width, height)
        cos, sin = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
        lean = abs(sin)
        straight = cos * cos - lean * lean
        return (
            x * cos + y * sin,
            y * cos - x * sin,
            max(1.0, (width * cos - height * lean) / straight),
            max(1.0, (height * cos - width * lean) / straight),
        )


def ref_of(node: ast.expr) -> str:
    """The id of evidence that a program names, alone or in quotation marks."""
    match node:
        case ast.Name(id=ref) | ast.Constant(value=str() as ref):
            return ref
    raise UnprovenError(f"{ast.unparse(node)} is no evidence")


@lru_cache(maxsize=4096)  # the questions of a picture read the same lines
def _value_in(kind: str, text: str) -> Fraction | None:
    """None where a line does not hold one value of the kind."""
    require(kind in _PATTERNS, f"{kind!r} is no kind of value")
    found = set(re.findall(_PATTERNS[kind], text))
    whole = re.fullmatch(_PATTERNS[kind], text.strip(" :"))
    if whole is None and len(found) != 1:
        return None
    written = whole.group() if whole else found.pop()
    return parsed(kind, written) if written else None


def require_pictures(qa: Qa) -> None:
    """Evidence is of pictures that the record has, and says so in its id."""
    count = len(qa.pictures)
    for one in qa.evidence:
        if not 1 <= one.picture <= count:
            raise UnprovenError(f"{one.ref} is of a picture that the record does not have")
        if not (_names_its_picture(one) if qa.images else one.picture == 1):
            raise UnprovenError(f"{one.ref} does not say in which picture it is")


def _names_its_picture(one: Evidence) -> bool:
    beginning = f"p{one.picture}"
    return one.ref == beginning if one.kind == "picture" else one.ref.startswith(f"{beginning}_")


def box_of(evidence: Evidence) -> Box:
    if evidence.box is None:
        raise UnprovenError(f"{evidence.ref} has no box")
    x0, y0, x1, y1 = evidence.box
    if not (x0 < x1 and y0 < y1):
        raise UnprovenError(f"the box of {evidence.ref} is empty")
    return evidence.box


def parsed(kind: str, text: str) -> Fraction:
    """Money and numbers as they are, times in minutes after midnight, dates in days."""
    if kind == "time":
        found = re.findall(r"\d+", text)
        hour, minute = int(found[0]), int(found[1])
        half = re.search(r"[AaPp](?=\.?[Mm])", text)
        if half:
            hour = hour % 12 + (12 if half.group().lower() == "p" else 0)
        return Fraction(60 * hour + minute)
    if kind == "date":
        return Fraction(_day(text))
    digits = _DIGITS.search(text)
    if digits is None:
        raise UnprovenError(f"{text!r} is no {kind}")
    number = Fraction(digits.group().replace(",", ""))
    return -number if "-" in text[: digits.start()] else number


def _day(text: str) -> int:
    named = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]+)[ ,-]+(\d{4})", text)
    parts = [int(part) for part in re.findall(r"\d+", text)]
    try:
        if named:
            return date(int(named[3]), _MONTHS.index(named[2][:3].lower()) + 1, int(named[1])).toordinal()
        if parts[0] > 31:
            return date(*parts).toordinal()
        first, second, year = parts
        require(first == second or max(first, second) > 12, f"{text!r} may be two days")
        day, month = (first, second) if first > 12 or first == second else (second, first)
        return date(year, month, day).toordinal()
    except (ValueError, IndexError) as error:
        raise UnprovenError(f"{text!r} is no date") from error
