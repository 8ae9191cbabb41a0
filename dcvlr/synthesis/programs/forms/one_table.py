"""Questions that join columns of one table: what the row that is first in one has in another."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations, product
from random import Random

from dcvlr.synthesis.programs.expressions import Column, Constant, call
from dcvlr.synthesis.programs.forms.form import ADDABLE, Form, form, labels, number
from dcvlr.synthesis.programs.forms.round_limits import all_limits, round_limits
from dcvlr.synthesis.scene.values import MONTH_NAMES
from dcvlr.text.question_words import QuestionWords

_FEWEST_ROWS = 3
_MOST_PAIRS = 4
_MONTH = re.compile(rf"(?:{'|'.join(MONTH_NAMES)})\.?(?: \d{{4}})?")
_FEWEST = 2  # rows within a limit, of which one is sought


def about_table(columns: Sequence[Column], words: QuestionWords, rng: Random) -> Iterator[Form]:
    pairs = list(permutations(columns, 2))
    for c, d in rng.sample(pairs, min(_MOST_PAIRS, len(pairs))):
        yield from about_pair(c, d, rng)
    for c, d in pairwise(columns):
        if _comparable(c, d):
            yield from _changes(c, d, rng)
    yield from _journeys(columns, words, rng)


def about_pair(c: Column, d: Column, rng: Random) -> Iterator[Form]:
    """Two columns with the same rows, of one table or of two."""
    yield from _looked_up(c, d, rng)
    yield from _both(c, d, rng)
    yield from _within_limit(c, d, rng)


def _looked_up(c: Column, d: Column, rng: Random) -> Iterator[Form]:
    """The value in `d` of the row that is first or last in `c`."""
    for op in ("argmax", "argmin"):
        yield form(f"lookup_{op}", call("at", d, call(op, c)), others=(c,), c=c, d=d)
    if len(c.entries) >= 4:
        n = number(rng.choice((2, 3)))
        yield form("lookup_nth", call("at", d, call("nth_largest", c, n)), others=(c,), c=c, d=d, n=n)
        high, low = call("at", d, call("argmax", c)), call("at", d, call("argmin", c))
        if d.entries[0].value.kind not in ("date",):
            yield form("lookup_difference", call("difference", high, low), others=(c,), c=c, d=d)


def _both(c: Column, d: Column, rng: Random) -> Iterator[Form]:
    """Rows that are above one limit and below another; any number of them is as likely as another."""
    if len(c.entries) < 4 or "time" in (c.entries[0].value.kind, d.entries[0].value.kind):
        return
    value = {one.label: one.value.number for one in d.entries}
    rows = [(one.value.number, value[one.label]) for one in c.entries]
    found: defaultdict[int, list[tuple[Constant, Constant]]] = defaultdict(list)
    for n, m in product(all_limits(c), all_limits(d)):
        low, high = n.value.number, m.value.number
        if low != high and (inside := sum(a > low and b < high for a, b in rows)):
            found[inside].append((n, m))
    wanted = [("count_both", "count", rng.choice(sorted(found)))] if found else []
    wanted += [("only_both", "only", 1)] if found[1] else []
    for kind, op, inside in wanted:
        n, m = rng.choice(found[inside])
        yield form(kind, call(op, call("both", call("above", c, n), call("below", d, m))), c=c, d=d, n=n, m=m)


def _within_limit(c: Column, d: Column, rng: Random) -> Iterator[Form]:
    """The row that is first in `d` among those beyond a limit in `c`."""
    if len(c.entries) < 4:
        return
    values = [one.value.number for one in c.entries]
    limits = all_limits(c)
    for side, sign in (("above", 1), ("below", -1)):
        telling = [n for n in limits if sum(sign * (value - n.value.number) > 0 for value in values) >= _FEWEST]
        if telling:
            n = rng.choice(telling)
            part = call("both", d, call(side, c, n))
            yield form(f"cheapest_{side}", call("argmin", part), c=c, d=d, n=n)
            yield form(f"dearest_{side}", call("argmax", part), c=c, d=d, n=n)


def _comparable(c: Column, d: Column) -> bool:
    """Whether two neighbouring columns count the same at two times: quarters, months, years."""
    alike = c.entries[0].value.kind == d.entries[0].value.kind == "number"
    return alike and _is_period(c.words.of) and _is_period(d.words.of)


def _is_period(name: str) -> bool:
    quarter = len(name) == 2 and name[0] == "q" and name[1].isdigit()
    return quarter or _MONTH.fullmatch(name) is not None or (name.isdigit() and len(name) == 4)


def _changes(c: Column, d: Column, rng: Random) -> Iterator[Form]:
    x = rng.choice(labels(c))
    old, new = call("at", c, x), call("at", d, x)
    before, after = (next(one.value.number for one in each.entries if one.label == x.text) for each in (c, d))
    kind = "percent_rose" if after > before else "percent_fell"
    yield form(kind, call("percent_change", new, old), c=c, d=d, x=x)
    rise = call("rise", d, c)
    yield form("most_growth", call("argmax", call("above", rise, number(0))), c=c, d=d, x=x)
    yield form("least_growth", call("argmin", rise), c=c, d=d, x=x)
    totals = call("sum", d), call("sum", c)
    yield form("total_rise", call("difference", *totals), c=c, d=d, x=x)
    yield form("total_fall", call("difference", totals[1], totals[0]), c=c, d=d, x=x)


def _journeys(columns: Sequence[Column], words: QuestionWords, rng: Random) -> Iterator[Form]:
    """When one that leaves at a time arrives after so many minutes."""
    departs = words.columns.get("departure")
    times = [
        one
        for one in columns
        if one.entries[0].value.kind == "time" and departs is not None and words.columns.get(one.words.of) == departs
    ]
    lasts = [one for one in columns if one.entries[0].value.kind == "duration"]
    if len(times) != 1 or len(lasts) != 1:
        return
    (c,), (d,) = times, lasts
    x = rng.choice(labels(c))
    yield form("arrival", call("plus_minutes", call("at", c, x), call("at", d, x)), c=c, d=d, x=x)
    yield form("first_arrival", call("argmin", call("joined", c, d)), c=c, d=d)
    yield form("last_arrival", call("argmax", call("joined", c, d)), c=c, d=d)
    for n in round_limits(c, rng):
        later = call("above", c, n)
        yield form("next_after", call("argmin", later), c=c, n=n)
        yield form("wait", call("difference", call("min", later), n), c=c, n=n)


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
