"""A bill: its items with their prices, and the sums below them, taken only where they agree with each other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from dcvlr.synthesis.scene.fields import Field
from dcvlr.synthesis.scene.line_rows import LineRow
from dcvlr.synthesis.scene.lines import Line
from dcvlr.synthesis.scene.tables import Table, TableColumn, column_of, entry, unique
from dcvlr.synthesis.scene.values import quantity

# In the order in which they are tried; the first that fits a label names what its amount is.
_ROLES: tuple[tuple[str, str], ...] = (
    ("subtotal", r"sub ?-?total"),
    ("excluded", r".*\bexcl.*"),
    ("change", r"(?:cash )?change(?: (?:due|amt|amount|given))?"),
    ("rounding", r"round(?:ing|ed)?(?: adj(?:ustment)?\.?)?"),
    ("discount", r"(?:total )?(?:discount|saving)s?"),
    ("tax", r"(?:total )?(?:sales )?(?:tax|gst|vat|service tax)(?: ?\(?\d+(?:\.\d+)? ?%\)?)?"),
    ("total", r"(?:grand |net )?total(?: (?:due|amount|payable|amt))?|(?:amount )?due|(?:total )?balance due"),
    ("inclusive", r"total.*\bincl.*|total (?:amt )?rounded|nett? total"),
    ("net", r"net(?: amount)?"),
    ("cash", r"cash(?: (?:paid|tendered|received))?|tender(?:ed)?|amount (?:paid|tendered)|paid"),
    ("card", r"card|visa|master ?card|credit card|debit card"),
)
_UNIT = re.compile(r"\s*\((?:rm|myr|usd|eur|gbp|\$|€|£)\)\s*$|\s*(?:rm|myr|[$€£])$", re.IGNORECASE)
_SUMMARY = re.compile(r"(?:gst|tax|vat) (?:summary|analysis|details?)", re.IGNORECASE)
_SEVERAL = re.compile(r"^(\d{1,3}) ?(?:[x@]|pcs?\b)|\((\d{1,3})\)$", re.IGNORECASE)
_AT = re.compile(r"\d{1,3} ?(?:x|@|pcs?) ?@? ?\d+\.\d{2}", re.IGNORECASE)


@dataclass(frozen=True)
class Bill:
    """`sums` are amounts by their role; `items` only where their prices add up to one of them.

    `has_quantities` where something was bought more than once, so that an amount is not the price of one.
    """

    sums: Mapping[str, Field]
    items: Table | None
    has_quantities: bool


def above_summary(rows: Sequence[LineRow]) -> list[LineRow]:
    """Rows down to a table of taxes, which repeats the words of a bill for other amounts."""
    summary = (n for n, row in enumerate(rows) if any(_SUMMARY.match(line.text) for line in row.lines))
    return list(rows[: next(summary, len(rows))])


def role_of(label: str) -> str | None:
    plain = _UNIT.sub("", " ".join(label.split()).strip(" :.")).strip(" :.").casefold()
    return next((role for role, pattern in _ROLES if re.fullmatch(pattern, plain)), None)


def read_bill(rows: Sequence[LineRow], fields: Sequence[Field], tables: Sequence[Table]) -> Bill | None:
    """None where no total is printed, or what is printed contradicts itself; what is not clear has to be confirmed."""
    sums = _sums(fields)
    held = _confirmed(sums) if "total" in sums else None
    if held is None:
        return None
    sums = {role: one for role, one in sums.items() if role in held or one.is_clear}
    if "total" not in sums or not (held or sums["total"].is_clear):
        return None
    listed = next((table for table in tables if table.subject == "items"), None) or _listed(rows, sums)
    if listed is not None and (_has_sums(listed) or not _adds_up(listed, sums)):
        listed = None
    return Bill(sums, listed, listed is not None and _has_quantities(rows, listed))


def _sums(fields: Sequence[Field]) -> dict[str, Field]:
    """One field for each role; a role that two different amounts have is given to none."""
    found: dict[str, list[Field]] = {}
    for one in fields:
        role = role_of(one.label) if one.value.kind == "money" else None
        if role is not None:
            found.setdefault(role, []).append(one)
    one_value = {role: same for role, same in found.items() if len({one.value.number for one in same}) == 1}
    sums = {role: min(same, key=lambda one: len(one.label)) for role, same in one_value.items()}
    if "inclusive" in sums:
        sums.setdefault("total", sums["inclusive"])
    return {role: one for role, one in sums.items() if role != "inclusive"}


def _confirmed(sums: Mapping[str, Field]) -> set[str] | None:
    """Roles whose amounts are held up by others in an equation; None where an equation does not come out."""
    amount = {role: abs(one.value.number) for role, one in sums.items()}
    total, rounding, discount = (amount.get(role, Decimal(0)) for role in ("total", "rounding", "discount"))
    held: set[str] = set()
    for roles in (("cash", "change"), ("card",), ("subtotal", "tax"), ("net", "tax"), ("excluded", "tax")):
        if not amount.keys() >= set(roles):
            continue
        if not any(abs(one - total) <= rounding for one in _worth(roles, amount, discount)):
            return None
        held |= {*roles, "total"}
    return None if amount.get("cash", total) < total - rounding else held


def _worth(roles: tuple[str, ...], amount: Mapping[str, Decimal], discount: Decimal) -> list[Decimal]:
    """What the total would be by these amounts; a subtotal may hold the tax, and a discount may be off it or not."""
    first, *rest = (amount[role] for role in roles)
    if roles == ("cash", "change"):
        return [first - rest[0]]
    if roles[0] == "subtotal":
        return [base - off for base in (first, first + rest[0]) for off in (0, discount)]
    return [sum(rest, first)]


def _listed(rows: Sequence[LineRow], sums: Mapping[str, Field]) -> Table | None:
    """Names with an amount at the right, from the first such row down to the sums."""
    end = min(one.top for one in sums.values())
    above = [row for row in rows if row.bottom < end + 0.5 * row.height]
    items: list[tuple[Line, Line]] = []
    for row in above:
        pair = _item(row)
        if pair is not None:
            items.append(pair)
        elif items and not (len(row.lines) == 1 and _AT.fullmatch(row.lines[0].text)):
            return None  # something between the items that is none of them
    if len(items) < 2 or not unique(label.text for label, _ in items):
        return None
    column = column_of([entry(label, amount) for label, amount in items], "price", None)
    return Table("items", "item", (column,)) if column else None


def _has_sums(items: Table) -> bool:
    """Whether a row is one of the sums below the items, and no item."""
    return any(role_of(one.label) for one in items.columns[0].entries)


def _has_quantities(rows: Sequence[LineRow], items: Table) -> bool:
    counts = [one for column in items.columns if column.kind == "number" for one in column.entries]
    texts = (line.text for row in rows for line in row.lines)
    written = any((found := _SEVERAL.search(text)) and int(found[1] or found[2]) > 1 for text in texts)
    return written or any(one.value.number > 1 for one in counts)


def _item(row: LineRow) -> tuple[Line, Line] | None:
    if not row.is_whole or len(row.lines) != 2:
        return None
    label, amount = row.lines
    value = quantity(amount.text)
    named = sum(map(str.isalpha, label.text)) >= 3 and not label.text.endswith(":")
    return (label, amount) if named and value is not None and value.kind == "money" else None


def _adds_up(items: Table, sums: Mapping[str, Field]) -> bool:
    """Whether the last column of money adds up to the total, or to it less a tax and rounding that are printed."""
    column = price_column(items)
    if column is None:
        return False
    listed = sum((one.value.number for one in column.entries), Decimal(0))
    amount = {role: one.value.number for role, one in sums.items()}
    if "subtotal" in amount:
        return listed == amount["subtotal"]
    if "net" in amount:
        return listed == amount["net"]
    if "total" not in amount:
        return False
    apart = [amount[role] for role in ("tax", "rounding") if role in amount]
    return any(
        listed + sum(some, Decimal(0)) == amount["total"]
        for n in range(len(apart) + 1)
        for some in combinations(apart, n)
    )


def price_column(items: Table) -> TableColumn | None:
    """What was paid for each row: the last column of money."""
    return next((column for column in reversed(items.columns) if column.kind == "money"), None)
