"""Questions that join two tables of one page: what the row that is first in one has in the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from random import Random

from dcvlr.synthesis.programs.expressions import Column
from dcvlr.synthesis.programs.forms.form import Form
from dcvlr.synthesis.programs.forms.one_table import about_pair

_FEWEST_ROWS = 3
_MOST_PAIRS = 4


def about_joined(tables: Sequence[Sequence[Column]], rng: Random) -> Iterator[Form]:
    """Of the columns of each table; two tables are joined where they have the same rows, in whatever order."""
    pairs = [
        (c, d)
        for one, other in permutations(tables, 2)
        for c in one
        for d in other
        if _rows(c) == _rows(d) and len(c.entries) >= _FEWEST_ROWS
    ]
    for c, d in rng.sample(pairs, min(_MOST_PAIRS, len(pairs))):
        yield from about_pair(c, d, rng)


def _rows(one: Column) -> frozenset[str]:
    return frozenset(each.label for each in one.entries)
