"""How a page lies in its picture, and where its lines would stand if it lay straight."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from dcvlr.records import Box, OcrLine, Point

_LONG_ENOUGH = 2.5  # times its height: a shorter line does not tell how the page lies
_LEAST = 0.7  # degrees; less is what boxes are rounded to, and does not part a row
_MOST_OFF = 3.0  # degrees between the direction of single lines and that of the rows they stand in


def page_tilt(lines: Sequence[OcrLine], slants: Sequence[float]) -> float:
    """By how many degrees rows run down to the right; 0 for a page that lies straight.

    Single lines give it roughly (each counts by its length), what stands beside what exactly: the direction from a
    line to the next one at its right, each pair counted by its distance.
    """
    long = [
        (s, _length(line))
        for line, s in zip(lines, slants, strict=True)
        if _length(line) >= _LONG_ENOUGH * _depth(line)
    ]
    rough = weighted_median(long)
    if abs(rough) < _LEAST:
        return 0.0
    pairs = list(_beside(lines, rough))
    return round(weighted_median(pairs) if len(pairs) >= 2 else rough, 2)


def level(line: OcrLine, tilt: float, centre: Point) -> Box:
    """The box of a line after the page was turned straight around `centre`."""
    if tilt == 0:
        return line.box
    cos, sin = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    turned = [
        (centre[0] + cos * dx + sin * dy, centre[1] - sin * dx + cos * dy)
        for dx, dy in ((x - centre[0], y - centre[1]) for x, y in line.quad)
    ]
    xs, ys = zip(*turned, strict=True)
    return (min(xs), min(ys), max(xs), max(ys))


def weighted_median(values: Sequence[tuple[float, float]]) -> float:
    """The value at which half of all weight is reached; each item is (value, weight). 0 for nothing."""
    ordered = sorted(values)
    half, reached = sum(weight for _, weight in ordered) / 2, 0.0
    for value, weight in ordered:
        reached += weight
        if reached >= half:
            return value
    return 0.0


def _beside(lines: Sequence[OcrLine], rough: float) -> Iterator[tuple[float, float]]:
    centres = [_centre(line) for line in lines]
    for line, (x, y) in zip(lines, centres, strict=True):
        ahead = [
            (math.degrees(math.atan2(v - y, u - x)), math.dist((x, y), (u, v)))
            for u, v in centres
            if u - x > _length(line) / 2
        ]
        near = [(angle, distance) for angle, distance in ahead if abs(angle - rough) <= _MOST_OFF]
        if near:
            yield min(near, key=lambda one: abs(one[0] - rough))


def _length(line: OcrLine) -> float:
    return math.dist(line.quad[0], line.quad[1])


def _depth(line: OcrLine) -> float:
    return math.dist(line.quad[0], line.quad[3])


def _centre(line: OcrLine) -> Point:
    xs, ys = zip(*line.quad, strict=True)
    return (sum(xs) / 4, sum(ys) / 4)
