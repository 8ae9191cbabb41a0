"""Questions about several receipts: which is dearer, what they come to together, what stands on either."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from random import Random

from msgspec.structs import replace

from dcvlr.synthesis.programs.expressions import Column, Expression, Words, call
from dcvlr.synthesis.programs.forms.form import Form, column, labels, like, number, of_picture, read
from dcvlr.synthesis.programs.forms.round_limits import round_limits
from dcvlr.synthesis.scene.document_kind import receipt_or_bill
from dcvlr.synthesis.scene.fields import Field
from dcvlr.synthesis.scene.read import Document
from dcvlr.synthesis.scene.receipts import price_column

_NOTES = tuple(map(Decimal, ("50", "100", "200", "500", "1000")))


def about_receipts(documents: Sequence[Document], names: Sequence[str], rng: Random) -> Iterator[Form]:
    """Receipts, or bills; `names` are what each is called. A sum that one of them lacks is not asked about."""
    called = {receipt_or_bill(document) for document in documents}
    if len(called) != 1 or called == {None}:
        return
    totals = _sums(documents, names, "total")
    if totals is not None:
        yield from _of_totals(totals, rng)
    taxes = _sums(documents, names, "tax")
    if taxes is not None:
        yield Form(kind="receipts_sum", program=call("sum", taxes), names={"c": taxes})
        yield Form(kind="receipts_dearest", program=call("argmax", taxes), names={"c": taxes}, closed=True)
    dates = _dates(documents, names)
    if dates is not None:
        yield from _of_dates(dates)
    items = [one for n, document in enumerate(documents, 1) if (one := _items(document, n)) is not None]
    if len(items) == len(documents) == 2 and called == {"receipt"}:
        yield from _of_items(items[0], items[1], rng)


def _sums(documents: Sequence[Document], names: Sequence[str], role: str) -> Column | None:
    """What each receipt says; None unless all say it in one currency."""
    found = [one.bill.sums.get(role) if one.bill else None for one in documents]
    fields = [one for one in found if one is not None and one.value.number > 0]
    if len(fields) < len(documents) or len({one.value.currency for one in fields}) > 1:
        return None
    return _by_picture(fields, names, receipt_or_bill(documents[0]) or "", role)


def _dates(documents: Sequence[Document], names: Sequence[str]) -> Column | None:
    """The one date of each receipt."""
    of_each = [[one for one in each.fields if one.value.kind == "date" and one.is_clear] for each in documents]
    if any(len({one.value.number for one in some}) != 1 for some in of_each):
        return None
    return _by_picture([some[0] for some in of_each], names, receipt_or_bill(documents[0]) or "", "date")


def _by_picture(fields: Sequence[Field], names: Sequence[str], rows: str, what: str) -> Column:
    entries = []
    for n, (one, name) in enumerate(zip(fields, names, strict=True), start=1):
        found = of_picture(read(one, what), n)
        entries.append(replace(found, label=name, label_ref=f"p{n}", beside=found.label_ref, name=""))
    return Column(tuple(entries), Words(rows, what, "pictures"))


def _items(document: Document, n: int) -> Column | None:
    if document.bill is None or document.bill.items is None or document.bill.has_quantities:
        return None
    priced = price_column(document.bill.items)
    if priced is None or len(priced.entries) < 2:
        return None
    found = column(document.bill.items, priced)
    entries = tuple(of_picture(one, n) for one in found.entries)
    return replace(found, entries=entries, head=f"p{n}_{found.head}" if found.head else "", words=_ITEM)


_ITEM = Words("item", "price", "receipt_items")


def _of_totals(c: Column, rng: Random) -> Iterator[Form]:
    total = call("sum", c)
    yield Form(kind="receipts_dearest", program=call("argmax", c), names={"c": c}, closed=True)
    yield Form(kind="receipts_cheapest", program=call("argmin", c), names={"c": c}, closed=True)
    yield Form(kind="receipts_sum", program=total, names={"c": c})
    apart = call("difference", call("max", c), call("min", c))
    yield Form(kind="receipts_apart", program=apart, names={"c": c})
    yield Form(kind="receipts_mean", program=call("mean", c), names={"c": c})
    x, y = rng.sample(labels(c), 2)
    names: dict[str, Expression] = {"c": c, "x": x, "y": y}
    yield Form(kind="receipts_more", program=call("more", call("at", c, x), call("at", c, y)), names=names)
    share = call("percent_of", call("at", c, x), total)
    yield Form(kind="receipts_share", program=share, names={"c": c, "x": x})
    people = number(rng.choice((2, 4, 5)))
    yield Form(kind="receipts_split", program=call("quotient", total, people), names={"c": c, "n": people})
    value, spent = c.entries[0].value, sum(one.value.number for one in c.entries)
    for note in [like(value, note) for note in _NOTES if note > spent][:1]:
        yield Form(kind="receipts_note", program=call("difference", note, total), names={"c": c, "n": note})
    for note in [like(value, note) for note in _NOTES if 2 * note > spent and note < 2 * spent][:1]:
        yield Form(kind="receipts_enough", program=call("more", note, total), names={"c": c, "n": note})
    if len(c.entries) > 2:
        yield Form(kind="receipts_order", program=call("ascending", c), names={"c": c}, closed=True)


def _of_dates(c: Column) -> Iterator[Form]:
    yield Form(kind="receipts_earliest", program=call("argmin", c), names={"c": c}, closed=True)
    yield Form(kind="receipts_latest", program=call("argmax", c), names={"c": c}, closed=True)
    apart = call("difference", call("max", c), call("min", c))
    yield Form(kind="receipts_days", program=apart, names={"c": c})


def _of_items(c: Column, d: Column, rng: Random) -> Iterator[Form]:
    both = call("union", c, d)
    names: dict[str, Expression] = {"c": c, "d": d}
    yield Form(kind="items_dearest", program=call("argmax", both), names=names)
    yield Form(kind="items_cheapest", program=call("argmin", both), names=names)
    yield Form(kind="items_count", program=call("count", both), names=names)
    everything = replace(c, entries=(*c.entries, *d.entries))
    for limit in round_limits(everything, rng)[:1]:
        program = call("count", call("above", both, limit))
        yield Form(kind="items_above", program=program, names={**names, "n": limit})
    for one, other in ((c, d), (d, c)):
        of_two: dict[str, Expression] = {"c": one, "d": other}
        apart = call("difference", call("max", one), call("max", other))
        yield Form(kind="items_apart", program=apart, names=of_two)
    more = call("more", call("count", c), call("count", d))
    yield Form(kind="items_more", program=more, names=names)
