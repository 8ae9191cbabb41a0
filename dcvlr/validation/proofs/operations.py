"""What each operation of a program does, written apart from the writer's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import pairwise

from dcvlr.validation.proofs.absence import absent
from dcvlr.validation.proofs.evidence import ProofRow, UnprovenError, require
from dcvlr.validation.proofs.places import OF_OBJECTS

_MINUTES_OF_DAY = 24 * 60

ProofValue = Fraction | bool | str | None | tuple[str, ...] | frozenset[str] | list[ProofRow]


def _ends(rows: list[ProofRow], sign: int) -> list[ProofRow]:
    require(len(rows) > 0, "there is nothing to compare")
    return sorted(rows, key=lambda row: row.value, reverse=sign < 0)


def _ranked(rows: list[ProofRow], rank: Fraction, sign: int) -> ProofRow:
    ranked = _ends(rows, sign)
    one = ranked[int(rank) - 1]
    require(sum(row.value == one.value for row in ranked) == 1, "two of the values compared are equal")
    return one


def _ordered(rows: list[ProofRow], sign: int) -> tuple[str, ...]:
    require(len({row.value for row in rows}) == len(rows), "two of the values compared are equal")
    return tuple(row.label for row in _ends(rows, sign))


def _some(rows: list[ProofRow], count: Fraction, sign: int) -> list[ProofRow]:
    ranked = _ends(rows, sign)
    n = int(count)
    require(0 < n < len(ranked) and ranked[n - 1].value != ranked[n].value, "where the line is drawn two are equal")
    return ranked[:n]


def _passing(rows: list[ProofRow], limit: Fraction) -> list[ProofRow]:
    for count in range(1, len(rows) + 1):
        reached = _total(rows[:count])
        require(reached != limit, "the sum meets the limit")
        if reached > limit:
            return rows[:count]
    raise UnprovenError("the sum stays below the limit")


def _from_to(rows: list[ProofRow], first: str, last: str) -> list[ProofRow]:
    names = [row.label for row in rows]
    require(names.index(first) < names.index(last), "the first comes after the last")
    return rows[names.index(first) : names.index(last) + 1]


def _beside(rows: list[ProofRow], label: str, sign: int) -> list[ProofRow]:
    """Rows of a list that stand further down than one, or further up."""
    at = next(row.value for row in rows if row.label == label)
    return [row for row in rows if sign * (row.value - at) > 0]


def _grown(row: ProofRow, before: ProofRow) -> ProofRow:
    return ProofRow(row.ref, row.label, row.value - before.value)


def _total(rows: list[ProofRow]) -> Fraction:
    return sum((row.value for row in rows), Fraction(0))


def _single(rows: list[ProofRow]) -> str:
    if len(rows) != 1:
        raise UnprovenError(f"{len(rows)} rows are left, not one")
    return rows[0].label


def _apart(a: Fraction, b: Fraction) -> Fraction:
    require(a > b, "the first is not the larger one")
    return a - b


def _larger(a: Fraction, b: Fraction) -> bool:
    require(a != b, "both are equal")
    return a > b


def _same_day(minutes: Fraction) -> Fraction:
    require(0 <= minutes < _MINUTES_OF_DAY, "the time is of another day")
    return minutes


def _day_name(day: Fraction) -> str:
    return f"weekday {date.fromordinal(int(day)).weekday()}"


def _birthdays(later: Fraction, born: Fraction) -> Fraction:
    require(later > born, "the birth comes after the other day")
    one, other = date.fromordinal(int(born)), date.fromordinal(int(later))
    return Fraction(
        sum(
            (year, one.month, one.day) <= (other.year, other.month, other.day)
            for year in range(one.year + 1, other.year + 1)
        )
    )


def _by_row(rows: list[ProofRow], others: list[ProofRow], sign: int) -> list[ProofRow]:
    values = {row.label: row.value for row in others}
    require(set(values) == {row.label for row in rows}, "the columns have different rows")
    return [ProofRow(row.ref, row.label, row.value + sign * values[row.label]) for row in rows]


def _all_rows(*columns: list[ProofRow]) -> list[ProofRow]:
    rows = [row for column in columns for row in column]
    require(len({row.label.casefold() for row in rows}) == len(rows), "two rows have one name")
    return rows


def _differing(new: list[ProofRow], old: list[ProofRow]) -> list[ProofRow]:
    return [row for row, change in zip(new, _by_row(new, old, -1), strict=True) if change.value != 0]


OPERATIONS: dict[str, Callable[..., ProofValue]] = {
    "at": lambda rows, label: next(row.value for row in rows if row.label == label),
    "pick": lambda rows, *labels: [row for row in rows if row.label in labels],
    "without": lambda rows, label: [row for row in rows if row.label != label],
    "max": lambda rows: _ends(rows, -1)[0].value,
    "min": lambda rows: _ends(rows, 1)[0].value,
    "argmax": lambda rows: _ranked(rows, Fraction(1), -1).label,
    "argmin": lambda rows: _ranked(rows, Fraction(1), 1).label,
    "nth_largest": lambda rows, rank: _ranked(rows, rank, -1).label,
    "nth_smallest": lambda rows, rank: _ranked(rows, rank, 1).label,
    "ascending": lambda rows: _ordered(rows, 1),
    "descending": lambda rows: _ordered(rows, -1),
    "sum": _total,
    "mean": lambda rows: _total(rows) / len(rows),
    "count": lambda rows: Fraction(len(rows)),
    "above": lambda rows, limit: [row for row in rows if row.value > limit],
    "below": lambda rows, limit: [row for row in rows if row.value < limit],
    "nearest_above": lambda rows, at: _ranked([row for row in rows if row.value < at], Fraction(1), -1).label,
    "top": lambda rows, count: _some(rows, count, -1),
    "bottom": lambda rows, count: _some(rows, count, 1),
    "first": lambda rows, count: rows[: int(count)],
    "last": lambda rows, count: rows[-int(count) :],
    "span": _from_to,
    "after": lambda rows, label: _beside(rows, label, 1),
    "before": lambda rows, label: _beside(rows, label, -1),
    "growth": lambda rows: [_grown(row, before) for before, row in pairwise(rows)],
    "until": _passing,
    "matching": lambda rows, value: [row for row in rows if row.value == value],
    "both": lambda rows, others: [row for row in rows if row.label in {other.label for other in others}],
    "only": _single,
    "rise": lambda new, old: _by_row(new, old, -1),
    "joined": lambda rows, others: _by_row(rows, others, 1),
    "union": _all_rows,
    "changed": _differing,
    "plus": lambda a, b: a + b,
    "difference": _apart,
    "product": lambda a, b: a * b,
    "quotient": lambda a, b: a / b,
    "ratio": lambda a, b: a / b,
    "percent_of": lambda a, b: 100 * a / b,
    "percent_change": lambda new, old: 100 * abs(new - old) / old,
    "more": _larger,
    "equal": lambda a, b: a == b,
    "same": lambda a, b: a == b,
    "majority": lambda part, whole: 2 * len(part) > len(whole),
    "full_years": _birthdays,
    "weekday": _day_name,
    "plus_days": lambda day, count: day + count,
    "plus_minutes": lambda time, count: _same_day(time + count),
    "minus_days": lambda day, count: day - count,
    "minus_minutes": lambda time, count: _same_day(time - count),
    **OF_OBJECTS,
    "absent": absent,
}
