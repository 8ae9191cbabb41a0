"""Dates as people write them, each as all the days it may be read as."""

from __future__ import annotations

import re

from dcvlr.text.answers.clock import times

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NAME = r"(?P<name>" + "|".join(rf"{m[:3]}(?:{m[3:]})?" if len(m) > 3 else m for m in _MONTHS) + r"|sept)\.?"
_YEAR = r"(?P<year>\d{4}|'?\d{2})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WEEKDAY = re.compile(r"^(?:on\s+)?(?P<day>mon|tue(?:s)?|wed(?:nes)?|thu(?:r|rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+")
_WEEKDAY_BEHIND = re.compile(r",?\s+\(?(?P<day>mon|tues|wednes|thurs|fri|satur|sun)day\)?$")
_NAMED = (
    re.compile(rf"(?:the )?{_DAY}(?: of)?[ .-]{{0,2}}{_NAME},?[ -]{{0,2}}{_YEAR}"),
    re.compile(rf"{_NAME}[ -]?(?:the )?{_DAY},?[ -]{_YEAR}"),
    re.compile(rf"(?P<year>\d{{4}})[ -]{_NAME}[ -]{_DAY}"),
    re.compile(rf"(?:the )?{_DAY}(?: of)?[ .-]{{0,2}}{_NAME}"),
    re.compile(rf"{_NAME} (?:the )?{_DAY}"),
    re.compile(rf"{_NAME},?(?: of)?[ -](?P<year>\d{{4}}|'\d\d)"),
)
_FIGURES = re.compile(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})")
_CHINESE = re.compile(r"(?P<year>\d{4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]")
_ERA = re.compile(r"(?P<before>ad )?(?P<year>\d{1,4}) ?(?P<era>bce?|ad|ce|b\.c\.e?\.?|a\.d\.?)?")
_YEAR_LAST = re.compile(r"(?P<first>\d{1,2})([-/.])(?P<second>\d{1,2})\2(?P<year>\d{4}|\d{2})")
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)")
_MONTH_ONLY = (re.compile(r"(?P<year>\d{4})[-/](?P<month>\d{2})"), re.compile(r"(?P<month>\d{1,2})/(?P<year>\d{4})"))
_CLOCK_BEHIND = re.compile(r"(?P<date>.*\d)(?:,? (?:at )?|t)(?P<time>\d{1,2}[:.]\d\d.*|\d{1,2} ?[ap]\.?m\.?)")

Day = tuple[int, int, int]  # year, month and day of the month; 0 for what is not said


def same_date(one: str, other: str) -> bool | None:
    """Whether two plain texts are one date, with a time of day or without; None where not both are dates.

    03/04/2018 may be April 3, 2018 and 4 March 2018, but two that may both be read in two ways are the same only if
    they are in the same order. A day of the week must fit where both say one.
    """
    split = [_split(text.casefold()) for text in (one, other)]
    (first, clock, weekday), (second, other_clock, other_weekday) = split
    readings = _readings(first), _readings(second)
    if sum(map(bool, readings)) == 1:  # 05.01.20 beside what is surely a date
        readings = readings[0] or _year_last(first, dotted=True), readings[1] or _year_last(second, dotted=True)
    if not all(readings) or (_COMPACT.fullmatch(first) and _COMPACT.fullmatch(second)):
        return None
    if clock or other_clock:
        both = times(clock or "0:00"), times(other_clock or "0:00")  # what writes no time of day may write midnight
        if not (both[0] & both[1]):
            return False
    if weekday and other_weekday and weekday != other_weekday:
        return False
    if len(readings[0]) > 1 and len(readings[1]) > 1:
        return readings[0] == readings[1]
    return bool(set(readings[0]) & set(readings[1]))


def _split(text: str) -> tuple[str, str, str]:
    """The date, the time of day and the first letters of the day of the week; the latter are empty without."""
    weekday = _WEEKDAY.search(text) or _WEEKDAY_BEHIND.search(text)
    if weekday:
        text = text[weekday.end() :] if weekday.start() == 0 else text[: weekday.start()]
    found = _CLOCK_BEHIND.fullmatch(text)
    clock = found["time"] if found and times(found["time"]) else ""
    return (found["date"].rstrip(",") if found and clock else text), clock, weekday["day"][:3] if weekday else ""


def _readings(text: str) -> tuple[Day, ...]:
    """Every day that a text may be, the day before the month first."""
    for form in _NAMED:
        if found := form.fullmatch(text):
            parts = found.groupdict()
            return _valid(_year(parts.get("year")), _month(parts["name"]), int(parts.get("day") or 0))
    era = _ERA.fullmatch(text)
    if era and (era["before"] or era["era"]):
        return ((-int(era["year"]) if (era["era"] or "").startswith("b") else int(era["year"]), 0, 0),)
    for figures in (_FIGURES, _COMPACT, _CHINESE):
        if found := figures.fullmatch(text):
            return _valid(int(found["year"]), int(found["month"]), int(found["day"]))
    for month in _MONTH_ONLY:
        if found := month.fullmatch(text):
            return _valid(int(found["year"]), int(found["month"]), 0)
    return _year_last(text, dotted=False)


def _year_last(text: str, *, dotted: bool) -> tuple[Day, ...]:
    found = _YEAR_LAST.fullmatch(text)
    if not found or (found[2] == "." and len(found["year"]) < 4 and not dotted):  # 1.2.18 is a version
        return ()
    first, second, year = int(found["first"]), int(found["second"]), _year(found["year"])
    return tuple(dict.fromkeys((*_valid(year, second, first), *_valid(year, first, second))))


def _year(text: str | None) -> int:
    """Two digits are of the century around 2000: 18 is 2018, 85 is 1985."""
    if not text:
        return 0
    digits = text.strip("'")
    return int(digits) + (0 if len(digits) == 4 else 2000 if int(digits) < 70 else 1900)


def _month(name: str) -> int:
    return next(index for index, month in enumerate(_MONTHS, 1) if month.startswith(name[:3]))


def _valid(year: int, month: int, day: int) -> tuple[Day, ...]:
    return ((year, month, day),) if 1 <= month <= 12 and 0 <= day <= 31 else ()
