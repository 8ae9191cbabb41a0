"""Questions about a bill: what it comes to, what is given back, what share of it something is, what if."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from msgspec.structs import replace

from dcvlr.synthesis.programs.expressions import Column, Expression, Label, Read, Words, call
from dcvlr.synthesis.programs.forms.form import Appeal, Form, column, labels, like, number, read
from dcvlr.synthesis.programs.forms.one_column import about_column, about_rows, worth_asking
from dcvlr.synthesis.programs.forms.one_row import about_one_row
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
        yield Form(kind="change_from_note", program=call("difference", n, total), names={"n": n}, others=others)
    step = next(step for limit, step in _STEPS if value.number < limit)
    below = value.number // step * step
    held = below if rng.random() < 0.5 else below + step  # a small sum is as often enough as a large one
    if 0 < held != value.number:
        n = like(value, held)
        yield Form(kind="enough", program=call("more", n, total), names={"n": n})
    for people in rng.sample((2, 3, 4, 5), 4):
        share = call("quotient", total, number(people))
        yield Form(kind="split", program=share, names={"n": number(people)}, others=others)
    yield Form(kind="read", program=total, names={"a": total}, others=others)


def _sums(sums: dict[str, Read], rng: Random) -> Iterator[Form]:
    others = tuple(sums.values())
    for role in ("subtotal", "tax", "change", "cash", "net"):
        if role in sums:
            yield Form(kind="read", program=sums[role], names={"a": sums[role]}, others=others)
    if "tax" in sums and "total" in sums:
        share = call("percent_of", sums["tax"], sums["total"])
        yield Form(
            kind="part_of",
            appeal="contrived",
            program=share,
            names={"a": sums["tax"], "b": sums["total"]},
            others=others,
        )
        before = call("difference", sums["total"], sums["tax"])
        if "subtotal" not in sums and "net" not in sums:
            yield Form(kind="before_tax", program=before, names={}, others=others)
    pairs = [(a, b) for a in sums for b in sums if a != b and sums[a].value.number > sums[b].value.number]
    for a, b, kind in (("cash", "total", "change_due"), ("total", "subtotal", "exceeds")):
        if (a, b) not in pairs:
            continue
        names: dict[str, Expression] = {"a": sums[a], "b": sums[b]}
        yield Form(kind=kind, program=call("difference", sums[a], sums[b]), names=names, others=others)
    open_pairs = [pair for pair in pairs if set(pair) in ({"change", "total"}, {"change", "subtotal"})]
    if open_pairs:  # what nobody knows without looking
        a, b = rng.choice(open_pairs)
        a, b = (a, b) if rng.random() < 0.5 else (b, a)
        names = {"a": sums[a], "b": sums[b]}
        yield Form(kind="sum_more", appeal="filler", program=call("more", sums[a], sums[b]), names=names)


def _left_out(c: Column, sums: dict[str, Read], rng: Random) -> Iterator[Form]:
    """What is left of a sum without one of the items."""
    x = rng.choice(labels(c))
    amount = call("at", c, x)
    base = sums.get("subtotal") or sums.get("net") or sums.get("total")
    if base is not None:
        names: dict[str, Expression] = {"c": c, "x": x, "a": base}
        yield Form(kind="sum_without", program=call("difference", base, amount), names=names)
    if "total" in sums:
        people = rng.choice((2, 4, 5))
        split = call("quotient", call("difference", sums["total"], amount), number(people))
        yield Form(kind="split_without", program=split, names={"c": c, "x": x, "n": number(people)})


def _items(c: Column, sums: dict[str, Read], rng: Random) -> Iterator[Form]:
    """An item held against the sums of the bill."""
    x = rng.choice(labels(c))
    price = call("at", c, x)
    base = sums.get("subtotal") or sums.get("net") or sums.get("total")
    if base is not None:
        names: dict[str, Expression] = {"c": c, "x": x, "a": base}
        yield Form(kind="share_of_sum", program=call("percent_of", price, base), names=names)
        yield Form(kind="sum_with_another", appeal="contrived", program=call("plus", base, price), names=names)
        top = call("max", c)
        yield Form(kind="share_of_dearest", program=call("percent_of", top, base), names={"c": c, "a": base})
    for role, kind, appeal in _HELD_AGAINST:
        if role in sums and (y := _either_way(c, sums[role], rng)) is not None:
            program, names = call("more", sums[role], call("at", c, y)), {"c": c, "x": y, "a": sums[role]}
            yield Form(kind=kind, appeal=appeal, program=program, names=names)


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
        yield Form(kind="pieces", program=call("sum", q), names={"c": q})
    several = [label for label, one in zip(labels(q), q.entries, strict=True) if one.value.number > 1]
    for x in rng.sample(several, min(1, len(several))):
        unit = call("quotient", call("at", c, x), call("at", q, x))
        yield Form(kind="unit_price", program=unit, names={"c": c, "x": x}, others=(q,))
        more = number(int(next(one.value.number for one in q.entries if one.label == x.text)) + rng.randint(1, 3))
        yield Form(kind="price_of_more", program=call("product", unit, more), names={"c": c, "x": x, "n": more})
    if is_complete and len(q.entries) > 1:
        yield Form(kind="price_of_most", program=call("at", c, call("argmax", q)), names={"c": c})
