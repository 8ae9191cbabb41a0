"""How many people go in at what price each, where the total agrees: "Adults 2 at 28.50", "Total 57.00"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct

from dcvlr.synthesis.scene.lines import Line, Page
from dcvlr.synthesis.scene.values import Quantity, quantity

_OF_PEOPLE = r"(?:{people}) (?P<count>\d{{1,2}}) (?:at|@|x) (?P<each>\S+)"
_TOTAL = re.compile(r"total (?P<total>\S+)", re.IGNORECASE)


class Admission(Struct, frozen=True, gc=False):
    """`count` and `each` stand in the line `people`, `sum` in the line `total`."""

    people: str
    count: Quantity
    each: Quantity
    total: str
    sum: Quantity


def read_admission(page: Page, people_words: Sequence[str]) -> Admission | None:
    """None unless one line alone says it, and one alone is a total, which is the product."""
    lines = [line for line in page.lines if line.is_legible]
    of_people = _of_people(tuple(people_words))
    people = [(line, found) for line in lines if (found := of_people.fullmatch(line.text))]
    totals = [(line, value) for line in lines if (value := _total(line))]
    if len(people) != 1 or len(totals) != 1:
        return None
    (line, found), (below, total) = people[0], totals[0]
    each, count = quantity(found["each"]), Quantity("number", Decimal(found["count"]), "0|")
    if each is None or each.currency != total.currency or each.number * count.number != total.number:
        return None
    return Admission(line.ref, count, each, below.ref, total)


@lru_cache(maxsize=8)  # of each language once
def _of_people(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(_OF_PEOPLE.format(people="|".join(map(re.escape, words))), re.IGNORECASE)


def _total(line: Line) -> Quantity | None:
    found = _TOTAL.fullmatch(line.text)
    value = quantity(found["total"]) if found else None
    return value if value is not None and value.kind == "money" else None
