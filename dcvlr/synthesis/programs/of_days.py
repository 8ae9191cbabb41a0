"""Operations on days and times: which weekday, how long before, how old."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from dcvlr.synthesis.programs.rounding import AmbiguousError
from dcvlr.synthesis.scene.values import Quantity


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week, whatever it is called; 0 is Monday."""

    number: int


def _weekday(day: Quantity) -> Weekday:
    return Weekday(date.fromordinal(int(day.number)).weekday())


def _minus(a: Quantity, b: Quantity) -> Quantity:
    if a.number - b.number < 0:
        raise AmbiguousError("it goes before midnight")
    return replace(a, number=a.number - b.number)


def _full_years(later: Quantity, day: Quantity) -> Quantity:
    """Birthdays since a day; on 29 February one is a year older a day later where there is none."""
    now, then = (date.fromordinal(int(one.number)) for one in (later, day))
    years = now.year - then.year - ((now.month, now.day) < (then.month, then.day))
    if years < 1:
        raise AmbiguousError("less than a year")
    return Quantity("number", Decimal(years), "0|")


OF_DAYS: dict[str, Callable[..., Quantity | Weekday]] = {
    "weekday": _weekday,
    "minus_days": _minus,
    "minus_minutes": _minus,
    "full_years": _full_years,
}
