"""Durations in running text: 125 min, 2 h 5 min, an hour and a half as 1.5 hours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dcvlr.text.answers.units import seconds_in

_UNIT = r"(?-i:h|s)|hrs?|hours?|min(?:ute)?s?|sec(?:ond)?s?|days?|weeks?|months?|years?"
_PART = re.compile(rf"(?P<number>\d+(?:\.\d+)?)[ -]?(?P<unit>{_UNIT})(?![^\W\d])\.?", re.IGNORECASE)
_JOINT = re.compile(r"(?:,? and|,)?\s*")


@dataclass(frozen=True)
class Duration:
    """`seconds` in all, the numbers that it is written with, and where it stands in the text."""

    seconds: Decimal
    numbers: tuple[Decimal, ...]
    start: int
    end: int


def durations(text: str) -> Iterator[Duration]:
    """Each duration of a text; parts that follow each other with ever smaller units are one."""
    parts: list[re.Match[str]] = []
    for found in _PART.finditer(text):
        is_next = parts and _JOINT.fullmatch(text, parts[-1].end(), found.start())
        if parts and not (is_next and _size(found) < _size(parts[-1])):
            yield _total(parts)
            parts = []
        parts.append(found)
    if parts:
        yield _total(parts)


def _size(part: re.Match[str]) -> Decimal:
    return Decimal(seconds_in(part["unit"]) or 0)


def _total(parts: Sequence[re.Match[str]]) -> Duration:
    numbers = tuple(Decimal(part["number"]) for part in parts)
    seconds = sum((number * _size(part) for number, part in zip(numbers, parts, strict=True)), Decimal(0))
    return Duration(seconds, numbers, parts[0].start(), parts[-1].end())
