"""What a printed text is: money, a number, a percentage, a date, a time, a duration, a code or words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from msgspec import Struct

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# In full or cut short, so that 12 Market Street is no day of March.
MONTH_NAMES = (
    *("jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?"),
    *("sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?"),
)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


ValueKind = Literal["money", "number", "percent", "date", "time", "duration", "area", "x", "y", "box", "distance"]

_CURRENCY = r"(?P<currency>RM|MYR|USD|EUR|GBP|S\$|[$€£])?"
_DIGITS = r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_PLAIN = re.compile(rf"(?P<minus>-)? ?{_CURRENCY} ?{_DIGITS} ?(?P<unit>%|min|mins|minutes)?")
_TIME = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?")
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
_SLASHED = re.compile(r"(?P<first>\d{1,2})(?P<separator>[/.-])(?P<second>\d{1,2})(?P=separator)(?P<year>\d{4})")
_NAMED = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ -](?P<month>{'|'.join(MONTH_NAMES)})[ ,-]+(?P<year>\d{{4}})", re.IGNORECASE
)
_MONTH = rf"(?:{'|'.join(MONTH_NAMES)})(?![a-z])"
_LIKE_DATES = re.compile(rf"\d{{1,4}}[/.-]\d{{1,2}}[/.-]\d{{1,4}}|\d{{1,2}}[ -]{_MONTH}|\b{_MONTH} \d", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


class Quantity(Struct, frozen=True, gc=False):
    """A value that can be compared: `number` in cents' own unit (money), minutes (time, duration) or days (date).

    `notation` is how the picture writes such values: decimals for numbers, the pattern for dates and times.
    """

    kind: ValueKind
    number: Decimal
    notation: str = ""
    currency: str = ""


@lru_cache(maxsize=4096)  # every reader of a page asks about the same lines
def quantity(text: str) -> Quantity | None:
    """The one value that `text` is; None for words, codes, dates that may be two days, and times that may be none."""
    return _amount(text) or _time(text) or _date(text)


@lru_cache(maxsize=4096)  # a page's questions show the same values
def shown(value: Quantity) -> str:
    """The value in the picture's own notation."""
    if value.kind == "date":
        day = date.fromordinal(int(value.number))
        return day.strftime(value.notation) if value.notation else day.isoformat()
    if value.kind == "time":
        return _clock(int(value.number), value.notation)
    decimals, _, suffix = value.notation.partition("|")
    written = f"{abs(value.number):,.{int(decimals or 0)}f}"
    if not suffix.startswith(","):
        written = written.replace(",", "")
    sign = "-" if value.number < 0 else ""
    return f"{sign}{value.currency}{written}{suffix.removeprefix(',')}"


def dates_in(text: str) -> list[Quantity]:
    """Every date in a longer text that can be only one day."""
    found = [match.group() for pattern in (_ISO, _SLASHED, _NAMED) for match in _bounded(pattern, text)]
    return [value for value in map(_date, found) if value is not None]


def like_dates(text: str) -> int:
    """How many dates a reader might see in `text`, clear or not."""
    return len(_LIKE_DATES.findall(text)) if _DIGIT.search(text) else 0


def times_in(text: str) -> list[Quantity]:
    found = [match.group() for match in _bounded(_TIME, text)]
    return [value for value in map(_time, found) if value is not None]


def _bounded(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    return [
        match
        for match in pattern.finditer(text)
        if not re.match(r"[\w/:.-]", text[match.end() :]) and not re.search(r"[\d/.-]$|\d:$", text[: match.start()])
    ]


def _amount(text: str) -> Quantity | None:
    found = _PLAIN.fullmatch(text)
    if found is None:
        return None
    digits, currency, unit = found["digits"], found["currency"] or "", found["unit"] or ""
    whole, _, fraction = digits.partition(".")
    if len(whole.replace(",", "")) > 9 or (whole[0] == "0" and len(whole) > 1):
        return None
    number = Decimal(digits.replace(",", ""))
    if currency and len(currency) > 1:
        currency += " " if f"{currency} " in text else ""
    kind: ValueKind = "money" if currency or (len(fraction) == 2 and not unit) else "number"
    suffix = "," if "," in digits else ""
    if unit:
        if currency or found["minus"]:
            return None
        kind = "percent" if unit == "%" else "duration"
        suffix = text[found.end("digits") :]
    return Quantity(kind, -number if found["minus"] else number, f"{len(fraction)}|{suffix}", currency)


def _time(text: str) -> Quantity | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    half = (found["half"] or "").lower()
    if minute > 59 or second > 59 or (hour > 23 if not half else not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return Quantity("time", Decimal(60 * hour + minute), "12" if half else "24")


def _clock(minutes: int, notation: str) -> str:
    hour, minute = divmod(minutes % 1440, 60)
    if notation == "12":
        return f"{hour % 12 or 12}:{minute:02d} {'AM' if hour < 12 else 'PM'}"
    return f"{hour:02d}:{minute:02d}"


def _date(text: str) -> Quantity | None:
    """Which of 03/04/2024 is the day cannot be told, so it is no date here; 13/04/2024 can."""
    if found := _ISO.fullmatch(text):
        return _day(found["year"], found["month"], found["day"], "%Y-%m-%d")
    if found := _NAMED.fullmatch(text):
        month = MONTHS.index(found["month"][:3].lower()) + 1
        return _day(found["year"], str(month), found["day"], "%-d %B %Y")
    if found := _SLASHED.fullmatch(text):
        first, second, separator = int(found["first"]), int(found["second"]), found["separator"]
        if first > 12 or first == second:
            return _day(found["year"], found["second"], found["first"], f"%d{separator}%m{separator}%Y")
        if second > 12:
            return _day(found["year"], found["first"], found["second"], f"%m{separator}%d{separator}%Y")
    return None


def _day(year: str, month: str, day: str, notation: str) -> Quantity | None:
    try:
        when = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return Quantity("date", Decimal(when.toordinal()), notation) if _FIRST_YEAR <= when.year <= _LAST_YEAR else None


def follow_each_other(names: Sequence[str]) -> bool:
    """Whether each is the month, day or year right after the one before, at most once around."""
    for cycle in (MONTHS, _DAYS):
        if all(name.isalpha() and name[:3].casefold() in cycle for name in names):
            numbers = [cycle.index(name[:3].casefold()) for name in names]
            return len(names) <= len(cycle) and all((b - a) % len(cycle) == 1 for a, b in pairwise(numbers))
    years = [int(name) for name in names if name.isdecimal() and len(name) == 4]
    return len(years) == len(names) and all(b - a == 1 for a, b in pairwise(years))
