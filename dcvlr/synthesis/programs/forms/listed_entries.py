"""Questions about the entries of a list: how many, which comes where; about sections, and orders from a menu."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from dcvlr.synthesis.programs.expressions import Column, Expression, Label, Read, Words, call
from dcvlr.synthesis.programs.forms.bills import NOTES
from dcvlr.synthesis.programs.forms.form import Form, form, labels, like, number
from dcvlr.synthesis.programs.forms.one_column import about_column, about_rows, more_than_two, sum_of_two, worth_asking
from dcvlr.synthesis.programs.forms.one_row import about_one_row
from dcvlr.synthesis.scene.fields import Field
from dcvlr.synthesis.scene.listings import Listing
from dcvlr.synthesis.scene.tables import Entry

_FEWEST_PRICES = 2
_SEVERAL = 4  # entries from which on some of them are compared


def about_list(listed: Listing, rng: Random) -> Iterator[Form]:
    """The values of the column are how far down its rows stand."""
    c, entries = _column(listed), listed.entries.entries
    yield form("list_first", call("argmin", c), c=c)
    yield form("list_count", call("count", c), c=c)
    yield form("list_last", call("argmax", c), c=c)
    places = range(2, min(len(entries), 6) + 1)
    for kind, op in (("list_nth", "nth_smallest"), ("list_nth_last", "nth_largest")):
        n = number(rng.choice(places))
        yield form(kind, call(op, c, n), c=c, n=n)
    yield from _beside(c, rng)
    if len(entries) >= _SEVERAL:
        yield from _several(c, rng)


def about_sections(sections: Sequence[Listing], fields: Sequence[Field], rng: Random) -> Iterator[Form]:
    """Which heading an entry stands under, and how many there are under each; of a menu what they cost."""
    c = Column(tuple(_standing(one.head) for one in sections), Words("section", "heading", "headings"))
    lists = [one.entries.entries for one in sections]
    d = Column(tuple(_standing(each) for one in lists for each in one), Words("entry", "entry", "listed"))
    named = [[Label(each.label, each.label_ref) for each in one] for one in lists]
    for one in named:
        x = rng.choice(one)
        yield form("section_of", _heading(c, d, x), c=c, x=x)
    yield _same(c, d, named, rng)
    counts = Column(tuple(map(_count, sections)), Words("section", "entries", "sections"))
    yield from worth_asking(about_column(counts, rng, additive=False))
    yield form("sum", call("sum", counts), c=counts)
    yield from _of_all_entries(counts, rng)
    yield from _sizes(c, d, counts, named, rng)
    entries = [each for one in lists for each in one]
    prices = _prices(entries, fields)
    if prices is None:
        return
    is_whole = len(prices.entries) == len(entries)
    yield from about_menu(prices, rng, is_whole=is_whole)
    for kind, op in (("dearest_under", "argmax"), ("cheapest_under", "argmin")) if is_whole else ():
        yield form(kind, _heading(c, d, call(op, prices)), c=c, d=d, e=prices)


def _prices(entries: Sequence[Entry], fields: Sequence[Field]) -> Column | None:
    """What entries cost, each that surely has an amount beside it; None for fewer than two, or two currencies."""
    beside = {one.label_ref: one for one in fields if one.value.kind == "money" and one.is_clear}
    found = [(each, beside[each.label_ref]) for each in entries if each.label_ref in beside]
    if len(found) < _FEWEST_PRICES or len({one.value.currency for _, one in found}) > 1:
        return None
    rows = tuple(Read(one.value, one.ref, each.label, each.label_ref) for each, one in found)
    return Column(rows, Words("item", "price"))


def _of_all_entries(counts: Column, rng: Random) -> Iterator[Form]:
    """What share of the entries one heading has, and whether it has more than two others together."""
    x = rng.choice(labels(counts))
    yield form("share", call("percent_of", call("at", counts, x), call("sum", counts)), c=counts, x=x)
    if len(counts.entries) > 2:
        yield from more_than_two(counts, rng, appeal="usual")


def _sizes(c: Column, d: Column, counts: Column, named: Sequence[Sequence[Label]], rng: Random) -> Iterator[Form]:
    """How many entries stand under the heading of one, and whether these are more than those under that of another."""
    x, y = (rng.choice(one) for one in rng.sample(named, 2))
    size, other = (call("at", counts, _heading(c, d, each)) for each in (x, y))
    yield form("size_of", size, c=c, d=d, e=counts, x=x)
    yield form("size_more", call("more", size, other), c=c, d=d, e=counts, x=x, y=y)


def _count(one: Listing) -> Read:
    lines = [each.ref for each in one.entries.entries]
    return Read(number(len(lines)).value, ", ".join(lines), one.head.label, one.head.label_ref, read_as="entries")


def _same(c: Column, d: Column, named: Sequence[Sequence[Label]], rng: Random) -> Form:
    """Whether two entries stand under one heading, asked where it is as likely as not."""
    one, other = rng.sample(named, 2)
    x, y = rng.sample(one, 2) if rng.random() < 0.5 else (rng.choice(one), rng.choice(other))
    return form("section_same", call("same", _heading(c, d, x), _heading(c, d, y)), c=c, x=x, y=y)


def _heading(c: Column, d: Column, x: Expression) -> Expression:
    """Of the headings further up than an entry, the one furthest down."""
    return call("nearest_above", c, call("at", d, x))


def _standing(one: Entry) -> Read:
    return Read(one.value, one.ref, one.label, one.label_ref)


def _column(listed: Listing) -> Column:
    found = listed.entries
    return Column(tuple(map(_standing, found.entries)), Words("entry", found.name, "list"), found.head or "")


def _beside(c: Column, rng: Random) -> Iterator[Form]:
    named = labels(c)
    for kind, side, op, chosen in (
        ("list_next", "after", "argmin", named[:-1]),
        ("list_previous", "before", "argmax", named[1:]),
    ):
        x = rng.choice(chosen)
        yield form(kind, call(op, call(side, c, x)), c=c, x=x)
    x = rng.choice(named[:-1])
    yield form("list_after", call("count", call("after", c, x)), c=c, x=x)


def _several(c: Column, rng: Random) -> Iterator[Form]:
    named = labels(c)
    first, last = sorted(rng.sample(range(len(named)), 2))
    x, y = named[first], named[last]
    yield form("list_between", call("count", _between(c, x, y)), c=c, x=x, y=y)
    at = rng.randrange(len(named) - 2)
    x, y = named[at], named[at + 2]
    yield form("list_only_between", call("only", _between(c, x, y)), c=c, x=x, y=y)
    x, y, z = rng.sample(named, 3)
    yield form("list_before", call("more", call("at", c, y), call("at", c, x)), c=c, x=x, y=y)
    three = call("pick", c, x, y, z)
    yield form("list_first_of", call("argmin", three), closed=True, c=c, x=x, y=y, z=z)
    yield form("list_order", call("ascending", three), closed=True, c=c, x=x, y=y, z=z)


def _between(c: Column, x: Label, y: Label) -> Expression:
    return call("both", call("after", c, x), call("before", c, y))


def about_menu(c: Column, rng: Random, *, is_whole: bool) -> Iterator[Form]:
    """Of some of the prices nothing that is of all; nobody orders everything, so they are never added up."""
    if is_whole:
        yield from about_column(c, rng, additive=False)
        yield from about_one_row(c, rng, additive=False)
    else:
        yield from about_rows(c, rng)
    yield sum_of_two(c, *rng.sample(labels(c), 2))
    yield from about_orders(c, rng)


def about_orders(c: Column, rng: Random) -> Iterator[Form]:
    """Two of the articles together, paid with a note or with what may be too little."""
    x, y = rng.sample(labels(c), 2)
    value = {one.label: one.value for one in c.entries}
    both, cost = sum_of_two(c, x, y).program, value[x.text].number + value[y.text].number
    for note in [note for note in NOTES if note > cost][:1]:
        n = like(value[x.text], note)
        yield form("order_change", call("difference", n, both), c=c, x=x, y=y, n=n)
    for step in [note for note in NOTES if note < cost / 2][-1:]:
        n = like(value[x.text], cost // step * step + rng.choice((0, step)))
        yield form("order_enough", call("more", n, both), c=c, x=x, y=y, n=n)
