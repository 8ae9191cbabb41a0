"""Questions about the entries of a list: how many, which comes where, what stands between two."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from dcvlr.synthesis.programs.expressions import Column, Expression, Read, Words, call
from dcvlr.synthesis.programs.forms.form import Form, labels, number
from dcvlr.synthesis.scene.listings import Listing


def about_list(listed: Listing, rng: Random) -> Iterator[Form]:
    """The values of the column are how far down its rows stand."""
    found = listed.entries
    entries = tuple(Read(one.value, one.ref, one.label, one.label_ref) for one in found.entries)
    c = Column(entries, Words("entry", found.name, "list"), found.head or "")
    yield Form(kind="list_count", program=call("count", c), names={"c": c})
    yield Form(kind="list_last", program=call("argmax", c), names={"c": c})
    places = range(2, min(len(entries), 6) + 1)
    for kind, op in (("list_nth", "nth_smallest"), ("list_nth_last", "nth_largest")):
        n = number(rng.choice(places))
        yield Form(kind=kind, program=call(op, c, n), names={"c": c, "n": n})
    yield from _beside(c, rng)
    yield from _several(c, rng)


def _beside(c: Column, rng: Random) -> Iterator[Form]:
    named = labels(c)
    for kind, side, op, chosen in (
        ("list_next", "above", "argmin", named[:-1]),
        ("list_previous", "below", "argmax", named[1:]),
    ):
        x = rng.choice(chosen)
        yield Form(kind=kind, program=call(op, _beyond(side, c, x)), names={"c": c, "x": x})
    x = rng.choice(named[:-1])
    yield Form(kind="list_after", program=call("count", _beyond("above", c, x)), names={"c": c, "x": x})


def _several(c: Column, rng: Random) -> Iterator[Form]:
    named = labels(c)
    first, last = sorted(rng.sample(range(len(named)), 2))
    x, y = named[first], named[last]
    between = call("both", _beyond("above", c, x), _beyond("below", c, y))
    yield Form(kind="list_between", program=call("count", between), names={"c": c, "x": x, "y": y})
    x, y, z = rng.sample(named, 3)
    names: dict[str, Expression] = {"c": c, "x": x, "y": y}
    yield Form(kind="list_before", program=call("more", call("at", c, y), call("at", c, x)), names=names)
    three = call("pick", c, x, y, z)
    yield Form(kind="list_first_of", program=call("argmin", three), names={**names, "z": z}, closed=True)
    yield Form(kind="list_order", program=call("ascending", three), names={**names, "z": z}, closed=True)


def _beyond(side: str, c: Column, x: Expression) -> Expression:
    return call(side, call("without", c, x), call("at", c, x))
