"""Answers that are values: truths, dates, times, ranges, places in an order, quantities and formulas."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from dcvlr.text.answers.clock import times
from dcvlr.text.answers.dates import same_date
from dcvlr.text.answers.lists import span
from dcvlr.text.answers.maths import is_formula, is_product, number_of, same_formula
from dcvlr.text.answers.ordinals import ordinal
from dcvlr.text.answers.plain import one_spelling
from dcvlr.text.answers.quantities import Measurement, quantity

_FORMS = {
    ">": r"(?:more|greater|higher|larger|longer|later) than(?! or equal)|over|above|>",
    "<": r"(?:fewer|less|lower|smaller|shorter|earlier) than(?! or equal)|under|below|<",
    ">=": r"at least|(?:more|greater) than or equal to|not? (?:less|fewer) than|(?:a )?minimum of|minimum|≥|>=|\\geq?",
    "<=": r"at most|(?:less|fewer) than or equal to|up to|not? more than|(?:a )?maximum of|maximum|≤|<=|\\leq?",
}
_FRONT = {sign: re.compile(rf"(?:{words})\s?(?=[\w$€£¥.-])(.+)", re.IGNORECASE) for sign, words in _FORMS.items()}
_BEHIND = {
    ">=": re.compile(r"(.+?)(?: (?:or|and) (?:more|greater|above|over|up|older|higher)|(?<=\d)\+)", re.IGNORECASE),
    "<=": re.compile(r"(.+?) (?:or|and) (?:less|fewer|below|under|younger|lower)", re.IGNORECASE),
}
_TRUTH = {"yes": True, "true": True, "yeah": True, "yep": True, "no": False, "false": False, "nope": False}
_TRUTH |= {"y": True, "n": False, "correct": True, "incorrect": False}
_TRUTH |= {
    "not really": False,
    "not at all": False,
    "nah": False,
    **dict.fromkeys("✓✔☑", True),
    **dict.fromkeys("✗✘", False),  # ☒ is a ticked box on many forms
}
_TRUTH |= dict.fromkeys(("absolutely", "certainly", "definitely", "of course"), True)
_TRUTH |= dict.fromkeys(("absolutely not", "certainly not", "definitely not", "of course not"), False)
_GOES_ON = (
    r"it|he|she|they|there|this|that|these|those|you|we|the|is|are|was|were|does|do|did|has|have|can|because|its|since"
)
_TRUTH_FIRST = re.compile(
    rf"(yes|no|true|false|yeah|yep|nope)(?:[,;.:!-]\s*(?=[^\W\d])|\s+-\s+|\s+(?=(?:{_GOES_ON})\b))", re.IGNORECASE
)
_IT_IS = re.compile(
    r"^(yes|no),? (?:it|he|she|they|there|you|we|i) (?:is|are|was|were|does|do|did|has|have|can)(?:n't|'t| ?not)?$"
)
_BARE_TRUTH = re.compile(
    r"(?:it|he|she|they|there) (?:is|are|was|were|does|do|did|has|have|can)(n't|'t| ?not)?", re.IGNORECASE
)
_RATIO = re.compile(r"(\d{1,6})\s?(?::|\sto\s|\sby\s)\s?(\d{1,6})")
_SHARE = re.compile(r"^(\d{1,6})\s?/\s?([1-9])$")  # 3/4 is 3:4, but 10/30 is a day
_OF_WHOLE = re.compile(r"(\d[\d.,]*\s?(?:%|percent|per cent)) of [a-z ]+", re.IGNORECASE)
_ROMAN = re.compile(r"(?P<tens>X{0,3})(?P<ones>IX|IV|V?I{0,3})")
_ONES = {"": 0, "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9}
_BY = re.compile(r"\s*(?:×|x|by)\s*(?=\d)", re.IGNORECASE)
_ZONE = re.compile(r"(?<=[\dm.]) (?:([ecmp])[ds]?t|(gmt|utc|cet|bst|ist))$", re.IGNORECASE)
_CALENDAR = re.compile(
    r"(?:mon|tue|wed|thu|fri|sat|sun)(?:[a-z]{0,3}day)?|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*",
    re.IGNORECASE,
)
_DECADE = re.compile(r"(?:the )?(\d{3}0)'?s", re.IGNORECASE)
_PHONE = re.compile(
    r"(?:\+\d{1,3}[ .-]?)?\(\d{2,5}\)[ .-]?\d[\d .-]{4,14}|\+\d{1,3}(?:[ .-]\d{2,5}){2,5}|\d{3}-\d{3}-\d{4}"
)
_DIGITS = re.compile(r"\+?\(?\d[\d ().-]{5,20}")
_NAMED = re.compile(r"(?:[A-Za-z]|(?:m?∠|m?\\angle)\s?[A-Z]{1,3})\s?=\s?(?=[^=]+$)")


def same_values(one: str, other: str, tolerance: float) -> bool | None:
    """None where the two plain texts are not both values of one kind."""
    for kind in (_truths, _decades, _phones, _romans, same_date, _times):
        if (verdict := kind(one, other)) is not None:
            return verdict
    if (verdict := _sizes(one, other, tolerance)) is not None:
        return verdict
    if (verdict := _bounds(one, other, tolerance)) is not None:
        return verdict
    if (verdict := _ranges(one, other, tolerance)) is not None:
        return verdict
    orders = ordinal(one), ordinal(other)
    if orders[0] and orders[1]:
        return orders[0] == orders[1]
    quantities = quantity(_without_whole(one, other)), quantity(_without_whole(other, one))
    if quantities[0] and quantities[1]:
        is_address = " " in quantities[0].unit and one_spelling(one) == one_spelling(other)  # 10 Main St., … Street
        return is_address or quantities[0].agrees(quantities[1], tolerance)
    if any(orders) and any(quantities):  # a third is not the 3rd
        return False
    return _formulas(one, other, tolerance)


def _without_whole(text: str, beside: str) -> str:
    """45 % for 45 % of the people, beside what does not say of whom."""
    found = _OF_WHOLE.fullmatch(text)
    return found[1] if found and not _OF_WHOLE.fullmatch(beside) else text


def _sizes(one: str, other: str, tolerance: float) -> bool | None:
    """12 x 8 cm: what only the last has as a unit is the others' too; in order."""
    sides = _sides(one), _sides(other)
    if not (sides[0] and sides[1]):
        return None
    return len(sides[0]) == len(sides[1]) and all(a.agrees(b, tolerance) for a, b in zip(*sides, strict=True))


def _sides(text: str) -> list[Measurement]:
    sides = [side for part in _BY.split(text) if (side := quantity(part))]
    if len(sides) < 2 or len(sides) != len(_BY.split(text)):
        return []
    return [replace(side, unit=side.unit or sides[-1].unit) for side in sides]


def _bounds(one: str, other: str, tolerance: float) -> bool | None:
    """A bound is not the value that it bounds."""
    bounds = [found if (found := bound(text)) and _is_value(found[1]) else None for text in (one, other)]
    if bounds[0] and bounds[1]:
        return bounds[0][0] == bounds[1][0] and bool(same_values(bounds[0][1], bounds[1][1], tolerance))
    return False if any(bounds) and (_is_value(one) or _is_value(other)) else None


def _decades(one: str, other: str) -> bool | None:
    """The 1990s are not 1990."""
    decades = _DECADE.fullmatch(one), _DECADE.fullmatch(other)
    if not any(decades):
        return None
    return bool(decades[0] and decades[1] and decades[0][1] == decades[1][1])


def _romans(one: str, other: str) -> bool | None:
    """IV is 4; of two letters and more, since V and I are much else."""
    values = [_roman(text) for text in (one, other)]
    digits = next((text for text, value in zip((one, other), values, strict=True) if value is None), "")
    return int(digits) in values if any(values) and re.fullmatch(r"[1-9]\d?", digits) else None


def _roman(text: str) -> int | None:
    found = _ROMAN.fullmatch(text) if len(text) > 1 else None
    return 10 * len(found["tens"]) + _ONES[found["ones"]] if found else None


def _phones(one: str, other: str) -> bool | None:
    if not (_PHONE.fullmatch(one) or _PHONE.fullmatch(other)) or not (
        _DIGITS.fullmatch(one) and _DIGITS.fullmatch(other)
    ):
        return None
    return re.sub(r"\D", "", one) == re.sub(r"\D", "", other)


def _ranges(one: str, other: str, tolerance: float) -> bool | None:
    """A range is none of its ends; what falls may be a difference, 5-3."""
    ratios = _ratio(one), _ratio(other)
    is_size = " by " in f"{one} {other}"  # 16 by 9 is 16:9, but 10 by 20 is not 1:2, and 2 by 3 not 2/3
    if (
        any(ratios)
        and not is_size
        and (shares := (_SHARE.sub(r"\1:\2", one), _SHARE.sub(r"\1:\2", other))) != (one, other)
    ):
        return _ranges(*shares, tolerance)
    if all(ratios) and ":" in one + other:
        return re.findall(r"\d+", one) == re.findall(r"\d+", other) if is_size else ratios[0] == ratios[1]
    first, second = span(one, _is_value), span(other, _is_value)
    if first and second:
        ends = zip(first, second, strict=True)
        return all(one_spelling(a) == one_spelling(b) or bool(same_values(a, b, tolerance)) for a, b in ends)
    low, high = (quantity(end) for end in first or second or ("", ""))
    return False if low and high and low.value < high.value else None


def _ratio(text: str) -> Fraction | None:
    found = _RATIO.fullmatch(text)
    return Fraction(int(found[1]), int(found[2])) if found and int(found[2]) else None


def _is_value(text: str) -> bool:
    return bool(_CALENDAR.fullmatch(text) or quantity(text) or times(text) or same_date(text, text))


def _truths(one: str, other: str) -> bool | None:
    """Yes, no, true or false, of which one may go on: "Yes, it is"."""
    if not any(_IT_IS.sub(r"\1", text.casefold()) in _TRUTH for text in (one, other)):
        return None
    values = truth(one), truth(other)
    return None if None in values else values[0] == values[1]


def truth(text: str) -> bool | None:
    """What a plain text says or begins with, as "Yes, it is" does; None for others, as "No parking" is."""
    if first := _TRUTH_FIRST.match(text):
        return _TRUTH[first[1].casefold()]
    if bare := _BARE_TRUTH.fullmatch(text):  # it is, it does not
        return bare[1] is None
    return _TRUTH.get(_IT_IS.sub(r"\1", text.casefold()))


def _times(one: str, other: str) -> bool | None:
    zones = [zone[0].strip().upper() if (zone := _ZONE.search(text)) else "" for text in (one, other)]
    if all(zones) and zones[0] != zones[1]:
        return None
    both = times(_ZONE.sub("", one)), times(_ZONE.sub("", other))
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
    readable = all(is_formula(text) or quantity(text) or is_product(text) for text in (one, other))
    return readable and (same_formula(one, other) or _is_worth(one, other) or _is_worth(other, one))


def _is_worth(formula: str, number: str) -> bool:
    """3.142 for π: a number of three decimals or more that the formula rounds to."""
    given = quantity(number)
    if given is None or given.unit or (given.decimals or 0) < 3:
        return False
    value = number_of(formula)
    return value is not None and given.agrees(Measurement(Fraction(value), "", decimals=12), 0.0)


def bound(text: str) -> tuple[str, str] | None:
    """The sign of a plain text that bounds something, one of < > <= >=, and what it bounds."""
    for forms in (_FRONT, _BEHIND):
        for sign, form in forms.items():
            if found := form.fullmatch(text):
                return sign, found[1].strip()
    return None
