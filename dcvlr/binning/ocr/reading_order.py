"""The order in which a person reads lines: rows from top to bottom, left to right inside a row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from dcvlr.records import Quad

_MAX_SKEW = math.radians(45)  # a steeper line runs up or down and says nothing about the page's rows


def reading_order(quads: Sequence[Quad]) -> list[int]:
    """Indices of `quads` as they are read.

    The page is turned upright by the median slope of its long lines. A line belongs to the row above it if its centre
    is nearer to the row's middle than half of the smaller of the two heights.
    """
    skew = _skew(quads)
    placed = [_upright(quad, skew) for quad in quads]
    by_height = sorted(range(len(quads)), key=lambda i: (placed[i][1], placed[i][0], i))
    rows: list[list[int]] = []
    for i in by_height:
        if rows and _in_row(placed[i], [placed[j] for j in rows[-1]]):
            rows[-1].append(i)
        else:
            rows.append([i])
    return [i for row in rows for i in sorted(row, key=lambda i: (placed[i][0], placed[i][1], i))]


def _skew(quads: Sequence[Quad]) -> float:
    """Median angle in radians of the lines at least three times as long as high; 0 if there are none."""
    slopes = []
    for (x0, y0), (x1, y1), _, (x3, y3) in quads:
        slope = math.atan2(y1 - y0, x1 - x0)
        if math.hypot(x1 - x0, y1 - y0) >= 3 * math.hypot(x3 - x0, y3 - y0) and abs(slope) <= _MAX_SKEW:
            slopes.append(slope)
    return median(slopes) if slopes else 0.0


def _upright(quad: Quad, skew: float) -> tuple[float, float, float]:
    """Centre x, centre y and height of a line on the page turned by `-skew`."""
    cos, sin = math.cos(skew), math.sin(skew)
    ys = [y * cos - x * sin for x, y in quad]
    x, y = sum(p[0] for p in quad) / 4, sum(p[1] for p in quad) / 4
    return (x * cos + y * sin, y * cos - x * sin, max(ys) - min(ys))


def _in_row(line: tuple[float, float, float], row: Sequence[tuple[float, float, float]]) -> bool:
    middle = sum(y for _, y, _ in row) / len(row)
    return abs(line[1] - middle) < 0.5 * min(line[2], median(height for _, _, height in row))
