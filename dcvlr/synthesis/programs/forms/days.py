"""Questions about dates and times: which weekday, what day it is so many days later, how long until."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from random import Random

from msgspec.structs import replace

from dcvlr.synthesis.programs.expressions import Constant, Read, call
from dcvlr.synthesis.programs.forms.form import Form, form, number, read
from dcvlr.synthesis.scene.document_kind import DocumentKind
from dcvlr.synthesis.scene.fields import WITHIN_DAYS, Field
from dcvlr.synthesis.scene.values import Quantity
from dcvlr.text.question_words import QuestionWords

_SPANS = (7, 10, 14, 21, 30, 45, 60, 90)
_MINUTES = (25, 35, 40, 50, 75, 80, 90, 110, 135, 150)
_MOST_SPANS = 3  # between one printed date and the next, or from a birth
_DECADES = range(20, 101, 10)


def about_days(
    fields: Sequence[Field], words: QuestionWords, rng: Random, document: DocumentKind | None, *, of_parcel: bool
) -> Iterator[Form]:
    """`document` is what the page is called if it is a receipt or a bill, so that its date is not any printed date.

    Nothing but a parcel arrives some days after it was posted, and none where a later date is printed: it may say
    when it came. Nor is it asked when a show is over where other times are printed.
    """
    printed = {kind: {one.value.number for one in fields if one.value.kind == kind} for kind in ("date", "time")}
    dates = _one_each([one for one in fields if one.value.kind == "date" and one.is_clear])
    times = _one_each([one for one in fields if one.value.kind == "time" and one.is_clear])
    for one in dates:
        day = read(one, _name(one, document))
        if _is_called("born", day, words):
            yield from _birth(day)
        else:
            is_on_its_way = of_parcel and _is_called("posted", day, words) and day.value.number == max(printed["date"])
            yield from _sent(day, rng) if is_on_its_way else ()
            yield from _date(day, rng)
    days = sorted((read(one, _name(one, document)) for one in dates), key=lambda day: day.value.number)
    yield from _several_days(days, words, rng)
    yield from _deadline(fields, document, rng)
    for one in times[:1]:
        time = read(one, _name(one, document))
        if _is_called("doors", time, words):
            yield from _doors(time, rng, is_alone=len(printed["time"]) == 1)
        yield from _time(time, rng)


def _several_days(days: Sequence[Read], words: QuestionWords, rng: Random) -> Iterator[Form]:
    """Dates in their order: days from one to the next, and the age of whoever was born on one."""
    births = [day for day in days if _is_called("born", day, words)]
    others = [day for day in days if day not in births]
    for early, late in list(pairwise(others))[:_MOST_SPANS]:
        yield form("days_between", call("difference", late, early), a=early, b=late)
    if len(births) == 1:  # of two it is not clear who the person is
        for day in [day for day in others if day.value.number > births[0].value.number][:_MOST_SPANS]:
            yield from _ages(births[0], day, rng)


def _ages(birth: Read, day: Read, rng: Random) -> Iterator[Form]:
    """How old a person was on a day, whether over an age, and how many birthdays are left until a round one."""
    age = call("full_years", day, birth)
    yield form("age_at", age, a=birth, b=day)
    years = (date.fromordinal(int(day.value.number)) - date.fromordinal(int(birth.value.number))).days // 365
    limit = number(max(1, years + rng.choice((-1, 1)) * rng.randint(2, 6)))
    yield form("age_over", call("more", age, limit), a=birth, b=day, n=limit)
    for decade in [number(one) for one in _DECADES if one > years + 1][:1]:
        yield form("birthdays", call("difference", decade, age), a=birth, b=day, n=decade)


def _is_called(field: str, one: Read, words: QuestionWords) -> bool:
    """Whether a label says the same of its value as `field` does: one of the words' `fields`."""
    return field in words.fields and words.fields.get(one.name) == words.fields[field]


def _one_each(fields: Sequence[Field]) -> list[Field]:
    """One field for each value: a labelled one before the one that was found as the only date of the page."""
    by_value: dict[Decimal, Field] = {}
    for one in sorted(fields, key=lambda one: one.label in ("date", "time")):
        by_value.setdefault(one.value.number, one)
    return list(by_value.values())


def _name(one: Field, document: DocumentKind | None) -> str:
    name = one.label.casefold()
    return f"{document}_{name}" if document and name in ("date", "time") else name


def _birth(day: Read) -> Iterator[Form]:
    """Nothing is due so many days before or after it."""
    yield form("weekday", call("weekday", day), a=day)
    yield form("read", day, a=day)


def _sent(day: Read, rng: Random) -> Iterator[Form]:
    """When it arrives, on which date or weekday, after so many days on the way, and whether in time."""
    days = number(rng.randint(2, 6))
    there = call("plus_days", day, days)
    if rng.random() < 0.5:
        yield form("sent_date", there, a=day, n=days)
    else:
        yield form("sent_weekday", call("weekday", there), a=day, n=days)
    for n in _days_near(day.value, int(day.value.number + days.value.number), rng):
        yield form("sent_in_time", call("more", n, there), a=day, m=days, n=n)


def _days_near(like: Quantity, day: int, rng: Random) -> list[Constant]:
    """One of the days around it, as often before as after, that cannot be taken for a month; none if there is none."""
    off = [days for days in range(1, 7) if all(date.fromordinal(day + one).day > 12 for one in (days, -days))]
    return [Constant(replace(like, number=Decimal(day + rng.choice((-1, 1)) * rng.choice(off))))] if off else []


def _date(day: Read, rng: Random) -> Iterator[Form]:
    yield form("weekday", call("weekday", day), a=day)
    days = rng.choice(_SPANS)
    span, is_weeks = number(days), days % 7 == 0  # after whole weeks it is the same weekday
    later = call("plus_days", day, span)
    yield form("date_later", later, appeal="filler", a=day, n=span)
    if not is_weeks:
        yield form("weekday_later", call("weekday", later), appeal="filler", a=day, n=span)
    year_end = Constant(Quantity("date", _last_of_year(day), day.value.notation))
    yield form("days_to_year_end", call("difference", year_end, day), appeal="filler", a=day, n=year_end)
    earlier = call("minus_days", day, span)
    yield form("date_earlier", earlier, appeal="filler", a=day, n=span)
    if not is_weeks:
        yield form("weekday_earlier", call("weekday", earlier), appeal="filler", a=day, n=span)
    new_year = Constant(Quantity("date", _first_of_year(day), day.value.notation))
    yield form("days_since_new_year", call("difference", day, new_year), appeal="filler", a=day, n=new_year)
    other = Constant(replace(day.value, number=_month_apart(day, rng)))
    yield form("before_date", call("more", other, day), appeal="filler", a=day, n=other)
    yield form("read", day, a=day)


def _deadline(fields: Sequence[Field], document: DocumentKind | None, rng: Random) -> Iterator[Form]:
    """Until when a bill has to be paid, where it says within how many days of its date."""
    dates = [one for one in fields if one.label.casefold() == "date" and one.is_clear]
    spans = [one for one in fields if one.label == WITHIN_DAYS and one.is_clear]
    is_printed = any(one.value.kind == "date" and "due" in one.label.casefold() for one in fields)
    if document not in ("invoice", "bill") or is_printed or len(dates) != 1 or len(spans) != 1:
        return
    last = call("plus_days", read(dates[0], _name(dates[0], document)), read(spans[0], WITHIN_DAYS))
    yield form("pay_until", last)
    yield form("pay_until_weekday", call("weekday", last))
    due = int(dates[0].value.number + spans[0].value.number)
    for n in _days_near(dates[0].value, due, rng):
        yield form("paid_late", call("more", n, last), n=n)
    left = [days for days in range(2, int(spans[0].value.number)) if date.fromordinal(due - days).day > 12]
    for days in rng.sample(left, min(1, len(left))):
        on = Constant(replace(dates[0].value, number=Decimal(due - days)))
        yield form("days_to_pay", call("difference", last, on), n=on)


def _last_of_year(day: Read) -> Decimal:
    year = date.fromordinal(int(day.value.number)).year
    return Decimal(date(year, 12, 31).toordinal())


def _first_of_year(day: Read) -> Decimal:
    year = date.fromordinal(int(day.value.number)).year
    return Decimal(date(year, 1, 1).toordinal())


def _month_apart(day: Read, rng: Random) -> Decimal:
    """A day of the month before or after, late enough in it that its number cannot be a month's."""
    when = date.fromordinal(int(day.value.number))
    month = when.year * 12 + when.month - 1 + rng.choice((-1, 1))
    return Decimal(date(month // 12, month % 12 + 1, rng.randint(13, 28)).toordinal())


def _doors(time: Read, rng: Random, *, is_alone: bool) -> Iterator[Form]:
    """When it is over, if no other time says so, and how long somebody waits who is early."""
    begins, lasts = number(rng.choice((15, 20, 30, 45, 60))), number(rng.choice((80, 90, 100, 110, 120, 135)))
    over = call("plus_minutes", call("plus_minutes", time, begins), lasts)
    if is_alone:
        yield form("doors_over", over, a=time, n=begins, m=lasts)
    early = time.value.number - rng.choice((5, 10, 12, 20, 25, 35, 40, 50))
    if early > 0:
        there = Constant(replace(time.value, number=early))
        yield form("doors_wait", call("difference", time, there), a=time, n=there)


def _time(time: Read, rng: Random) -> Iterator[Form]:
    span = number(rng.choice(_MINUTES))
    yield form("time_later", call("plus_minutes", time, span), appeal="filler", a=time, n=span)
    yield form("time_earlier", call("minus_minutes", time, span), appeal="filler", a=time, n=span)
    hour = int(time.value.number) // 60 + rng.randint(1, 3)
    if hour <= 23:
        until = Constant(Quantity("time", Decimal(60 * hour), time.value.notation))
        yield form("minutes_until", call("difference", until, time), appeal="filler", a=time, n=until)
