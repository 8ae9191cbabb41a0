"""Lists and ranges in an answer: 'red, green and blue', '[1, 2]', '10 to 20'."""

from __future__ import annotations

import re
from collections.abc import Callable

from dcvlr.text.answers.maths import is_formula
from dcvlr.text.answers.plain import Same, plain
from dcvlr.text.answers.quantities import quantity

_MOST_ITEMS = 50
_MOST_FORMULAS = 4  # of a list: each is held against each, which takes a while
_PARTS = re.compile(r"\s*[;\n]\s*|\s*,\s+(?:and\s+)?|\s+(?:and|&)\s+", re.IGNORECASE)
_TIGHT_PARTS = re.compile(r"\s*,\s*")
_WORDS = r"[^\W\d_]{3,}(?:[ '-][^\W\d_]+)*"
_SLASHED = re.compile(rf"{_WORDS}(?:\s?[/+]\s?{_WORDS})+")  # red/yellow, but not km/h
_SOLUTIONS = re.compile(r"\s+or\s+(?=\w\s?=)")  # x = 2 or x = 3
_NUMBERED = re.compile(r"(?:^|\s+)\d[.)]\s+(?=[^\W\d])")  # 1) milk 2) eggs
_BULLET = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")
_BETWEEN = re.compile(r"(?:between|from)\s+(?P<low>.+?)\s+(?:and|to|until|till|through)\s+(?P<high>.+)", re.IGNORECASE)
_SPACED_RANGE = re.compile(r"(?P<low>.+?)\s+(?:-|to|until|till|through)\s+(?P<high>.+)", re.IGNORECASE)
_POWER_OF_TEN = re.compile(r"[\d.,]+[eE]-\d+")  # 1.6e-19
_SEASON = re.compile(r"(?P<low>(?P<century>\d\d)\d\d)[-/](?P<high>\d\d)")  # 2015/16
_SEASONS = re.compile(r"(?P<low>\d{4})/(?P<high>\d{4})")
_TIGHT_RANGE = re.compile(r"(?P<low>[^-]*\d[^-]*?|[A-Za-z]{3,9})-(?P<high>[^-]*\d[^-]*|[A-Za-z]{3,9})")


def items(text: str) -> tuple[str, list[str]] | None:
    """The kind of brackets around a list, or none, and its items."""
    lines = [_BULLET.sub("", line.strip()) for line in text.strip().splitlines() if line.strip()]
    numbered = [part for part in _NUMBERED.split(text.strip()) if part] if text.strip().startswith("1") else []
    lines = numbered if len(lines) == 1 and len(numbered) > 1 else lines
    text = lines[0] if len(lines) == 1 else ""
    bare = plain(text).replace("\\{", "{").replace("\\}", "}")
    bare = re.sub(r"^both\s+(?=.*\sand\s)", "", bare, flags=re.IGNORECASE)
    opening = bare[:1] if bare[:1] + bare[-1:] in {"()", "[]", "{}"} else ""
    inside = bare[1:-1] if opening else bare
    parts = [*lines] if len(lines) > 1 else _PARTS.split(inside)
    if len(parts) == 1:
        split = re.compile(r"\s?[/+]\s?") if _SLASHED.fullmatch(inside) else _TIGHT_PARTS
        parts = (_SOLUTIONS if _SOLUTIONS.search(inside) else split).split(inside)
    parts = [part for part in parts if part.strip()]
    return (opening, parts) if 1 < len(parts) <= _MOST_ITEMS else None


def same_items(one: tuple[str, list[str]], other: tuple[str, list[str]], same: Same) -> bool:
    """In any order, unless in round brackets or numbers in square ones."""
    (opening, parts), (other_opening, others) = one, other
    if len(parts) != len(others):
        return False
    if len(parts) > _MOST_FORMULAS and any(is_formula(plain(item)) for item in parts):
        return parts == others
    if all(same(a, b) for a, b in zip(parts, others, strict=True)):
        return True
    if "(" in (opening, other_opening) or ("[" in (opening, other_opening) and all(quantity(plain(i)) for i in parts)):
        return False
    left = list(others)
    for item in parts:
        match = next((index for index, text in enumerate(left) if same(item, text)), None)
        if match is None:
            return False
        del left[match]
    return True


def span(text: str, is_value: Callable[[str], bool]) -> tuple[str, str] | None:
    """Both ends of a plain text that is a range of two values; a unit behind the second is also the first's."""
    if (season := _SEASON.fullmatch(text)) and int(season["low"][2:]) < int(season["high"]):
        return season["low"], f"{season['century']}{season['high']}"
    if (seasons := _SEASONS.fullmatch(text)) and int(seasons["low"]) + 1 == int(seasons["high"]):
        return seasons["low"], seasons["high"]
    if _POWER_OF_TEN.fullmatch(text):
        return None
    for form in (_BETWEEN, _SPACED_RANGE, _TIGHT_RANGE):
        found = form.fullmatch(text)
        if not found:
            continue
        low, high = found["low"].strip(), found["high"].strip()
        if is_value(low) and is_value(high):
            return _with_unit_of(low, high), high
    return None


def _with_unit_of(low: str, high: str) -> str:
    first, second = quantity(low), quantity(high)
    if first is None or second is None or first.unit or not second.unit:
        return low
    return f"{low}{re.sub(r'^[^A-Za-z%°$€£]*[0-9]', '', high)}" if high[:1].isdigit() else f"{high[:1]}{low}"
