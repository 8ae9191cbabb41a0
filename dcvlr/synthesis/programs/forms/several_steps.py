"""Questions about one column that take several steps: how far ahead, what share, what is left in between."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from random import Random

from dcvlr.synthesis.programs.expressions import Column, Constant, Expression, call
from dcvlr.synthesis.programs.forms.form import ADDABLE, Form, has_ratios, labels, like, number
from dcvlr.synthesis.programs.forms.round_limits import all_limits, between_values, two_limits

_MULTIPLES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20)


def several_steps(c: Column, rng: Random, *, additive: bool) -> Iterator[Form]:
    n = len(c.entries)
    if n >= 3 and c.entries[0].value.kind in ADDABLE:
        yield from _ends(c, rng, additive=additive)
    if n >= 4:
        yield from _between(c, rng)
    if n >= 5:
        three = number(3)
        names: dict[str, Expression] = {"c": c, "n": three}
        yield Form(kind="order_top", program=call("descending", call("top", c, three)), names=names, closed=True)
    if additive and n >= 3:
        yield from _of_sums(c, rng)
    if c.words.register in ("items", "amounts") and n >= 3:
        yield from _from_the_top(c, rng)


def _ends(c: Column, rng: Random, *, additive: bool) -> Iterator[Form]:
    second = number(2)
    gap = call("difference", call("max", c), call("at", c, call("nth_largest", c, second)))
    yield Form(kind="lead", program=gap, names={"c": c, "n": second})
    if not has_ratios(c, additive=additive):
        return
    yield Form(kind="ends_ratio", program=call("ratio", call("max", c), call("min", c)), names={"c": c})
    if (times := _multiple(c, rng)) is not None:
        program = call("more", call("max", c), call("product", call("min", c), times))
        yield Form(kind="times_least", program=program, names={"c": c, "n": times})


def _multiple(c: Column, rng: Random) -> Constant | None:
    """How many times the least value is to be exceeded: as likely as not it is; None where all would be, or none."""
    values = [one.value.number for one in c.entries]
    exceeded = [n for n in _MULTIPLES if n * min(values) < max(values)][-2:]
    too_many = [n for n in _MULTIPLES if n * min(values) > max(values)][:2]
    return number(rng.choice(rng.choice((exceeded, too_many)))) if exceeded and too_many else None


def _between(c: Column, rng: Random) -> Iterator[Form]:
    if limits := all_limits(c):
        limit = rng.choice(limits)
        share = call("percent_of", call("count", call("above", c, limit)), call("count", c))
        yield Form(kind="count_share", program=share, names={"c": c, "n": limit}, others=tuple(limits))
    for inside, (low, high) in two_limits(c, rng):
        kind, op = ("only_between", "only") if inside == 1 else ("count_between", "count")
        part = call("both", call("above", c, low), call("below", c, high))
        yield Form(kind=kind, program=call(op, part), names={"c": c, "n": low, "m": high})


def _of_sums(c: Column, rng: Random) -> Iterator[Form]:
    total, top, two = call("sum", c), call("max", c), number(2)
    yield Form(kind="share_of_max", program=call("percent_of", top, total), names={"c": c})
    yield Form(kind="sum_above_mean", program=call("sum", call("above", c, call("mean", c))), names={"c": c})
    x, y, z = rng.sample(labels(c), 3)
    exceed = call("difference", call("sum", call("pick", c, x, y)), call("at", c, z))
    yield Form(kind="two_exceed", program=exceed, names={"c": c, "x": x, "y": y, "z": z})
    if len(c.entries) >= 4:
        rest = call("difference", total, call("plus", top, call("min", c)))
        yield Form(kind="all_but_ends", program=rest, names={"c": c})
        apart = call("difference", call("sum", call("top", c, two)), call("sum", call("bottom", c, two)))
        yield Form(kind="ends_together", program=apart, names={"c": c, "n": two})
        second = sorted(one.value.number for one in c.entries)[-2]
        limits = [limit for limit in all_limits(c) if limit.value.number < second]
        for limit in rng.sample(limits, min(1, len(limits))):
            share = call("percent_of", call("sum", call("above", c, limit)), total)
            yield Form(kind="share_above", program=share, names={"c": c, "n": limit})


def _from_the_top(c: Column, rng: Random) -> Iterator[Form]:
    """The running total, and what is left of a sum of money after some of the items."""
    last = number(len(c.entries) - 1)
    yield Form(kind="first", program=call("sum", call("first", c, last)), names={"c": c, "n": last})
    reached = list(accumulate(one.value.number for one in c.entries))
    for limit in between_values(reached, c, rng)[: len(reached) > 3]:
        yield Form(kind="until", program=call("count", call("until", c, limit)), names={"c": c, "n": limit})
    count = number(rng.randint(2, len(c.entries) - 1))
    for note in [note for note in (5, 10, 20, 50, 100, 200, 500) if note > reached[int(count.value.number) - 1]][:1]:
        n = like(c.entries[0].value, number(note).value.number)
        left = call("difference", n, call("sum", call("first", c, count)))
        yield Form(kind="left_after", program=left, names={"c": c, "n": n, "m": count})
