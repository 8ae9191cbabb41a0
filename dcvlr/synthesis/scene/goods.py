"""What was bought, row by row: names with their amounts beside, below or above them, and how many pieces at what price.

How many times how much is held against the amount: three numbers that agree were read right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise, product
from statistics import mean

from dcvlr.synthesis.scene.line_rows import LineRow
from dcvlr.synthesis.scene.lines import Line, shared_width
from dcvlr.synthesis.scene.roles import role_of
from dcvlr.synthesis.scene.tables import Entry, ReadAs, Stands, Table, column_of, unique
from dcvlr.synthesis.scene.values import Quantity, quantity

_AMOUNT = re.compile(r"(?:[A-Z] )?(?P<amount>(?:RM ?|[$€£])?\d[\d,]*\.\d\d)(?: ?[A-Z]{1,3}){0,2}")  # and its tax code
_TAX_CODE = re.compile(r"[A-Z*]{1,3}")
_TIMES = re.compile(
    r"(?P<pieces>\d{1,3}) ?(?:[xX@]|pcs?) ?@? ?(?P<each>[$€£]?\d+\.\d\d)"
    r"|(?P<each_first>\d+\.\d\d)\*(?P<pieces_last>\d{1,3}(?:\.0+)?)"
)
_PIECES = re.compile(r"(?P<pieces>\d{1,3})(?:\.0+)?(?: ?(?:x|pcs?|box(?:e?s)?|units?)\b.*| \d{4,})", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}")
_HEAD = re.compile(
    r"items?|desc.*|particulars?|qty|quantity|(?:[su][./]?)?price|rsp|amount.*|total.*|code", re.IGNORECASE
)
_END = re.compile(
    r"\(?(?:.*\bsub ?-?total|grand(?: ?total)?|totals?|tot|qty|items?|amount|round(?:ing|ed)?|discounts?|gst|tax|cash"
    r"|change|no\. of)(?:(?![^\W\d_])|(?=rm|amt|amount|sales|incl|excl|qty|gst))",
    re.IGNORECASE,
)
_MOST_ABOVE = 2  # rows from an amount up to its name
_SAME_PLACE = 0.2  # of the narrower of two amounts that stand one below the other
_ROOM = 1.6  # steps from row to row, in which a line may stand that was not read
_SAME_SPACE = 0.4  # of a step, between what is free above all items and below them
_NEARER = 1.15  # times, from which on it shows whether an amount belongs to the row above or below


@dataclass(frozen=True)
class Goods:
    """`items` are those whose names are legible; `paid` is what all rows come to, None where an amount is not legible.

    The last column is what was paid for each; where `has_products`, it is a quantity times a unit price in every row.
    These are two more columns, unless a row has other numbers that may be meant. `has_several` where something was
    bought more than once, as far as one can tell.
    """

    items: Table
    paid: Decimal | None
    is_whole: bool
    has_several: bool
    has_products: bool


@dataclass(frozen=True)
class _Part:
    """A number within a line."""

    line: Line
    value: Quantity
    read_as: ReadAs


@dataclass(frozen=True)
class _Row:
    """The row of one item that ends in its amount; `name` is None where it stands in another row."""

    at: int
    lines: tuple[Line, ...]
    amount: Line
    name: Line | None


@dataclass(frozen=True)
class _Item:
    name: Line
    stands: Stands
    row: _Row


def read_goods(rows: Sequence[LineRow]) -> Goods | None:
    """None where a name cannot be told from the rows around it, or a name is printed twice."""
    section = dict(_section(rows))
    found = [one for at, row in section.items() if (one := _row(at, row)) is not None]
    named = _named(found, section)
    if named and not _on_one_side(named, rows, section):
        return None
    legible = [one for one in named or () if one.name.is_legible and one.row.amount.is_legible]
    if not named or not legible or not unique(one.name.text for one in legible) or not _aligned(found):
        return None
    values = [_amount(one.row.amount) for one in named if one.row.amount.is_legible]
    paid = sum((one.number for one in values), Decimal(0)) if len(values) == len(named) else None
    priced = column_of([_entry(one, _of_amount(one.row)) for one in legible], "price", None, least=1)
    if priced is None:
        return None
    products = [_product(one.row, section) for one in legible]
    proven = [one for one in products if one is not None]
    columns = [priced]
    if len(proven) == len(legible) and all(_is_plain(one.row, section) for one in legible):
        prices = [replace(pair[1], read_as="each") for pair in proven]
        parts = (("qty", [pair[0] for pair in proven]), ("unit price", prices))
        more = [column_of(list(map(_entry, legible, each)), name, None, least=1) for name, each in parts]
        columns = [*(one for one in more if one is not None), priced]
    several = any(part.value.number > 1 for one in legible for part in _counts(one.row, section)[0])
    table = Table("items", "item", tuple(columns))
    return Goods(table, paid, len(legible) == len(named), several, len(proven) == len(legible))


def _section(rows: Sequence[LineRow]) -> Iterator[tuple[int, LineRow]]:
    """From below the headings, where there are any, down to the sums."""
    first, begun = next((at + 1 for at, row in enumerate(rows) if _is_header(row)), 0), False
    for at in range(first, len(rows)):
        if begun and any(_END.match(line.text) or role_of(line.text) for line in rows[at].lines):
            return
        begun = begun or _row(at, rows[at]) is not None
        yield at, rows[at]


def _is_header(row: LineRow) -> bool:
    heads = [line for line in row.lines if _HEAD.fullmatch(line.text)]
    return len(heads) >= 2 and not any(quantity(line.text) for line in row.lines)


def _row(at: int, row: LineRow) -> _Row | None:
    """None for a row without an amount, and for one of the sums."""
    lines = list(row.lines)
    while lines and _TAX_CODE.fullmatch(lines[-1].text):
        lines.pop()
    if len(lines) < 2 or not _AMOUNT.fullmatch(lines[-1].text) or role_of(lines[0].text) is not None:
        return None
    return _Row(at, tuple(lines[:-1]), lines[-1], lines[0] if _is_name(lines[0]) else None)


def _is_name(line: Line) -> bool:
    is_count = re.fullmatch(r"\d[\d.]* ?(?:pcs?|box(?:e?s)?|units?)", line.text, re.IGNORECASE)
    return is_count is None and _WORD.search(line.text) is not None and not line.text.endswith(":")


def _named(found: Sequence[_Row], rows: dict[int, LineRow]) -> list[_Item] | None:
    """Each with its name: in its own row, else one in the rows above each, or one in those below each."""
    if not found:
        return None
    ends = [one.at for one in found[1:]] + [max(rows) + 1]
    after = [_names(rows, one.at + 1, end) for one, end in zip(found, ends, strict=True)]
    if all(one.name for one in found):
        return None if any(after) else [_Item(one.name, "", one) for one in found if one.name]
    before = [_names(rows, found[0].at - _MOST_ABOVE, found[0].at)[-1:], *after[:-1]]
    one_each = all(len(names) == (one.name is None) for names, one in zip(before[1:], found[1:], strict=True))
    if one_each and not after[-1]:
        whole = [one.name or names[0] for names, one in zip(before, found, strict=True) if one.name or names]
        sides: list[Stands] = ["" if one.name else "below" for one in found]
        return list(map(_Item, whole, sides, found)) if len(whole) == len(found) else None
    is_free = not _names(rows, found[0].at - 1, found[0].at)  # or the first name may be the one above
    if is_free and all(len(names) == 1 and one.name is None for names, one in zip(after, found, strict=True)):
        return [_Item(names[0], "above", one) for names, one in zip(after, found, strict=True)]
    return None


def _on_one_side(items: Sequence[_Item], rows: Sequence[LineRow], section: dict[int, LineRow]) -> bool:
    """Whether no name can be that of the next amount, or of the one before, beside one that was not read.

    A title above, or a remark below, would then be taken for the missing name. Either the rows of an item stand nearer
    to each other than to those of the next one, or nothing is missing at the end where it would have to.
    """
    at = {row.lines[0].ref: n for n, row in section.items()}
    spans = [sorted((at[one.name.ref], one.row.at)) for one in items]
    within = [_step(rows, n) for first, last in spans for n in range(first, last)]
    between = [_step(rows, n) for (_, last), (first, _) in pairwise(spans) for n in range(last, first)]
    if not within:
        return True
    apart = mean(between) / mean(within) if between else 1.0
    if max(within) > _ROOM * min(within + between) or apart < 1 / _NEARER:
        return False
    if apart > _NEARER:
        return True
    is_above = any(one.stands == "above" for one in items)
    return not _has_other(spans, section, is_above=is_above) and _is_closed(spans, rows, max(within), is_above=is_above)


def _has_other(spans: Sequence[Sequence[int]], section: dict[int, LineRow], *, is_above: bool) -> bool:
    """Whether there is one row more at the end, which is none between items: a name that was not read as one."""
    end = spans[0][0] - 1 if is_above else spans[-1][1] + 1
    is_usual = bool(spans[1:]) and all(first - last > 1 for (_, last), (first, _) in pairwise(spans))
    return end in section and not is_usual and not _TIMES.fullmatch(section[end].lines[0].text)


def _is_closed(spans: Sequence[Sequence[int]], rows: Sequence[LineRow], step: float, *, is_above: bool) -> bool:
    """Whether there is no room for a line that was not read, or as much above all items as below, which are begun by
    headings or by a name and a code: no title is followed by one."""
    (first, amount), last = spans[0], spans[-1][1]
    top = _step(rows, first - 1) if first else 0
    bottom = _step(rows, last) if last + 1 < len(rows) else 0
    if (top if is_above else bottom) <= _ROOM * step:
        return True
    is_begun = _is_header(rows[first - 1]) or (not is_above and amount - first > 1)
    return is_begun and abs(top - bottom) <= _SAME_SPACE * step


def _step(rows: Sequence[LineRow], at: int) -> float:
    """From a row down to the next one, by their upper edges: names have letters that go below the line."""
    return rows[at + 1].top - rows[at].top


def _names(rows: dict[int, LineRow], start: int, end: int) -> list[Line]:
    """The names that begin the rows in between; what else stands there is a code, or how many pieces."""
    first = (rows[at].lines[0] for at in range(start, end) if at in rows)
    return [line for line in first if _is_name(line)]


def _aligned(found: Sequence[_Row]) -> bool:
    """Whether all amounts stand one below the other."""
    return all(shared_width(a.amount.box, b.amount.box) > _SAME_PLACE for a, b in pairwise(found))


def _amount(line: Line) -> Quantity:
    match = _AMOUNT.fullmatch(line.text)
    value = quantity(match["amount"]) if match else None
    assert value is not None
    return value


def _of_amount(row: _Row) -> _Part:
    return _Part(row.amount, _amount(row.amount), "")


def _entry(item: _Item, part: _Part) -> Entry:
    return Entry(item.name.text.strip(" :"), item.name.ref, part.value, part.line.ref, part.read_as, item.stands)


def _product(row: _Row, rows: dict[int, LineRow]) -> tuple[_Part, _Part] | None:
    """How many at what price, where that makes the amount and no other pair does; of two equal counts the last one."""
    counts, prices = _counts(row, rows)
    amount = _amount(row.amount).number
    pairs = [(a, b) for a, b in product(counts, prices) if a.value.number * b.value.number == amount]
    return pairs[-1] if len({(a.value.number, b.value.number) for a, b in pairs}) == 1 else None


def _is_plain(row: _Row, rows: dict[int, LineRow]) -> bool:
    """Whether a row has one number that may be its quantity, and one besides its amount that may be its unit price."""
    counts, prices = _counts(row, rows)
    others = {one.value.number for one in prices} - {_amount(row.amount).number}
    return len({one.value.number for one in counts}) == 1 and len(others) <= 1


def _counts(row: _Row, rows: dict[int, LineRow]) -> tuple[list[_Part], list[_Part]]:
    """Numbers that may count pieces, and prices that may be those of one."""
    below = rows.get(row.at + 1)
    only = below.lines if below is not None and len(below.lines) == 1 and _TIMES.fullmatch(below.lines[0].text) else ()
    counts, prices = list[_Part](), list[_Part]()
    for line in (one for one in (*row.lines, *only) if one.is_legible):
        if times := _TIMES.fullmatch(line.text):
            counts.append(_Part(line, _whole(times["pieces"] or times["pieces_last"]), "pieces"))
            prices.append(_Part(line, _money(times["each"] or times["each_first"]), "each"))
        elif pieces := _PIECES.fullmatch(line.text):
            counts.append(_Part(line, _whole(pieces["pieces"]), "pieces"))
        elif re.fullmatch(r"[1-9]\d{0,2}", line.text):
            counts.append(_Part(line, _whole(line.text), ""))
        elif _AMOUNT.fullmatch(line.text):
            prices.append(_Part(line, _amount(line), ""))
    return counts, prices


def _whole(text: str) -> Quantity:
    return Quantity("number", Decimal(text.partition(".")[0]), "0|")


def _money(text: str) -> Quantity:
    value = quantity(text)
    assert value is not None
    return value
