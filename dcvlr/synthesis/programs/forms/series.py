"""Questions about two series of a chart: by how much one is ahead, where, and how often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from dcvlr.synthesis.programs.expressions import Column, call
from dcvlr.synthesis.programs.forms.form import ADDABLE, Form, form, labels, number


def about_series(columns: Sequence[Column], rng: Random) -> Iterator[Form]:
    for c, d in (columns, columns[::-1]):
        ahead = call("above", call("rise", c, d), number(0))
        yield form("series_most_ahead", call("argmax", ahead), c=c, d=d)
        yield form("series_count", call("count", ahead), c=c, d=d)
        yield form("series_majority", call("majority", ahead, c), c=c, d=d)
        yield form("series_total", call("difference", call("sum", c), call("sum", d)), c=c, d=d)
        x, y = rng.sample(labels(c), 2)
        at_c, at_d = call("at", c, x), call("at", d, x)
        if c.entries[0].value.kind in ADDABLE:
            yield form("series_share", call("percent_of", at_c, call("plus", at_c, at_d)), c=c, d=d, x=x)
            all_c = call("sum", c)
            yield form("series_share_all", call("percent_of", all_c, call("plus", all_c, call("sum", d))), c=c, d=d)
        yield form("series_difference", call("difference", at_c, at_d), c=c, d=d, x=x)
        yield form("series_more", call("more", at_c, call("at", d, y)), c=c, d=d, x=x, y=y)
    x = rng.choice(labels(columns[0]))
    c, d = columns
    yield form("series_together", call("plus", call("at", c, x), call("at", d, x)), c=c, d=d, x=x)
    yield form("series_sum_most", call("argmax", call("joined", c, d)), c=c, d=d)
    yield form("series_all", call("plus", call("sum", c), call("sum", d)), c=c, d=d)
