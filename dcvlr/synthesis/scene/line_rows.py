"""Lines that stand beside each other, from the top of a page to its foot."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from dcvlr.synthesis.scene.lines import Line, Page, shared_height

_SAME_ROW = 0.6  # of the lower line's height
_RIVAL = 0.3  # from here on a line might be meant as well


@dataclass(frozen=True)
class LineRow:
    """Lines from left to right; not `is_whole` if one that is not among them stands partly beside them."""

    lines: tuple[Line, ...]
    is_whole: bool

    @property
    def top(self) -> float:
        return min(line.box[1] for line in self.lines)

    @property
    def bottom(self) -> float:
        return max(line.box[3] for line in self.lines)

    @property
    def height(self) -> float:
        return max(line.height for line in self.lines)


def rows_of(page: Page) -> list[LineRow]:
    """Every line is in exactly one row. A line that is much higher than a row's first one begins a row of its own."""
    ordered = sorted(page.lines, key=lambda line: line.middle)
    groups: list[list[Line]] = []
    for line in ordered:
        if groups and all(shared_height(line.box, other.box) >= _SAME_ROW for other in groups[-1]):
            groups[-1].append(line)
        else:
            groups.append([line])
    spans = [(min(line.box[1] for line in group), max(line.box[3] for line in group)) for group in groups]
    rows = []
    for index, group in enumerate(groups):
        near = range(max(0, index - 2), min(len(groups), index + 3))
        beside = [other for other in near if other != index and _meet(spans[index], spans[other])]
        apart = not any(shared_height(a.box, b.box) >= _RIVAL for other in beside for b in groups[other] for a in group)
        rows.append(LineRow(tuple(sorted(group, key=lambda line: line.box[0])), apart and not _overlap(group)))
    return rows


def _meet(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _overlap(group: list[Line]) -> bool:
    ordered = sorted(group, key=lambda line: line.box[0])
    return any(b.box[0] < a.box[2] - 0.5 * a.height for a, b in pairwise(ordered))
