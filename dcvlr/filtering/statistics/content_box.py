"""Where the content of a picture is: inside its plain borders."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

PixelBox = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels; right and bottom are the first outside."""

_TOLERANCE = 24  # grey levels; noise of JPEG on a plain border stays below
_SPECKS = 0.005  # share of a line's pixels that may differ and the line still be plain
_LEAST_PX = 16
_LINES = 32  # looked at at a time
_LEAST_SHARE = 1 / 9  # of the longer side: what is smaller is a speck on an empty page, not its content


def content_box(grey: NDArray[np.uint8]) -> PixelBox:
    """The part of a grey picture that is left when plain lines are trimmed, of the colour that most sides begin with.

    The lightest where as many begin with another: a page whose head reaches its edge ends in paper below. The whole
    picture where nothing is left, or too little to be told from a speck. Where a side was trimmed one more line goes,
    which a scaled picture mixes of border and content.
    """
    height, width = grey.shape
    bounds = {"top": 0, "bottom": height, "left": 0, "right": width}
    least = max(_LEAST_PX, max(width, height) * _LEAST_SHARE)
    for side in _border(grey):
        lines = _seen_from(side, grey[bounds["top"] : bounds["bottom"], bounds["left"] : bounds["right"]])
        trimmed = _plain_lines(lines)
        if len(lines) - trimmed < least:
            return (0, 0, width, height)
        bounds[side] += trimmed if side in ("top", "left") else -trimmed
    return (bounds["left"], bounds["top"], bounds["right"], bounds["bottom"])


def innermost_box(grey: NDArray[np.uint8], box: PixelBox) -> PixelBox:
    """What is left of a content box when borders inside it are trimmed, too: a page's margins in a black frame."""
    left, top, right, bottom = box
    inside = content_box(grey[top:bottom, left:right])
    if inside == (0, 0, right - left, bottom - top):
        return box
    return innermost_box(grey, (left + inside[0], top + inside[1], left + inside[2], top + inside[3]))


def _border(grey: NDArray[np.uint8]) -> list[str]:
    """The sides whose outermost line is plain and of one colour, the largest such group."""
    colours = {}
    for side in ("top", "bottom", "left", "right"):
        line = _seen_from(side, grey)[:1]
        if _plain_lines(line):
            colours[side] = _colour(line[0])
    groups = [[side for side in colours if abs(colours[side] - colour) <= _TOLERANCE] for colour in colours.values()]
    return max(groups, key=lambda group: (len(group), max(colours[side] for side in group)), default=[])


def _seen_from(side: str, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lines from that side on."""
    lines = pixels if side in ("top", "bottom") else pixels.T
    return lines if side in ("top", "left") else lines[::-1]


def _colour(line: NDArray[np.uint8]) -> float:
    """The median; NumPy's own takes ten times as long for a single line."""
    ordered = np.sort(line)
    return (float(ordered[(len(line) - 1) // 2]) + float(ordered[len(line) // 2])) / 2


def _plain_lines(lines: NDArray[np.uint8]) -> int:
    """How many lines from the first on have its colour all along."""
    colour = _colour(lines[0])
    darkest = max(0, math.ceil(colour - _TOLERANCE))
    span = min(255, math.floor(colour + _TOLERANCE)) - darkest
    plain, count = 0, 1  # most pictures have no border: their first line says so
    while plain < len(lines):
        block = lines[plain : plain + count]
        apart = (block - np.uint8(darkest)) > np.uint8(span)  # a darker level wraps round to a light one
        filled = np.flatnonzero(apart.sum(axis=1, dtype=np.int32) > _SPECKS * lines.shape[1])
        if filled.size:
            plain += int(filled[0])
            break
        plain, count = plain + len(block), _LINES
    return plain + (plain > 1)
