"""Questions about one column that take several steps: how far ahead, what share, what is left in between."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from random import Random

from dcvlr.synthesis.programs.expressions import Column, call
from dcvlr.synthesis.programs.forms.form import ADDABLE, Form, form, has_ratios, labels, like, number
from dcvlr.synthesis.programs.forms.one_row import is_telling
from dcvlr.synthesis.programs.forms.round_limits import all_limits, between_values, two_limits


def several_steps(c: Column, rng: Random, *, additive: bool) -> Iterator[Form]:
    n = len(c.entries)
    if n >= 3 and c.entries[0].value.kind in ADDABLE:
        yield from _ends(c, additive=additive)
    if n >= 4:
        yield from _between(c, rng)
    if n >= 5:
        three = number(3)
        yield form("order_top", call("descending", call("top", c, three)), closed=True, c=c, n=three)
    if additive and n >= 3:
        yield from _of_sums(c, rng)
    if c.words.register in ("items", "amounts") and n >= 3:
        yield from _from_the_top(c, rng)


def _ends(c: Column, *, additive: bool) -> Iterator[Form]:
    second = number(2)
    gap = call("difference", call("max", c), call("at", c, call("nth_largest", c, second)))
    yield form("lead", gap, appeal="anywhere", c=c, n=second)
    if not has_ratios(c, additive=additive):
        return
    yield form("ends_ratio", call("ratio", call("max", c), call("min", c)), appeal="contrived", c=c)
    values = [one.value.number for one in c.entries]
    if c.words.register not in ("items", "amounts") and is_telling(max(values), min(values)):
        yield form("percent_apart", call("percent_change", call("max", c), call("min", c)), c=c)


def _between(c: Column, rng: Random) -> Iterator[Form]:
    if limits := all_limits(c):
        limit = rng.choice(limits)
        share = call("percent_of", call("count", call("above", c, limit)), call("count", c))
        yield form("count_share", share, appeal="contrived", others=tuple(limits), c=c, n=limit)
    for inside, (low, high) in two_limits(c, rng):
        part = call("both", call("above", c, low), call("below", c, high))
        if inside == 1:
            yield form("only_between", call("only", part), appeal="contrived", c=c, n=low, m=high)
        else:
            yield form("count_between", call("count", part), c=c, n=low, m=high)


def _of_sums(c: Column, rng: Random) -> Iterator[Form]:
    total, top = call("sum", c), call("max", c)
    yield form("share_of_max", call("percent_of", top, total), c=c)
    x, y, z = rng.sample(labels(c), 3)
    exceed = call("difference", call("sum", call("pick", c, x, y)), call("at", c, z))
    yield form("two_exceed", exceed, appeal="contrived", c=c, x=x, y=y, z=z)
    yield from _against_the_rest(c)
    if len(c.entries) >= 4:
        second = sorted(one.value.number for one in c.entries)[-2]
        limits = [limit for limit in all_limits(c) if limit.value.number < second]
        for limit in rng.sample(limits, min(1, len(limits))):
            yield form("share_above", call("percent_of", call("sum", call("above", c, limit)), total), c=c, n=limit)


def _against_the_rest(c: Column) -> Iterator[Form]:
    """Whether the first of the order are more than all others together: the most that are not, and one more."""
    ranked = sorted((one.value.number for one in c.entries), reverse=True)
    counts = range(2, len(ranked) - 1)
    for n in counts:
        if 2 * sum(ranked[:n]) < sum(ranked) < 2 * sum(ranked[: n + 1]) and n + 1 in counts:
            for count in (n, n + 1):
                first, others = number(count), number(len(ranked) - count)
                parts = call("sum", call("top", c, first)), call("sum", call("bottom", c, others))
                yield form("top_rest", call("more", *parts), c=c, n=first, m=others)


def _from_the_top(c: Column, rng: Random) -> Iterator[Form]:
    """The running total, and what is left of a sum of money after some of the items."""
    last = number(len(c.entries) - 1)
    yield form("first", call("sum", call("first", c, last)), c=c, n=last)
    reached = list(accumulate(one.value.number for one in c.entries))
    for limit in between_values(reached, c, rng)[: len(reached) > 3]:
        yield form("until", call("count", call("until", c, limit)), c=c, n=limit)
    count = number(rng.randint(2, len(c.entries) - 1))
    for note in [note for note in (5, 10, 20, 50, 100, 200, 500) if note > reached[int(count.value.number) - 1]][:1]:
        n = like(c.entries[0].value, number(note).value.number)
        yield form("left_after", call("difference", n, call("sum", call("first", c, count))), c=c, n=n, m=count)
