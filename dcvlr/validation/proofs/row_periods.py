"""Whether rows are months, days of the week or years in a row; written apart from the writer's own."""

from __future__ import annotations

from collections.abc import Sequence

_CYCLES = (
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
)


def in_a_row(labels: Sequence[str]) -> bool:
    """Each is the one right after the one before; a year or a week is gone through once at most."""
    if all(label.isdigit() for label in labels):
        return [int(label) for label in labels] == list(range(int(labels[0]), int(labels[0]) + len(labels)))
    short = [label.lower()[:3] for label in labels]
    return any(set(short) <= set(cycle) and _turned(cycle, short[0])[: len(short)] == short for cycle in _CYCLES)


def _turned(cycle: list[str], first: str) -> list[str]:
    start = cycle.index(first)
    return cycle[start:] + cycle[:start]
