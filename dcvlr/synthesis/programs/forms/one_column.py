"""Questions about the values of one column: which is largest, how many, how much more, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations
from random import Random

from dcvlr.synthesis.programs.expressions import Column, Constant, Expression, Label, call
from dcvlr.synthesis.programs.forms.form import ADDABLE, Appeal, Form, form, has_ratios, labels, number
from dcvlr.synthesis.programs.forms.round_limits import all_limits, round_limits
from dcvlr.synthesis.programs.forms.several_steps import several_steps

_TRIED = 6  # rows of which three are drawn
_POINTLESS = frozenset({"mean", "range", "lead", "ratio", "ends_ratio"})


def about_column(c: Column, rng: Random, *, additive: bool) -> Iterator[Form]:
    """Every question that one column allows; rows and limits are drawn. Only `additive` values are summed."""
    n = len(c.entries)
    yield from _extremes(c, n)
    yield from _limits(c, rng, n, additive=additive)
    yield from _pairs(c, rng, additive=additive)
    if n <= 6:
        for op in ("ascending", "descending"):
            if n >= 3:
                yield form(op, call(op, c), closed=True, c=c)
    if n >= 3 and c.entries[0].value.kind in ADDABLE:
        yield form("mean", call("mean", c), c=c)
    if additive:
        yield from _sums(c, rng, n)
    yield from several_steps(c, rng, additive=additive)


def about_rows(c: Column, rng: Random) -> Iterator[Form]:
    """What can be asked of a column without some of its rows: nothing about them all."""
    named = labels(c)
    if len(named) == 1:
        yield form("at", call("at", c, named[0]), c=c, x=named[0])
        return
    yield from _pairs(c, rng, additive=False)
    if c.words.register in ("items", "amounts"):
        yield sum_of_two(c, *rng.sample(named, 2))


def worth_asking(forms: Iterable[Form]) -> Iterator[Form]:
    """Without what nobody works out of quantities, unit prices or how many entries a section has."""
    yield from (one for one in forms if one.kind not in _POINTLESS)


def _extremes(c: Column, n: int) -> Iterator[Form]:
    if n < 3:
        return
    for op in ("argmax", "argmin"):
        yield form(op, call(op, c), c=c)
    if n >= 4:
        for op in ("nth_largest", "nth_smallest"):
            yield form(op, call(op, c, number(2)), c=c, n=number(2))
    spread = call("difference", call("max", c), call("min", c))
    yield form("range", spread, c=c, a=spread.args[0], b=spread.args[1])


def _limits(c: Column, rng: Random, n: int, *, additive: bool) -> Iterator[Form]:
    """How many, and which one alone, lie above or below a round value that no row has."""
    if n < 4:
        return
    for op in ("above", "below"):
        for limit in round_limits(c, rng):
            part = call(op, c, limit)
            yield form(f"count_{op}", call("count", part), c=c, n=limit)
            yield form(f"only_{op}", call("only", part), c=c, n=limit)
            if additive and _beyond(c, limit, op) > 1:
                yield form(f"sum_{op}", call("sum", part), c=c, n=limit)
        for limit in _near_half(c, op):
            yield form(f"majority_{op}", call("majority", call(op, c, limit), c), appeal="anywhere", c=c, n=limit)


def _near_half(c: Column, op: str) -> list[Constant]:
    """The limits with just more and just less than half of the rows beyond them: a low limit alone tells nothing."""
    limits = all_limits(c)
    off = {id(limit): 2 * _beyond(c, limit, op) - len(c.entries) for limit in limits}
    found = []
    for sign in (1, -1):
        some = [limit for limit in limits if sign * off[id(limit)] > 0]
        found += sorted(some, key=lambda limit: abs(off[id(limit)]))[:1]
    return found if len(found) == 2 else []


def _beyond(c: Column, limit: Constant, op: str) -> int:
    """How many rows are above the limit, or below it."""
    sign = 1 if op == "above" else -1
    return sum(sign * (one.value.number - limit.value.number) > 0 for one in c.entries)


def _pairs(c: Column, rng: Random, *, additive: bool) -> Iterator[Form]:
    """Two or three rows held against each other."""
    named = labels(c)
    if len(named) < 2:
        return
    x, y = rng.sample(named, 2)
    a, b = call("at", c, x), call("at", c, y)
    pick = call("pick", c, x, y)
    yield form("compare_more", call("argmax", pick), closed=True, c=c, x=x, y=y)
    yield form("compare_less", call("argmin", pick), closed=True, c=c, x=x, y=y)
    yield form("more", call("more", a, b), c=c, x=x, y=y)
    yield form("at", a, c=c, x=x)
    for first, second, one, two in ((x, y, a, b), (y, x, b, a)):
        yield form("difference", call("difference", one, two), c=c, x=first, y=second)
        if has_ratios(c, additive=additive):
            yield form("ratio", call("ratio", one, two), appeal=_of_ratio(c), c=c, x=first, y=second)
    yield from _ties(c, rng)
    if len(named) >= 4:
        x, y, z = rng.sample(named, 3)
        of_three = call("pick", c, x, y, z)
        yield form("compare_three_more", call("argmax", of_three), closed=True, c=c, x=x, y=y, z=z)
        yield form("compare_three_less", call("argmin", of_three), closed=True, c=c, x=x, y=y, z=z)


def _of_ratio(c: Column) -> Appeal:
    """Who looks at a receipt asks how much more one item cost, hardly how many times as much."""
    return "contrived" if c.words.register in ("items", "amounts") else "usual"


def _ties(c: Column, rng: Random) -> Iterator[Form]:
    """Whether two rows have the same value, asked where it is as likely as not."""
    named = labels(c)
    value = {one.label: one.value.number for one in c.entries}
    pairs = [(x, y) for x in named for y in named if x.text < y.text]
    tied = [pair for pair in pairs if value[pair[0].text] == value[pair[1].text]]
    apart = [pair for pair in pairs if value[pair[0].text] != value[pair[1].text]]
    if not tied or not apart:
        return
    x, y = rng.choice(tied if rng.random() < 0.5 else apart)
    yield form("equal", call("equal", call("at", c, x), call("at", c, y)), c=c, x=x, y=y)


def _sums(c: Column, rng: Random, n: int) -> Iterator[Form]:
    named = labels(c)
    total = call("sum", c)
    x, y = rng.sample(named, 2)
    yield sum_of_two(c, x, y)
    if n < 3:
        return
    yield form("sum", total, c=c)
    yield form("without", call("sum", call("without", c, x)), c=c, x=x)
    yield form("share", call("percent_of", call("at", c, x), total), c=c, x=x)
    yield from more_than_two(c, rng)
    if n >= 4:
        yield from _sums_of_two(c, total, "top", "usual")
        yield from _sums_of_two(c, total, "bottom", "contrived")


def _sums_of_two(c: Column, total: Expression, op: str, appeal: Appeal) -> Iterator[Form]:
    """Of the first two of the order, or of the last two."""
    n = number(2)
    two = call("sum", call(op, c, n))
    yield form(f"sum_{op}", two, appeal=appeal, c=c, n=n)
    yield form(f"share_{op}", call("percent_of", two, total), appeal=appeal, c=c, n=n)


def sum_of_two(c: Column, x: Label, y: Label) -> Form:
    return form("sum_pair", call("sum", call("pick", c, x, y)), c=c, x=x, y=y)


def more_than_two(c: Column, rng: Random, *, appeal: Appeal = "contrived") -> Iterator[Form]:
    """Whether one row is more than two others together, asked where it is as likely as not."""
    named = rng.sample(labels(c), min(_TRIED, len(c.entries)))
    value = {one.label: one.value.number for one in c.entries}
    found: dict[bool, list[tuple[Label, Label, Label]]] = {True: [], False: []}
    for x, y, z in permutations(named, 3):
        apart = value[x.text] - value[y.text] - value[z.text]
        if apart and y.text < z.text:
            found[apart > 0].append((x, y, z))
    if all(found.values()):
        x, y, z = rng.choice(found[rng.random() < 0.5])
        program = call("more", call("at", c, x), call("sum", call("pick", c, y, z)))
        yield form("more_than_two", program, appeal=appeal, c=c, x=x, y=y, z=z)
