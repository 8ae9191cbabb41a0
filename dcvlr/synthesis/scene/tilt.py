"""How a page lies in its picture, and where its lines would stand if it lay straight."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from dcvlr.records import Box, OcrLine, Point

_LONG_ENOUGH = 2.5  # times its height: a shorter line does not tell how the page lies
_NOT_SQUARE = 1.5  # times its height: such lines tell it where there are few longer ones
_FEWEST = 4  # lines, below which they say nothing of how directions change, nor shorter ones of how a page lies
_LEAST = 0.7  # degrees; less is what boxes are rounded to, and does not part a row
_MOST_OFF = 3.0  # degrees between the direction of single lines and that of the rows they stand in
_SAME = 0.5  # degrees between rows of one page
_AS_NEAR = 1.2  # times the distance of the nearest
_PARALLEL = 0.3  # degrees off the page's tilt; what is seen from the side or bent has few such lines
_MOST_PARALLEL = 0.7  # of the length of all lines: then rows do not run apart, however single boxes slope
_MOST_DRIFT = 0.25  # of a line's height: seen from the side, rows run apart, and one tilt does not fit them all


def page_tilt(lines: Sequence[OcrLine], slants: Sequence[float]) -> float:
    """By how many degrees rows run down to the right; 0 for a page that lies straight.

    Single lines give it roughly (each counts by its length), what stands beside what exactly: the direction from a
    line to the next one at its right, each pair counted by its distance.
    """
    found = [(s, _length(line), _length(line) / max(1.0, _depth(line))) for line, s in zip(lines, slants, strict=True)]
    long = [(s, length) for s, length, shape in found if shape >= _LONG_ENOUGH]
    wide = [(s, length) for s, length, shape in found if shape >= _NOT_SQUARE]
    rough = weighted_median(wide if len(long) < _FEWEST <= len(wide) else long)
    if abs(rough) < _LEAST:
        return 0.0
    pairs = list(_beside(lines, rough))
    return round(weighted_median(pairs) if len(pairs) >= 2 else rough, 2)


def runs_apart(lines: Sequence[OcrLine], slants: Sequence[float], tilt: float) -> bool:
    """Whether rows at the top and at the foot run in directions so different that a row's ends may meet its neighbours.

    The change of direction per pixel down the page is fitted to the long lines by least squares, each weighted by the
    square of its length; what it makes at a corner of the text is held against the median height of a line.
    """
    long = [(line, s) for line, s in zip(lines, slants, strict=True) if _length(line) >= _LONG_ENOUGH * _depth(line)]
    spots = [_turned(_centre(line), tilt) for line, _ in long]
    parallel = sum(_length(line) for line, s in zip(lines, slants, strict=True) if abs(s - tilt) < _PARALLEL)
    if len(spots) < _FEWEST or parallel >= _MOST_PARALLEL * sum(map(_length, lines)):
        return False
    weights = [_length(line) ** 2 for line, _ in long]
    y, slope = (_mean(values, weights) for values in ([spot[1] for spot in spots], [s for _, s in long]))
    spread = sum(w * (spot[1] - y) ** 2 for w, spot in zip(weights, spots, strict=True))
    shared = sum(w * (spot[1] - y) * (s - slope) for w, spot, (_, s) in zip(weights, spots, long, strict=True))
    if spread == 0:
        return False
    corners = [point for line in lines for point in line.quad]
    ends = [_turned(point, tilt) for point in corners] if tilt else corners
    width, height = (max(end[i] for end in ends) - min(end[i] for end in ends) for i in (0, 1))
    drift = math.radians(abs(shared / spread) * height / 2) * width / 2
    return drift > _MOST_DRIFT * sorted(map(_depth, lines))[len(lines) // 2]


def level(line: OcrLine, tilt: float, centre: Point) -> Box:
    """The box of a line after the page was turned straight around `centre`."""
    if tilt == 0:
        return line.box
    turned = [_turned((x - centre[0], y - centre[1]), tilt) for x, y in line.quad]
    xs, ys = ([centre[i] + point[i] for point in turned] for i in (0, 1))
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
    """Directions and distances from lines to those next at their right, in the direction in which most lie.

    Where rows stand at even distances a label may be next to the value a row below as well, but one fewer are.
    """
    centres = [_centre(line) for line in lines]
    nexts = [_nexts(line, centres, rough) for line in lines]
    best, most = rough, 0
    for angle in sorted({angle for near in nexts for angle, _ in near}, key=lambda one: abs(one - rough)):
        if (count := sum(any(abs(one - angle) < _SAME for one, _ in near) for near in nexts)) > most:
            best, most = angle, count
    for near in nexts:
        if near and abs((closest := min(near, key=lambda one: abs(one[0] - best)))[0] - best) < _SAME:
            yield closest


def _nexts(line: OcrLine, centres: Sequence[Point], rough: float) -> list[tuple[float, float]]:
    """Directions and distances to what is nearest at its right, about in a `rough` direction."""
    (x, y), half = _centre(line), _length(line) / 2
    ahead = [(math.degrees(math.atan2(v - y, u - x)), math.dist((x, y), (u, v))) for u, v in centres if u - x > half]
    near = [one for one in ahead if abs(one[0] - rough) <= _MOST_OFF]
    return [one for one in near if one[1] <= _AS_NEAR * min(distance for _, distance in near)]


def _turned(point: Point, tilt: float) -> Point:
    """A point after the page was turned straight around the origin."""
    if tilt == 0:
        return point
    cos, sin = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    return (cos * point[0] + sin * point[1], cos * point[1] - sin * point[0])


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)


def _length(line: OcrLine) -> float:
    return math.dist(line.quad[0], line.quad[1])


def _depth(line: OcrLine) -> float:
    return math.dist(line.quad[0], line.quad[3])


def _centre(line: OcrLine) -> Point:
    xs, ys = zip(*line.quad, strict=True)
    return (sum(xs) / 4, sum(ys) / 4)
