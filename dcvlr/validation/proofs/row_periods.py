"""Whether rows are months, days of the week or years in their order; written apart from the writer's own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_CYCLES = (
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
)


def in_a_row(labels: Sequence[str]) -> bool:
    """Each is the one right after the one before; a year or a week is gone through once at most."""
    return _since_first(labels) == list(range(len(labels)))


def in_turn(labels: Sequence[str]) -> bool:
    """Each is later than the one before; some in between may be left out."""
    since = _since_first(labels)
    return bool(since) and all(one < other for one, other in pairwise(since))


def _since_first(labels: Sequence[str]) -> list[int]:
    """How many periods after the first each is; nothing if they are not all of one sort."""
    if all(label.isdigit() for label in labels):
        return [int(label) - int(labels[0]) for label in labels]
    short = [label.lower()[:3] for label in labels]
    cycle = next((one for one in _CYCLES if set(short) <= set(one)), [])
    return [(cycle.index(name) - cycle.index(short[0])) % len(cycle) for name in short] if cycle else []
