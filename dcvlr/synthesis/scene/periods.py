"""Rows that are periods, one after the other: months, days of the week, years."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# In full or cut short, so that 12 Market Street is no day of March.
MONTH_NAMES = (
    *("jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?"),
    *("sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?"),
)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def follow_each_other(names: Sequence[str]) -> bool:
    """Whether each is the month, day or year right after the one before, at most once around."""
    for cycle in (MONTHS, _DAYS):
        if all(name.isalpha() and name[:3].casefold() in cycle for name in names):
            numbers = [cycle.index(name[:3].casefold()) for name in names]
            return len(names) <= len(cycle) and all((b - a) % len(cycle) == 1 for a, b in pairwise(numbers))
    years = [int(name) for name in names if name.isdecimal() and len(name) == 4]
    return len(years) == len(names) and all(b - a == 1 for a, b in pairwise(years))
