"""The value of a program: what its answer is, and when it has none that a person would agree with."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from msgspec.structs import replace

from dcvlr.synthesis.programs.expressions import (
    Column,
    Constant,
    Expression,
    KindGroup,
    Label,
    NotStated,
    OpCall,
    PageLines,
    Read,
    Sought,
)
from dcvlr.synthesis.programs.of_days import OF_DAYS, Weekday
from dcvlr.synthesis.programs.of_objects import OF_OBJECTS
from dcvlr.synthesis.programs.ordered_rows import OF_ORDER, kept, less
from dcvlr.synthesis.programs.rounding import AmbiguousError, decimals, divided, rounded
from dcvlr.synthesis.scene.values import Quantity

Value = Quantity | Column | Weekday | KindGroup | PageLines | Sought | NotStated | str | bool | tuple[str, ...]


def evaluate(expression: Expression, known: dict[int, Value] | None = None) -> Value:
    """Raises `AmbiguousError`. `known` keeps the value of every part by its `id`, for the steps to the answer."""
    return _value(expression, {} if known is None else known)


def _value(expression: Expression, known: dict[int, Value]) -> Value:
    found = known.get(id(expression))
    if found is None:
        if isinstance(expression, OpCall):
            found = OPERATIONS[expression.op](*[_value(one, known) for one in expression.args])
        elif isinstance(expression, (Read, Constant)):
            found = expression.value
        else:
            found = expression.text if isinstance(expression, Label) else expression
        known[id(expression)] = found
    return found


def _ranked(column: Column, sign: int) -> list[Read]:
    return sorted(column.entries, key=lambda one: one.value.number, reverse=sign < 0)


def _nth(column: Column, rank: Quantity, sign: int) -> Read:
    """The entry at a place from 1 on, of values that differ from both neighbours."""
    ranked, at = _ranked(column, sign), int(rank.number) - 1
    if not 0 <= at < len(ranked):
        raise AmbiguousError("there are fewer values")
    value = ranked[at].value.number
    if sum(one.value.number == value for one in ranked) > 1:
        raise AmbiguousError("two values are equal")
    return ranked[at]


_FIRST = Quantity("number", Decimal(1))


def _at(column: Column, label: str) -> Quantity:
    return next(one.value for one in column.entries if one.label == label)


def _beyond(column: Column, limit: Quantity, sign: int) -> Column:
    if any(one.value.number == limit.number for one in column.entries):
        raise AmbiguousError("a value equals the limit")
    return kept(column, [one for one in column.entries if sign * (one.value.number - limit.number) > 0])


def _cut(column: Column, count: Quantity, sign: int) -> Column:
    ranked, n = _ranked(column, sign), int(count.number)
    if n >= len(ranked) or ranked[n - 1].value.number == ranked[n].value.number:
        raise AmbiguousError("two values are equal where the line is drawn")
    chosen = {one.ref for one in ranked[:n]}
    return kept(column, [one for one in column.entries if one.ref in chosen])


def _until(column: Column, limit: Quantity) -> Column:
    """Rows from the top down to the one with which their sum goes beyond the limit."""
    total = Decimal(0)
    _require_amounts(*(one.value for one in column.entries))
    for index, one in enumerate(column.entries, start=1):
        total += one.value.number
        if total == limit.number:
            raise AmbiguousError("the sum meets the limit")
        if total > limit.number:
            return kept(column, column.entries[:index])
    raise AmbiguousError("the sum stays below the limit")


def _both(one: Column, other: Column) -> Column:
    labels = {entry.label for entry in other.entries}
    return kept(one, [entry for entry in one.entries if entry.label in labels])


def _order(column: Column, sign: int) -> tuple[str, ...]:
    if len({one.value.number for one in column.entries}) < len(column.entries):
        raise AmbiguousError("two values are equal")
    return tuple(one.label for one in _ranked(column, sign))


def _only(column: Column) -> str:
    if len(column.entries) != 1:
        raise AmbiguousError("more than one is left")
    return column.entries[0].label


def _require_amounts(*values: Quantity) -> None:
    """Clock times and dates lie before and after each other; nobody adds them up or takes shares of them."""
    if any(value.kind in ("time", "date") for value in values):
        raise AmbiguousError("times and dates are no amounts")


def _sum(column: Column) -> Quantity:
    first = column.entries[0].value
    _require_amounts(first)
    return replace(first, number=sum((one.value.number for one in column.entries), Decimal(0)))


def _mean(column: Column) -> Quantity:
    return divided(_sum(column), Decimal(len(column.entries)), exact=_sum(column).kind == "money")


def _plus(a: Quantity, b: Quantity) -> Quantity:
    _require_amounts(b)  # minutes or days may be added to a time or date
    if a.kind == "time" and a.number + b.number >= 1440:
        raise AmbiguousError("it goes past midnight")
    wider = a if decimals(a) >= decimals(b) or a.kind in ("time", "date") else replace(a, notation=b.notation)
    return replace(wider, number=a.number + b.number)


def _difference(a: Quantity, b: Quantity) -> Quantity:
    if a.number <= b.number:
        raise AmbiguousError("the first is not the larger one")
    number = a.number - b.number
    if a.kind in ("time", "date"):
        return Quantity("number", number, "0|")
    return replace(a if decimals(a) >= decimals(b) else b, number=number)


def _product(a: Quantity, b: Quantity) -> Quantity:
    _require_amounts(a, b)
    return replace(a, number=a.number * b.number)


def _quotient(a: Quantity, b: Quantity) -> Quantity:
    _require_amounts(a, b)
    if b.number == 0:
        raise AmbiguousError("nothing can be divided by zero")
    return divided(a, b.number, exact=True)


def _ratio(a: Quantity, b: Quantity) -> Quantity:
    _require_amounts(a, b)
    if b.number <= 0 or a.number / b.number < Decimal("1.15") or a.number / b.number > 50:
        raise AmbiguousError("not a ratio that one would tell")
    return rounded(Quantity("number", Decimal(0), "1|"), a.number / b.number, 1, exact=False)


def _percent_of(a: Quantity, b: Quantity) -> Quantity:
    _require_amounts(a, b)
    if b.number <= 0 or a.number <= 0 or a.number >= b.number:
        raise AmbiguousError("not a part of the other")
    return rounded(Quantity("percent", Decimal(0), "0|%"), 100 * a.number / b.number, 0, exact=False)


def _percent_change(new: Quantity, old: Quantity) -> Quantity:
    _require_amounts(new, old)
    if old.number <= 0 or new.number == old.number:
        raise AmbiguousError("nothing changed")
    return rounded(
        Quantity("percent", Decimal(0), "0|%"), 100 * abs(new.number - old.number) / old.number, 0, exact=False
    )


def _more(a: Quantity, b: Quantity) -> bool:
    if a.number == b.number:
        raise AmbiguousError("both are equal")
    return a.number > b.number


def _minus_columns(new: Column, old: Column) -> Column:
    """By how much each row's value rose; below 0 where it fell."""
    return replace(new, entries=tuple(map(less, new.entries, old.entries)))


def _plus_columns(a: Column, b: Column) -> Column:
    entries = [replace(one, value=_plus(one.value, two.value)) for one, two in zip(a.entries, b.entries, strict=True)]
    return replace(a, entries=tuple(entries))


def _union(*columns: Column) -> Column:
    """All rows of several columns as one."""
    entries = tuple(one for column in columns for one in column.entries)
    if len({one.label.casefold() for one in entries}) < len(entries):
        raise AmbiguousError("two rows have one name")
    return replace(columns[0], entries=entries)


def _changed(new: Column, old: Column) -> Column:
    """Rows whose value is another one than that of the same row in `old`."""
    before = {one.label: one.value.number for one in old.entries}
    return kept(new, [one for one in new.entries if before[one.label] != one.value.number])


def _majority(part: Column, whole: Column) -> bool:
    if 2 * len(part.entries) == len(whole.entries):
        raise AmbiguousError("exactly half of them")
    return 2 * len(part.entries) > len(whole.entries)


def _count(column: Column) -> Quantity:
    return Quantity("number", Decimal(len(column.entries)), "0|")


OPERATIONS: dict[str, Callable[..., Value]] = {
    "at": _at,
    "pick": lambda column, *labels: kept(column, [one for one in column.entries if one.label in labels], len(labels)),
    "without": lambda column, label: kept(column, [one for one in column.entries if one.label != label], 2),
    "max": lambda column: _nth(column, _FIRST, -1).value,
    "min": lambda column: _nth(column, _FIRST, 1).value,
    "argmax": lambda column: _nth(column, _FIRST, -1).label,
    "argmin": lambda column: _nth(column, _FIRST, 1).label,
    "nth_largest": lambda column, rank: _nth(column, rank, -1).label,
    "nth_smallest": lambda column, rank: _nth(column, rank, 1).label,
    "ascending": lambda column: _order(column, 1),
    "descending": lambda column: _order(column, -1),
    "sum": _sum,
    "mean": _mean,
    "count": _count,
    "above": lambda column, limit: _beyond(column, limit, 1),
    "below": lambda column, limit: _beyond(column, limit, -1),
    "nearest_above": lambda column, limit: _nth(_beyond(column, limit, -1), _FIRST, -1).label,
    "top": lambda column, count: _cut(column, count, -1),
    "bottom": lambda column, count: _cut(column, count, 1),
    "first": lambda column, count: kept(column, column.entries[: int(count.number)], int(count.number)),
    "until": _until,
    "matching": lambda column, value: kept(column, [one for one in column.entries if one.value.number == value.number]),
    "both": _both,
    "only": _only,
    "rise": _minus_columns,
    "joined": _plus_columns,
    "union": _union,
    "changed": _changed,
    "plus": _plus,
    "difference": _difference,
    "product": _product,
    "quotient": _quotient,
    "ratio": _ratio,
    "percent_of": _percent_of,
    "percent_change": _percent_change,
    "more": _more,
    "equal": lambda a, b: a.number == b.number,
    "same": lambda a, b: a == b,
    "majority": _majority,
    "plus_days": _plus,
    "plus_minutes": _plus,
    **OF_DAYS,
    **OF_OBJECTS,
    **OF_ORDER,
    "absent": lambda page, sought: NotStated(),  # asked only where no line of the page may say it
}
