"""Kinds of printed values: amounts with a fixed number of decimals, dates, times, codes, words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from random import Random

from dcvlr.synthesis.reading import normal

_AMOUNT = re.compile(r"(?:RM|MYR|USD|EUR|GBP|[$€£])? ?(-?\d{1,3}(?:,\d{3})+\.\d{2}|-?\d{1,6}\.\d{2})")
_DATE = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})|\d{4}-(\d{2})-(\d{2})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?P<half> ?(?:[AP]M|[AP]\.M\.?))?", re.IGNORECASE)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_NAMED_DATE = re.compile(rf"\b\d{{1,4}}(?:st|nd|rd|th)?[ ,.-]*{_MONTH}\b|\b{_MONTH}[ ,.-]*\d{{1,4}}", re.IGNORECASE)
_NAMED_TIME = re.compile(r"\b\d{1,2}(?:[.:]\d{2}){0,2} ?(?:[ap]\.?m\b|o.?clock)|\d:\d\d|\bnoon\b", re.IGNORECASE)


def amount(text: str) -> Decimal | None:
    """The amount of money that `text` is, two decimals; None if it is anything else."""
    found = _AMOUNT.fullmatch(text)
    return Decimal(found.group(1).replace(",", "")) if found else None


def dates_in(text: str) -> list[str]:
    """Dates in digits that can be no other numbers: a day and a month that exist, two digits of a year after "/" only.

    "10.0.10.5" and "12-34-56" hold none.
    """
    found = re.finditer(rf"(?<![\d/.-])(?:{_DATE.pattern})(?![/-]?\d|\.\d|[/-])", text)
    return [one.group() for one in found if is_date(one.group()) and ("/" in one.group() or len(one.group()) > 8)]


def times_in(text: str) -> list[str]:
    """Times of day with hours and minutes that exist, together with their "PM" or "p.m."."""
    pattern = rf"(?<![\d:.,])(?:{_TIME.pattern})(?!\d|[:.,]\d| ?[ap]\.?m)"
    return [one.group() for one in re.finditer(pattern, text, re.IGNORECASE) if is_time(one.group())]


def like_dates(text: str) -> list[str]:
    """Whatever a reader might call a date: in digits or with the name of a month, possible or not."""
    return [one.group() for pattern in (_DATE, _NAMED_DATE) for one in pattern.finditer(text)]


def like_times(text: str) -> list[str]:
    return [one.group() for one in _NAMED_TIME.finditer(text)]


def is_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    if found is None:
        return False
    first, _, second, _, month, day = found.groups()
    a, b = int(first or month), int(second or day)
    possible = a <= 12 if first is None else min(a, b) <= 12
    return possible and min(a, b) >= 1 and max(a, b) <= 31 and (first is not None or b <= 31)


def is_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if found is None:
        return False
    hour, minute, second = (int(found[i] or 0) for i in (1, 2, 3))
    hours = range(1, 13) if found["half"] else range(24)
    return hour in hours and minute < 60 and second < 60


def kind(text: str) -> str:
    """amount, date, time, number, code or words: a distractor is of the answer's kind."""
    if amount(text) is not None:
        return "amount"
    if is_date(text):
        return "date"
    if is_time(text):
        return "time"
    if re.fullmatch(r"[\d ,.-]+", text):
        return "number"
    return "code" if any(character.isdigit() for character in text) else "words"


def alike(answer: str, others: Iterable[str], rng: Random, *, count: int = 3) -> tuple[str, ...]:
    """Up to `count` of `others` of the answer's kind, each another value than the answer and than each other."""
    seen = {_value(answer)}
    found = []
    for other in sorted(set(others)):
        if kind(other) == kind(answer) and _value(other) not in seen:
            seen.add(_value(other))
            found.append(other)
    return tuple(rng.sample(found, min(count, len(found))))


def _value(text: str) -> str:
    value = amount(text)
    return normal(text) if value is None else str(value)
