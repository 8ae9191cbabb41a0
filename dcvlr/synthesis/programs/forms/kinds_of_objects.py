"""Questions about kinds of objects as sets: animals and vehicles together, kinds of which there are several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from dcvlr.synthesis.programs.expressions import Column, KindGroup, OpCall, call
from dcvlr.synthesis.programs.forms.form import Form, form

_FEWEST = 3  # kinds from which on sets of them are asked for


def about_kinds(c: Column, groups: Sequence[KindGroup]) -> Iterator[Form]:
    """`c` counts the objects of each kind; of `groups` every member that is there has a row in it."""
    several = call("several", c)
    if len(c.entries) >= _FEWEST:
        yield form("several_names", call("names", several), closed=True, c=c)
        yield form("several_count", call("count", several), c=c)
    for g in groups:
        yield from _one_group(c, g, several)
    for g, h in permutations(groups, 2):
        yield from _two_groups(c, g, h)


def _one_group(c: Column, g: KindGroup, several: OpCall) -> Iterator[Form]:
    part = call("among", c, g)
    kinds = sum(one.label in g.members for one in c.entries)
    if _total(c, g) > 1:
        yield form("group_count", call("sum", part), c=c, g=g)
    if kinds >= 2:
        yield form("group_kinds", call("count", part), c=c, g=g)
        yield form("group_most", call("argmax", part), closed=True, c=c, g=g)
        yield form("group_several", call("names", call("both", part, several)), closed=True, c=c, g=g)
    if kinds < len(c.entries) >= _FEWEST:
        others = call("excluding", c, part)
        yield form("group_left_out", call("sum", others), c=c, g=g)
        yield form("group_others", call("names", others), closed=True, c=c, g=g)


def _total(c: Column, g: KindGroup) -> int:
    return int(sum(one.value.number for one in c.entries if one.label in g.members))


def _two_groups(c: Column, g: KindGroup, h: KindGroup) -> Iterator[Form]:
    """Where one of them has several kinds: else it is the kinds themselves that are asked for."""
    if sum(entry.label in g.members | h.members for entry in c.entries) < _FEWEST:
        return
    one, other = call("among", c, g), call("among", c, h)
    yield form("groups_more", call("more", call("sum", one), call("sum", other)), c=c, g=g, h=h)
    if _total(c, g) > _total(c, h):
        yield form("groups_difference", call("difference", call("sum", one), call("sum", other)), c=c, g=g, h=h)
    if g.name < h.name:
        either = call("either", one, other)
        yield form("groups_together", call("sum", either), c=c, g=g, h=h)
        if len(c.entries) > sum(entry.label in g.members | h.members for entry in c.entries):
            yield form("groups_names", call("names", either), closed=True, c=c, g=g, h=h)
