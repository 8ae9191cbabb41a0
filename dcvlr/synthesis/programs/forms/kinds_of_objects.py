"""Questions about kinds of objects as sets: animals and vehicles together, kinds of which there are several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from dcvlr.synthesis.programs.expressions import Call, Column, Expression, KindGroup, call
from dcvlr.synthesis.programs.forms.form import Form

_FEWEST = 3  # kinds from which on sets of them are asked for


def about_kinds(c: Column, groups: Sequence[KindGroup]) -> Iterator[Form]:
    """`c` counts the objects of each kind; of `groups` every member that is there has a row in it."""
    several = call("several", c)
    if len(c.entries) >= _FEWEST:
        yield Form(kind="several_names", program=call("names", several), names={"c": c}, closed=True)
        yield Form(kind="several_count", program=call("count", several), names={"c": c})
    for g in groups:
        yield from _one_group(c, g, several)
    for g, h in permutations(groups, 2):
        yield from _two_groups(c, g, h)


def _one_group(c: Column, g: KindGroup, several: Call) -> Iterator[Form]:
    part = call("among", c, g)
    names: dict[str, Expression] = {"c": c, "g": g}
    kinds = sum(one.label in g.members for one in c.entries)
    if _total(c, g) > 1:
        yield Form(kind="group_count", program=call("sum", part), names=names)
    if kinds >= 2:
        yield Form(kind="group_kinds", program=call("count", part), names=names)
        yield Form(kind="group_most", program=call("argmax", part), names=names, closed=True)
        both = call("both", part, several)
        yield Form(kind="group_several", program=call("names", both), names=names, closed=True)
    if kinds < len(c.entries) >= _FEWEST:
        others = call("excluding", c, part)
        yield Form(kind="group_left_out", program=call("sum", others), names=names)
        yield Form(kind="group_others", program=call("names", others), names=names, closed=True)


def _total(c: Column, g: KindGroup) -> int:
    return int(sum(one.value.number for one in c.entries if one.label in g.members))


def _two_groups(c: Column, g: KindGroup, h: KindGroup) -> Iterator[Form]:
    """Where one of them has several kinds: else it is the kinds themselves that are asked for."""
    if sum(entry.label in g.members | h.members for entry in c.entries) < _FEWEST:
        return
    one, other = call("among", c, g), call("among", c, h)
    names: dict[str, Expression] = {"c": c, "g": g, "h": h}
    yield Form(kind="groups_more", program=call("more", call("sum", one), call("sum", other)), names=names)
    if _total(c, g) > _total(c, h):
        apart = call("difference", call("sum", one), call("sum", other))
        yield Form(kind="groups_difference", program=apart, names=names)
    if g.name < h.name:
        either = call("either", one, other)
        yield Form(kind="groups_together", program=call("sum", either), names=names)
        if len(c.entries) > sum(entry.label in g.members | h.members for entry in c.entries):
            yield Form(kind="groups_names", program=call("names", either), names=names, closed=True)
