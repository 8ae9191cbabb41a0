"""Operations on objects and on sets of kinds, written apart from the writer's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from msgspec.structs import replace

from dcvlr.records import Box
from dcvlr.validation.proofs.evidence import Cited, ProofRow, UnprovenError, require


def require_sections(cited: Cited, sections: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Raises `UnprovenError` unless the entries of each section stand below its heading and above the next one."""
    placed = [(cited.placed(head), [cited.placed(ref) for ref in refs]) for head, refs in sections]
    for ((x, y, width, _), entries), (head, refs) in zip(placed, sections, strict=True):
        if len(set(refs)) < len(refs):
            raise UnprovenError(f"an entry under {head} is counted twice")
        nexts = [other[1] for other, _ in placed if other[1] > y]
        for (u, v, wide, _), ref in zip(entries, refs, strict=True):
            stands = y < v < min(nexts, default=v + 1) and abs(x - u) < (width + wide) / 2
            if not stands:
                raise UnprovenError(f"{ref} does not stand under {head}")


def _edges(row: ProofRow) -> Box:
    assert row.box is not None
    return row.box


def _split(rows: list[ProofRow], label: str) -> tuple[Box, list[ProofRow]]:
    """The box of the row that is named, and all others."""
    require(all(row.box is not None for row in rows), "places are compared of rows without a box")
    named = [row for row in rows if row.label == label]
    if len(named) != 1:
        raise UnprovenError(f"{len(named)} rows are called {label!r}")
    return _edges(named[0]), [row for row in rows if row is not named[0]]


def _beyond(low: int, high: int, sign: int) -> Callable[[list[ProofRow], str], list[ProofRow]]:
    """Twice the middle is the sum of both edges."""

    def found(rows: list[ProofRow], label: str) -> list[ProofRow]:
        to, others = _split(rows, label)
        return [row for row in others if sign * (_edges(row)[low] + _edges(row)[high] - to[low] - to[high]) > 0]

    return found


def _meeting(rows: list[ProofRow], label: str) -> list[ProofRow]:
    (left, top, right, bottom), others = _split(rows, label)
    boxes = [(row, *_edges(row)) for row in others]
    return [row for row, x0, y0, x1, y1 in boxes if x0 < right and left < x1 and y0 < bottom and top < y1]


def _within(rows: list[ProofRow], label: str) -> list[ProofRow]:
    (left, top, right, bottom), others = _split(rows, label)
    boxes = [(row, *_edges(row)) for row in others]
    return [row for row, x0, y0, x1, y1 in boxes if left <= x0 and x1 <= right and top <= y0 and y1 <= bottom]


def _far(rows: list[ProofRow], label: str) -> list[ProofRow]:
    """The square of twice the distance does to compare by."""
    to, others = _split(rows, label)

    def apart(row: ProofRow) -> Fraction:
        a, b = (tuple(map(Fraction, box)) for box in (_edges(row), to))
        return (a[0] + a[2] - b[0] - b[2]) ** 2 + (a[1] + a[3] - b[1] - b[3]) ** 2

    return [replace(row, value=apart(row)) for row in others]


def _labels(rows: Sequence[ProofRow]) -> tuple[str, ...]:
    require(len(rows) > 0, "nothing is left")
    return tuple(sorted(row.label for row in rows))


def _belonging(rows: list[ProofRow], members: frozenset[str]) -> list[ProofRow]:
    require(isinstance(members, frozenset), "there is no such group of kinds")
    return [row for row in rows if row.label in members]


def _one_or_other(rows: list[ProofRow], others: list[ProofRow]) -> list[ProofRow]:
    there = set(_labels(rows))
    return rows + [row for row in others if row.label not in there]


OF_OBJECTS: dict[str, Callable[..., list[ProofRow] | tuple[str, ...]]] = {
    "left_of": _beyond(0, 2, -1),
    "right_of": _beyond(0, 2, 1),
    "higher_than": _beyond(1, 3, -1),
    "lower_than": _beyond(1, 3, 1),
    "overlapping": _meeting,
    "inside": _within,
    "distances": _far,
    "several": lambda rows: [row for row in rows if row.value >= 2],
    "among": _belonging,
    "either": _one_or_other,
    "excluding": lambda rows, others: [row for row in rows if row.label not in {other.label for other in others}],
    "names": _labels,
}
