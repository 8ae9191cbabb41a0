"""Questions about months, days or years in a row: where it rose the most, how often, what some of them come to."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from dcvlr.synthesis.programs.expressions import Column, Expression, call
from dcvlr.synthesis.programs.forms.form import ADDABLE, Form, has_ratios, labels, number
from dcvlr.synthesis.programs.forms.one_row import is_telling
from dcvlr.synthesis.scene.periods import follow_each_other

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
    yield Form(kind="growth_most", program=call("argmax", risen), names={"c": c})
    yield Form(kind="growth_least", program=call("argmin", call("below", growth, none)), names={"c": c})
    yield Form(kind="growth_count", program=call("count", risen), names={"c": c})
    yield Form(kind="growth_size", program=call("max", risen), names={"c": c})


def _percent(c: Column, rng: Random) -> Iterator[Form]:
    first, last = sorted(rng.sample(range(len(c.entries)), 2))
    old, new = (c.entries[at].value.number for at in (first, last))
    kind = "growth_rose" if new > old else "growth_fell"
    if is_telling(max(old, new), min(old, new)):
        x, y = labels(c)[first], labels(c)[last]
        change = call("percent_change", call("at", c, y), call("at", c, x))
        yield Form(kind=kind, program=change, names={"c": c, "x": x, "y": y})


def _spans(c: Column, rng: Random) -> Iterator[Form]:
    named = labels(c)
    count = rng.randint(3, len(named) - 1)
    start = rng.randrange(len(named) - count + 1)
    x, y = named[start], named[start + count - 1]
    part, names = call("span", c, x, y), dict[str, Expression](c=c, x=x, y=y)
    total = call("sum", part)
    yield Form(kind="span_sum", program=total, names=names)
    yield Form(kind="span_mean", program=call("mean", part), names=names)
    yield Form(kind="span_share", program=call("percent_of", total, call("sum", c)), names=names)


def _halves(c: Column) -> Iterator[Form]:
    """The first rows held against as many of the last."""
    n = number(len(c.entries) // 2)
    early, late = call("sum", call("first", c, n)), call("sum", call("last", c, n))
    names: dict[str, Expression] = {"c": c, "n": n}
    yield Form(kind="halves_more", program=call("more", late, early), names=names)
    yield Form(kind="halves_rise", program=call("difference", late, early), names=names)
    yield Form(kind="halves_fall", program=call("difference", early, late), names=names)
