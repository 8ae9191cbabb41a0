"""Questions about two series of a chart: by how much one is ahead, where, and how often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from dcvlr.synthesis.programs.expressions import Column, Expression, call
from dcvlr.synthesis.programs.forms.form import ADDABLE, Form, labels, number


def about_series(columns: Sequence[Column], rng: Random) -> Iterator[Form]:
    for c, d in (columns, columns[::-1]):
        both: dict[str, Expression] = {"c": c, "d": d}
        ahead = call("above", call("rise", c, d), number(0))
        yield Form(kind="series_most_ahead", program=call("argmax", ahead), names=both)
        yield Form(kind="series_count", program=call("count", ahead), names=both)
        yield Form(kind="series_majority", program=call("majority", ahead, c), names=both)
        yield Form(kind="series_total", program=call("difference", call("sum", c), call("sum", d)), names=both)
        x, y = rng.sample(labels(c), 2)
        at_c, at_d = call("at", c, x), call("at", d, x)
        names: dict[str, Expression] = {**both, "x": x}
        if c.entries[0].value.kind in ADDABLE:
            of_x = call("percent_of", at_c, call("plus", at_c, at_d))
            yield Form(kind="series_share", program=of_x, names=names)
            all_c = call("sum", c)
            of_all = call("percent_of", all_c, call("plus", all_c, call("sum", d)))
            yield Form(kind="series_share_all", program=of_all, names=both)
        yield Form(kind="series_difference", program=call("difference", at_c, at_d), names=names)
        yield Form(kind="series_more", program=call("more", at_c, call("at", d, y)), names={**names, "y": y})
    x = rng.choice(labels(columns[0]))
    c, d = columns
    both = {"c": c, "d": d, "x": x}
    yield Form(kind="series_together", program=call("plus", call("at", c, x), call("at", d, x)), names=both)
    both_sums = call("joined", c, d)
    yield Form(kind="series_sum_most", program=call("argmax", both_sums), names={"c": c, "d": d})
    yield Form(kind="series_all", program=call("plus", call("sum", c), call("sum", d)), names={"c": c, "d": d})
