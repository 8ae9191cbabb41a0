"""A bill: its items with their prices, and the sums below them, taken only where they agree with each other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from dcvlr.synthesis.scene.fields import Field
from dcvlr.synthesis.scene.goods import Goods, read_goods
from dcvlr.synthesis.scene.line_rows import LineRow
from dcvlr.synthesis.scene.roles import role_of
from dcvlr.synthesis.scene.tables import Table, TableColumn

_SUMMARY = re.compile(r"(?:gst|tax|vat) (?:summary|analysis|details?)", re.IGNORECASE)
_SEVERAL = re.compile(r"^(\d{1,3}) ?(?:[x@]|pcs?\b)|\((\d{1,3})\)$|\*(\d{1,3})(?:\.0+)?$", re.IGNORECASE)
_COIN = Decimal("0.05")  # to which sums are rounded


@dataclass(frozen=True)
class Bill:
    """`sums` are amounts by their role; `items` are all there are only where `is_complete`, their prices adding up.

    Each of the others is held up by how many times how much it is. `has_quantities` where something was bought more
    than once, so that an amount is not the price of one.
    """

    sums: Mapping[str, Field]
    items: Table | None
    has_quantities: bool
    is_complete: bool


def above_summary(rows: Sequence[LineRow]) -> list[LineRow]:
    """Rows down to a table of taxes, which repeats the words of a bill for other amounts."""
    summary = (n for n, row in enumerate(rows) if any(_SUMMARY.match(line.text) for line in row.lines))
    return list(rows[: next(summary, len(rows))])


def read_bill(rows: Sequence[LineRow], fields: Sequence[Field], tables: Sequence[Table]) -> Bill | None:
    """None where nothing is printed that something else confirms, or where what is printed contradicts itself."""
    printed = _sums(fields)
    headed = next((_headed(table) for table in tables if table.subject == "items"), None)
    goods = headed if headed and _adds_up(headed.paid, printed) else read_goods(rows)
    sums = _held(printed, goods)
    complete = goods is not None and bool(sums) and _adds_up(goods.paid, printed)
    if goods is None or _has_sums(goods.items) or not (complete or goods.has_products):
        return Bill(sums, None, False, False) if sums else None
    return Bill(sums, goods.items, goods.has_several or _says_several(rows), complete and goods.is_whole)


def _headed(items: Table) -> Goods:
    """A table with headings as goods; its products are not held against its amounts."""
    column = price_column(items)
    paid = sum((one.value.number for one in column.entries), Decimal(0)) if column else None
    counts = [one for each in items.columns if each.kind == "number" for one in each.entries]
    return Goods(items, paid, True, any(one.value.number > 1 for one in counts), False)


def _held(sums: Mapping[str, Field], goods: Goods | None) -> dict[str, Field]:
    """The sums that are read clearly or held up by others, or by the goods; none without a total that is."""
    held = _confirmed(sums) if "total" in sums else None
    if held is None:
        return {}
    if goods is not None and _adds_up(goods.paid, sums):
        held |= {"total", *(role for role in ("subtotal", "net") if role in sums)}
    kept = {role: one for role, one in sums.items() if role in held or one.is_clear}
    return kept if "total" in kept else {}


def _sums(fields: Sequence[Field]) -> dict[str, Field]:
    """One field for each role; a role that two different amounts have is given to none.

    Where more than one is called a total, it is the one that does not contradict the other sums, or what is to be paid.
    """
    found: dict[str, list[Field]] = {}
    for one in fields:
        role = role_of(one.label) if one.value.kind == "money" else None
        if role is not None:
            found.setdefault(role, []).append(one)
    one_value = {role: same for role, same in found.items() if len({one.value.number for one in same}) == 1}
    sums = {role: min(same, key=lambda one: len(one.label)) for role, same in one_value.items()}
    totals: dict[str, Field] = {role: sums.pop(role) for role in ("total", "inclusive", "rounded") if role in sums}
    confirmed = {role: one for role, one in totals.items() if _confirmed({**sums, "total": one}) is not None}
    fitting = _to_pay(confirmed, sums)
    amounts = [one.value.number for one in fitting.values()]
    most_apart = sums["rounding"].value.number if "rounding" in sums and "total" in fitting else Decimal(0)
    is_one = bool(amounts) and max(amounts) - min(amounts) <= abs(most_apart)
    return {**sums, "total": next(iter(fitting.values()))} if is_one else sums


def _to_pay(totals: Mapping[str, Field], sums: Mapping[str, Field]) -> Mapping[str, Field]:
    """The rounded total alone, where it is the other one to the nearest 0.05 and no other amount was paid."""
    if totals.keys() != {"inclusive", "rounded"}:
        return totals
    before, rounded = (totals[role].value.number for role in ("inclusive", "rounded"))
    paid = {role: one for role, one in sums.items() if role in ("cash", "change", "card")}
    is_nearest = rounded % _COIN == 0 and 0 < abs(rounded - before) < _COIN / 2
    fits = is_nearest and _confirmed({**paid, "total": totals["rounded"]}) is not None
    return {"rounded": totals["rounded"]} if fits else totals


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
    if amount.get("cash") == total and "change" not in amount:
        held |= {"cash", "total"}
    return None if amount.get("cash", total) < total - rounding else held


def _worth(roles: tuple[str, ...], amount: Mapping[str, Decimal], discount: Decimal) -> list[Decimal]:
    """What the total would be by these amounts; a subtotal may hold the tax, and a discount may be off it or not."""
    first, *rest = (amount[role] for role in roles)
    if roles == ("cash", "change"):
        return [first - rest[0]]
    if roles[0] == "subtotal":
        return [base - off for base in (first, first + rest[0]) for off in (0, discount)]
    return [sum(rest, first)]


def _has_sums(items: Table) -> bool:
    """Whether a row is one of the sums below the items, and no item."""
    return any(role_of(one.label) for one in items.columns[0].entries)


def _says_several(rows: Sequence[LineRow]) -> bool:
    texts = (line.text for row in rows for line in row.lines)
    return any((found := _SEVERAL.search(text)) and int(found[1] or found[2] or found[3]) > 1 for text in texts)


def _adds_up(paid: Decimal | None, sums: Mapping[str, Field]) -> bool:
    """Whether it is the subtotal or net amount, or else the total, or that less a tax and rounding that are printed."""
    amount = {role: one.value.number for role, one in sums.items()}
    if paid is None or "total" not in amount:
        return False
    if before := amount.get("subtotal", amount.get("net")):
        return paid == before
    apart = [amount[role] for role in ("tax", "rounding") if role in amount]
    return any(
        paid + sum(some, Decimal(0)) == amount["total"]
        for n in range(len(apart) + 1)
        for some in combinations(apart, n)
    )


def price_column(items: Table) -> TableColumn | None:
    """What was paid for each row: the last column of money."""
    return next((column for column in reversed(items.columns) if column.kind == "money"), None)
