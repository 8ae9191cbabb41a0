"""Answers that are values: truths, dates, times, ranges, places in an order, quantities and formulas."""

from __future__ import annotations

import re
from fractions import Fraction

from dcvlr.text.answers.clock import times
from dcvlr.text.answers.dates import same_date
from dcvlr.text.answers.lists import span
from dcvlr.text.answers.maths import is_formula, same_formula
from dcvlr.text.answers.ordinals import ordinal
from dcvlr.text.answers.quantities import quantity

_TRUTH = {"yes": True, "true": True, "yeah": True, "yep": True, "no": False, "false": False, "nope": False}
_GOES_ON = (
    r"it|he|she|they|there|this|that|these|those|you|we|the|is|are|was|were|does|do|did|has|have|can|because|its|since"
)
_TRUTH_FIRST = re.compile(
    rf"(yes|no|true|false|yeah|yep|nope)(?:[,;.:!-]\s*(?=[^\W\d])|\s+-\s+|\s+(?=(?:{_GOES_ON})\b))", re.IGNORECASE
)
_RATIO = re.compile(r"(\d{1,6})\s?(?::|\sto\s)\s?(\d{1,6})")
_CALENDAR = re.compile(
    r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,3}day|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*",
    re.IGNORECASE,
)
_NAMED = re.compile(r"[A-Za-z]\s?=\s?(?=[^=]+$)")


def same_values(one: str, other: str, tolerance: float) -> bool | None:
    """None where the two plain texts are not both values of one kind."""
    for kind in (_truths, same_date, _times):
        if (verdict := kind(one, other)) is not None:
            return verdict
    if (verdict := _ranges(one, other, tolerance)) is not None:
        return verdict
    orders = ordinal(one), ordinal(other)
    if orders[0] and orders[1]:
        return orders[0] == orders[1]
    quantities = quantity(one), quantity(other)
    if quantities[0] and quantities[1]:
        return quantities[0].agrees(quantities[1], tolerance)
    return _formulas(one, other, tolerance)


def _ranges(one: str, other: str, tolerance: float) -> bool | None:
    """A range is none of its ends; what falls may be a difference, 5-3."""
    ratios = _ratio(one), _ratio(other)
    if all(ratios) and ":" in one + other:
        return ratios[0] == ratios[1]
    first, second = span(one, _is_value), span(other, _is_value)
    if first and second:
        ends = zip(first, second, strict=True)
        return all(a.casefold() == b.casefold() or bool(same_values(a, b, tolerance)) for a, b in ends)
    low, high = (quantity(end) for end in first or second or ("", ""))
    return False if low and high and low.value < high.value else None


def _ratio(text: str) -> Fraction | None:
    found = _RATIO.fullmatch(text)
    return Fraction(int(found[1]), int(found[2])) if found and int(found[2]) else None


def _is_value(text: str) -> bool:
    return bool(_CALENDAR.fullmatch(text) or quantity(text) or times(text) or same_date(text, text))


def _truths(one: str, other: str) -> bool | None:
    """Yes, no, true or false, of which one may go on: "Yes, it is"."""
    alone = [_TRUTH.get(text.casefold()) for text in (one, other)]
    if alone == [None, None]:
        return None
    firsts = [_TRUTH_FIRST.match(text) for text in (one, other)]
    values = [_TRUTH[first[1].casefold()] if first else value for first, value in zip(firsts, alone, strict=True)]
    return None if None in values else values[0] == values[1]


def _times(one: str, other: str) -> bool | None:
    both = times(one), times(other)
    return bool(both[0] & both[1]) if all(both) else None


def _formulas(one: str, other: str, tolerance: float) -> bool | None:
    named = [_NAMED.match(text) for text in (one, other)]
    if bool(named[0]) != bool(named[1]):  # x = 5 and 5
        one, other = (text[name.end() :] if name else text for name, text in zip(named, (one, other), strict=True))
        return same_values(one, other, tolerance)
    if not (is_formula(one) or is_formula(other)):
        return None
    if one.replace(" ", "") == other.replace(" ", ""):
        return True
    readable = all(is_formula(text) or quantity(text) or len(text) == 1 for text in (one, other))
    return readable and same_formula(one, other)
