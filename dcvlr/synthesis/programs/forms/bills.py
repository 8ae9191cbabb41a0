"""Questions about a bill: what it comes to, what is given back, what share of it something is, what if."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from msgspec.structs import replace

from dcvlr.synthesis.programs.expressions import Column, Expression, Label, Read, Words, call
from dcvlr.synthesis.programs.forms.form import Appeal, Form, column, form, labels, like, number, read
from dcvlr.synthesis.programs.forms.one_column import about_column, about_rows, worth_asking
from dcvlr.synthesis.programs.forms.one_row import about_one_row
from dcvlr.synthesis.scene.admissions import Admission
from dcvlr.synthesis.scene.document_kind import DocumentKind
from dcvlr.synthesis.scene.receipts import Bill, price_column

_STEPS = ((10, 1), (100, 5), (1000, 50), (Decimal("Infinity"), 500))  # up to which sum what is in hand goes by them
NOTES = tuple(map(Decimal, ("5", "10", "20", "50", "100", "200")))


def about_bill(bill: Bill, document: DocumentKind, rng: Random) -> Iterator[Form]:
    sums = {role: read(one, role) for role, one in bill.sums.items() if one.value.number > 0}
    if "total" in sums:
        yield from paying(sums["total"], tuple(sums.values()), rng)
    yield from _sums(sums, rng)
    priced = price_column(bill.items) if bill.items else None
    if bill.items is None or priced is None:
        return
    c = _on(document, column(bill.items, priced))
    if bill.has_quantities:
        c = replace(c, words=Words("item", "amount", "amounts", document=document))
    yield from _about_goods(c, sums, rng, bill)
    counts = [one for one in bill.items.columns if one.kind == "number"]
    if len(counts) == 1:
        q = column(bill.items, counts[0])
        yield from _quantities(q, c, rng, is_complete=bill.is_complete)
        quantities = replace(q, words=Words("item", "qty", "quantities", document=document))
        yield from _rows_of(quantities, rng, is_complete=bill.is_complete)
    each = next((one for one in bill.items.columns if one.name.casefold() == "unit price"), None)
    if each is not None and bill.has_quantities:
        unit = column(bill.items, each)
        unit = replace(unit, words=replace(unit.words, rows="item", register=""))
        yield from _rows_of(unit, rng, is_complete=bill.is_complete)


def _on(document: DocumentKind, c: Column) -> Column:
    return replace(c, words=replace(c.words, rows="item", document=document))


def _about_goods(c: Column, sums: dict[str, Read], rng: Random, bill: Bill) -> Iterator[Form]:
    if not bill.is_complete:
        yield from about_rows(c, rng)
    elif len(c.entries) > 1:
        yield from about_column(c, rng, additive=True)
        yield from about_one_row(c, rng, additive=True)
        yield from _left_out(c, sums, rng)
        if not bill.has_quantities:
            yield from _items(c, sums, rng)


def _rows_of(c: Column, rng: Random, *, is_complete: bool) -> Iterator[Form]:
    """Of a column that nobody adds up."""
    yield from worth_asking(about_column(c, rng, additive=False) if is_complete else about_rows(c, rng))


def paying(total: Read, others: tuple[Expression, ...], rng: Random) -> Iterator[Form]:
    """What is given back, whether an amount is enough, what each pays."""
    value = total.value
    larger = [note for note in NOTES if note > value.number]
    for note in larger[:1] + rng.sample(larger[1:2], min(1, len(larger[1:2]))):
        n = like(value, note)
        yield form("change_from_note", call("difference", n, total), others=others, n=n)
    step = next(step for limit, step in _STEPS if value.number < limit)
    below = value.number // step * step
    held = below if rng.random() < 0.5 else below + step  # a small sum is as often enough as a large one
    if 0 < held != value.number:
        n = like(value, held)
        yield form("enough", call("more", n, total), n=n)
    for people in rng.sample((2, 3, 4, 5), 4):
        yield form("split", call("quotient", total, number(people)), others=others, n=number(people))
    yield form("read", total, others=others, a=total)


def _sums(sums: dict[str, Read], rng: Random) -> Iterator[Form]:
    others = tuple(sums.values())
    for role in ("subtotal", "tax", "change", "cash", "net"):
        if role in sums:
            yield form("read", sums[role], others=others, a=sums[role])
    if "tax" in sums and "total" in sums:
        share = call("percent_of", sums["tax"], sums["total"])
        yield form("part_of", share, appeal="contrived", others=others, a=sums["tax"], b=sums["total"])
        if "subtotal" not in sums and "net" not in sums:
            yield form("before_tax", call("difference", sums["total"], sums["tax"]), others=others)
    pairs = [(a, b) for a in sums for b in sums if a != b and sums[a].value.number > sums[b].value.number]
    for a, b, kind in (("cash", "total", "change_due"), ("total", "subtotal", "exceeds")):
        if (a, b) not in pairs:
            continue
        yield form(kind, call("difference", sums[a], sums[b]), others=others, a=sums[a], b=sums[b])
    open_pairs = [pair for pair in pairs if set(pair) in ({"change", "total"}, {"change", "subtotal"})]
    if open_pairs:  # what nobody knows without looking
        a, b = rng.choice(open_pairs)
        a, b = (a, b) if rng.random() < 0.5 else (b, a)
        yield form("sum_more", call("more", sums[a], sums[b]), appeal="filler", a=sums[a], b=sums[b])


def _left_out(c: Column, sums: dict[str, Read], rng: Random) -> Iterator[Form]:
    """What is left of a sum without one of the items."""
    x = rng.choice(labels(c))
    amount = call("at", c, x)
    base = sums.get("subtotal") or sums.get("net") or sums.get("total")
    if base is not None:
        yield form("sum_without", call("difference", base, amount), c=c, x=x, a=base)
    if "total" in sums:
        people = rng.choice((2, 4, 5))
        split = call("quotient", call("difference", sums["total"], amount), number(people))
        yield form("split_without", split, c=c, x=x, n=number(people))


def _items(c: Column, sums: dict[str, Read], rng: Random) -> Iterator[Form]:
    """An item held against the sums of the bill."""
    x = rng.choice(labels(c))
    price = call("at", c, x)
    base = sums.get("subtotal") or sums.get("net") or sums.get("total")
    if base is not None:
        yield form("share_of_sum", call("percent_of", price, base), c=c, x=x, a=base)
        yield form("sum_with_another", call("plus", base, price), appeal="contrived", c=c, x=x, a=base)
        yield form("share_of_dearest", call("percent_of", call("max", c), base), c=c, a=base)
    for role, kind, appeal in _HELD_AGAINST:
        if role in sums and (y := _either_way(c, sums[role], rng)) is not None:
            yield form(kind, call("more", sums[role], call("at", c, y)), appeal=appeal, c=c, x=y, a=sums[role])


_HELD_AGAINST: tuple[tuple[str, str, Appeal], ...] = (
    ("change", "change_buys", "usual"),
    ("tax", "tax_exceeds", "contrived"),
)


def _either_way(c: Column, amount: Read, rng: Random) -> Label | None:
    """An item that costs less or more than the amount, each as likely; None where no item does one of both."""
    less = [label for label, one in zip(labels(c), c.entries, strict=True) if one.value.number < amount.value.number]
    more = [label for label, one in zip(labels(c), c.entries, strict=True) if one.value.number > amount.value.number]
    return rng.choice(rng.choice((less, more))) if less and more else None


def _quantities(q: Column, c: Column, rng: Random, *, is_complete: bool) -> Iterator[Form]:
    if is_complete and len(q.entries) > 1:
        yield form("pieces", call("sum", q), c=q)
    several = [label for label, one in zip(labels(q), q.entries, strict=True) if one.value.number > 1]
    for x in rng.sample(several, min(1, len(several))):
        unit = call("quotient", call("at", c, x), call("at", q, x))
        yield form("unit_price", unit, others=(q,), c=c, x=x)
        more = number(int(next(one.value.number for one in q.entries if one.label == x.text)) + rng.randint(1, 3))
        yield form("price_of_more", call("product", unit, more), c=c, x=x, n=more)
    if is_complete and len(q.entries) > 1:
        yield form("price_of_most", call("at", c, call("argmax", q)), c=c)


def about_admission(admission: Admission, rng: Random) -> Iterator[Form]:
    each = Read(admission.each, admission.people, name="each", read_as="each")
    count = Read(admission.count, admission.people, name="pieces", read_as="pieces")
    total = Read(admission.sum, admission.total, "Total", name="total")
    yield from (form for form in paying(total, (each,), rng) if form.kind != "split")
    others = [n for n in range(2, 8) if n != int(admission.count.number)]
    n, more = number(rng.choice(others)), number(rng.randint(2, 5))
    yield form("people_cost", call("product", each, n), others=(total,), a=each, n=n)
    cost = each.value.number * n.value.number
    if notes := [note for note in NOTES if note > cost]:
        m = like(each.value, notes[0])
        yield form("people_change", call("difference", m, call("product", each, n)), others=(total,), a=each, n=n, m=m)
    all_of_them = call("product", each, call("plus", count, more))
    yield form("people_more", all_of_them, others=(total,), a=each, b=count, n=more)
    cost = each.value.number * (count.value.number + more.value.number)
    for note in [note for note in NOTES if note > cost][:1]:
        m = like(each.value, note)
        left = call("difference", m, all_of_them)
        yield form("people_more_change", left, others=(total,), a=each, b=count, n=more, m=m)
