"""Questions that hold one row, or one item of a bill, against all others: how many have more, how far it is behind."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from dcvlr.synthesis.programs.expressions import Column, Constant, call
from dcvlr.synthesis.programs.forms.form import ADDABLE, Form, form, has_ratios, labels, like

_FEWEST = 4  # rows
_MOST_PERCENT = 300


def about_one_row(c: Column, rng: Random, *, additive: bool) -> Iterator[Form]:
    """Rows are drawn; of what cannot be added, such as times, only how many are beyond one."""
    if len(c.entries) < _FEWEST:
        return
    ranked = sorted(c.entries, key=lambda one: -one.value.number)
    by_text = {label.text: label for label in labels(c)}
    x = by_text[rng.choice(ranked[1:]).label]
    own, others = call("at", c, x), call("without", c, x)
    yield form("count_more_than", call("count", call("above", others, own)), c=c, x=x)
    if c.entries[0].value.kind not in ADDABLE:
        return
    yield form("behind_most", call("difference", call("max", c), own), c=c, x=x)
    mean = call("mean", c)
    yield form("max_above_mean", call("difference", call("max", c), mean), c=c)
    yield form("above_mean", call("count", call("above", c, mean)), c=c)
    if (gain := _gain(c, x.text, rng)) is not None:
        yield form("would_lead", call("more", call("plus", own, gain), call("max", others)), c=c, x=x, n=gain)
    high, low = sorted(rng.sample(c.entries, 2), key=lambda one: -one.value.number)
    if has_ratios(c, additive=additive) and is_telling(high.value.number, low.value.number):
        x, y = by_text[high.label], by_text[low.label]
        yield form("percent_more", call("percent_change", call("at", c, x), call("at", c, y)), c=c, x=x, y=y)


def _gain(c: Column, label: str, rng: Random) -> Constant | None:
    """What a row is given more, in whole numbers: as likely as not it comes first with it."""
    value = {one.label: one.value for one in c.entries}
    behind = max(one.number for one in value.values()) - value[label].number
    if value[label].kind != "number" or value[label].notation != "0|" or behind < 2:
        return None
    unit = Decimal(10) ** behind.adjusted()
    too_few, enough = (behind - 1) // unit * unit, (behind // unit + 1) * unit
    gain = enough if rng.random() < 0.5 else too_few
    return like(value[label], gain) if too_few > 1 else None


def is_telling(high: Decimal, low: Decimal) -> bool:
    """Whether anybody would say by how many percent the one is above the other."""
    return 0 < low < high and 100 * (high - low) <= _MOST_PERCENT * low
