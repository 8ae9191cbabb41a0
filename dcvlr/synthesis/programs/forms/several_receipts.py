"""Questions about several receipts: which is dearer, what they come to together, what stands on either."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from random import Random

from msgspec.structs import replace

from dcvlr.synthesis.programs.expressions import Column, Words, call
from dcvlr.synthesis.programs.forms.form import Form, column, form, labels, like, number, of_picture, read
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
        yield form("receipts_sum", call("sum", taxes), c=taxes)
        yield form("receipts_dearest", call("argmax", taxes), closed=True, c=taxes)
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
    yield form("receipts_dearest", call("argmax", c), closed=True, c=c)
    yield form("receipts_cheapest", call("argmin", c), closed=True, c=c)
    yield form("receipts_sum", total, c=c)
    yield form("receipts_apart", call("difference", call("max", c), call("min", c)), c=c)
    yield form("receipts_mean", call("mean", c), c=c)
    x, y = rng.sample(labels(c), 2)
    yield form("receipts_more", call("more", call("at", c, x), call("at", c, y)), c=c, x=x, y=y)
    yield form("receipts_share", call("percent_of", call("at", c, x), total), c=c, x=x)
    people = number(rng.choice((2, 4, 5)))
    yield form("receipts_split", call("quotient", total, people), c=c, n=people)
    value, spent = c.entries[0].value, sum(one.value.number for one in c.entries)
    for note in [like(value, note) for note in _NOTES if note > spent][:1]:
        yield form("receipts_note", call("difference", note, total), c=c, n=note)
    for note in [like(value, note) for note in _NOTES if 2 * note > spent and note < 2 * spent][:1]:
        yield form("receipts_enough", call("more", note, total), c=c, n=note)
    if len(c.entries) > 2:
        yield form("receipts_order", call("ascending", c), closed=True, c=c)


def _of_dates(c: Column) -> Iterator[Form]:
    yield form("receipts_earliest", call("argmin", c), closed=True, c=c)
    yield form("receipts_latest", call("argmax", c), closed=True, c=c)
    yield form("receipts_days", call("difference", call("max", c), call("min", c)), c=c)


def _of_items(c: Column, d: Column, rng: Random) -> Iterator[Form]:
    both = call("union", c, d)
    yield form("items_dearest", call("argmax", both), c=c, d=d)
    yield form("items_cheapest", call("argmin", both), c=c, d=d)
    yield form("items_count", call("count", both), c=c, d=d)
    everything = replace(c, entries=(*c.entries, *d.entries))
    for limit in round_limits(everything, rng)[:1]:
        yield form("items_above", call("count", call("above", both, limit)), c=c, d=d, n=limit)
    for one, other in ((c, d), (d, c)):
        yield form("items_apart", call("difference", call("max", one), call("max", other)), c=one, d=other)
    yield form("items_more", call("more", call("count", c), call("count", d)), c=c, d=d)
