"""Questions about labelled amounts of a page that is no bill: alone, two of them, and held against a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from random import Random

from dcvlr.synthesis.programs.expressions import Column, Read, call
from dcvlr.synthesis.programs.forms.form import Form, form, labels, read
from dcvlr.synthesis.scene.fields import Field
from dcvlr.synthesis.scene.tables import is_nominal

_MOST = 3


def about_amounts(fields: Sequence[Field], rng: Random) -> Iterator[Form]:
    """Of amounts in one currency also how they compare; what a number without one counts, nobody knows."""
    amounts = [_read(one) for one in fields if is_amount(one)]
    for a in amounts:
        yield form("read", a, others=tuple(amounts), a=a)
    pairs = [(a, b) for a, b in permutations(amounts, 2) if _in_one_currency(a, b)]
    for a, b in rng.sample(pairs, min(_MOST, len(pairs))):
        others = tuple(amounts)
        yield form("exceeds", call("difference", a, b), others=others, a=a, b=b)
        yield form("sum_more", call("more", a, b), appeal="filler", a=a, b=b)


def about_amounts_in(c: Column, fields: Sequence[Field], rng: Random, *, additive: bool) -> Iterator[Form]:
    """A labelled amount held against a column of amounts in the same currency."""
    alike = [a for a in map(_read, filter(is_amount, fields)) if _in_one_currency(a, c.entries[0])]
    for a in rng.sample(alike, min(_MOST, len(alike))):
        x = rng.choice(labels(c))
        yield form("field_row", call("only", call("matching", c, a)), c=c, a=a)
        yield form("field_less_most", call("difference", a, call("max", c)), c=c, a=a)
        yield form("field_less_row", call("difference", a, call("at", c, x)), c=c, a=a, x=x)
        for side in ("above", "below") if _divides(a, c) else ():
            yield form(f"field_count_{side}", call("count", call(side, c, a)), c=c, a=a)
        yield form("field_share", call("percent_of", call("at", c, x), a), c=c, a=a, x=x)
        if additive:
            yield form("field_less_all", call("difference", a, call("sum", c)), c=c, a=a)


def is_amount(one: Field) -> bool:
    """Whether a value is clearly one of how much: money, or a number written as amounts are."""
    written = one.value.kind == "money" or (one.value.kind == "number" and one.value.notation != "0|")
    return one.is_clear and written and one.value.number > 0 and not is_nominal(one.label)


def _divides(a: Read, c: Column) -> bool:
    values = [one.value.number for one in c.entries]
    return min(values) < a.value.number < max(values)


def _read(one: Field) -> Read:
    return read(one, "")


def _in_one_currency(a: Read, b: Read) -> bool:
    return a.value.kind == b.value.kind == "money" and a.value.currency == b.value.currency
