"""Questions about months, days or years in a row: where it rose the most, how often, what some of them come to."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from dcvlr.synthesis.programs.expressions import Column, call
from dcvlr.synthesis.programs.forms.form import ADDABLE, Form, form, has_ratios, labels, number
from dcvlr.synthesis.programs.forms.one_row import is_telling
from dcvlr.synthesis.scene.values import follow_each_other

_FEWEST = 4  # rows


def over_time(c: Column, rng: Random, *, additive: bool) -> Iterator[Form]:
    """Nothing unless every row is the period right after the one before; only `additive` values are summed."""
    names = [one.label for one in c.entries]
    if len(names) < _FEWEST or c.entries[0].value.kind not in ADDABLE or not follow_each_other(names):
        return
    yield from _growth(c)
    if has_ratios(c, additive=additive):
        yield from _percent(c, rng)
    if additive:
        yield from _spans(c, rng)
        yield from _halves(c)


def _growth(c: Column) -> Iterator[Form]:
    growth, none = call("growth", c), number(0)
    risen = call("above", growth, none)
    yield form("growth_most", call("argmax", risen), c=c)
    yield form("growth_least", call("argmin", call("below", growth, none)), c=c)
    yield form("growth_count", call("count", risen), c=c)
    yield form("growth_size", call("max", risen), c=c)


def _percent(c: Column, rng: Random) -> Iterator[Form]:
    first, last = sorted(rng.sample(range(len(c.entries)), 2))
    old, new = (c.entries[at].value.number for at in (first, last))
    kind = "growth_rose" if new > old else "growth_fell"
    if is_telling(max(old, new), min(old, new)):
        x, y = labels(c)[first], labels(c)[last]
        yield form(kind, call("percent_change", call("at", c, y), call("at", c, x)), c=c, x=x, y=y)


def _spans(c: Column, rng: Random) -> Iterator[Form]:
    named = labels(c)
    count = rng.randint(3, len(named) - 1)
    start = rng.randrange(len(named) - count + 1)
    x, y = named[start], named[start + count - 1]
    part = call("span", c, x, y)
    total = call("sum", part)
    yield form("span_sum", total, c=c, x=x, y=y)
    yield form("span_mean", call("mean", part), c=c, x=x, y=y)
    yield form("span_share", call("percent_of", total, call("sum", c)), c=c, x=x, y=y)


def _halves(c: Column) -> Iterator[Form]:
    """The first rows held against as many of the last."""
    n = number(len(c.entries) // 2)
    early, late = call("sum", call("first", c, n)), call("sum", call("last", c, n))
    yield form("halves_more", call("more", late, early), c=c, n=n)
    yield form("halves_rise", call("difference", late, early), c=c, n=n)
    yield form("halves_fall", call("difference", early, late), c=c, n=n)
