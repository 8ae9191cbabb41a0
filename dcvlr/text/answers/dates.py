"""Dates and times of day, where what is written can mean only one."""

from __future__ import annotations

import re

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NAMES = "|".join(rf"{month[:3]}(?:{month[3:]})?" if len(month) > 3 else month for month in _MONTHS) + "|sept"
_FORMS = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"),
    re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ .-]{{1,2}}(?P<name>{_NAMES})\.?,?[ -](?P<year>\d{{4}})"),
    re.compile(rf"(?P<name>{_NAMES})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})"),
)
_SLASHED = re.compile(r"(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.](?P<year>\d{4})")
_TIME = re.compile(r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?(?::(?P<second>\d{2}))?\s?(?P<half>[ap]\.?m)\.?")
_CLOCK = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?")


def date(text: str) -> tuple[int, int, int] | None:
    """Year, month and day; 03/04/2020 is none, since nobody knows which is the day."""
    text = text.casefold()
    for form in _FORMS:
        if found := form.fullmatch(text):
            parts = found.groupdict()
            name = parts.get("name")
            month = _month(name) if name else int(parts["month"])
            return _valid(int(parts["year"]), month, int(parts["day"]))
    if found := _SLASHED.fullmatch(text):
        first, second, year = int(found["first"]), int(found["second"]), int(found["year"])
        if first > 12:
            return _valid(year, second, first)
        if second > 12 or first == second:
            return _valid(year, first, second)
    return None


def time(text: str) -> tuple[int, int, int] | None:
    """Hour of 24, minute and second; without am or pm an hour from 1 to 12 is none."""
    text = text.casefold()
    if found := _TIME.fullmatch(text):
        hour = int(found["hour"])
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"].startswith("p") else 0)
    elif found := _CLOCK.fullmatch(text):
        hour = int(found["hour"])
        if 1 <= hour <= 12:
            return None
    else:
        return None
    rest = int(found["minute"] or 0), int(found["second"] or 0)
    return (hour, *rest) if hour < 24 and max(rest) < 60 else None


def _month(name: str) -> int:
    return next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name[:3]))


def _valid(year: int, month: int, day: int) -> tuple[int, int, int] | None:
    return (year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None
