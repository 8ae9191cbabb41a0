"""Questions about a menu or a list of prices: what somebody orders comes to, and what is left of a note."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from dcvlr.synthesis.programs.expressions import Column, call
from dcvlr.synthesis.programs.forms.bills import NOTES
from dcvlr.synthesis.programs.forms.form import Form, form, labels, like
from dcvlr.synthesis.programs.forms.one_column import about_column, about_rows, sum_of_two
from dcvlr.synthesis.programs.forms.one_row import about_one_row


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
