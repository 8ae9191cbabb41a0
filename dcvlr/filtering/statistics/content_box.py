"""Where the content of a picture is: inside its plain borders."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PixelBox = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels; right and bottom are the first outside."""


class _Plain(NamedTuple):
    """What a plain line may have beside its colour: grey levels apart, and the share of pixels that are further."""

    tolerance: int
    specks: float


_NOISY = _Plain(tolerance=24, specks=0.005)  # noise of a scanner or of JPEG, and dust
_DRAWN = _Plain(tolerance=3, specks=0)  # of one tone, which paper scanned nearly as light is not
_FRINGED = _Plain(tolerance=4, specks=0.02)  # with what JPEG at a low quality makes of its inner end
_FRINGE_PX = 4
_LEAST_PX = 16
_LINES = 32  # looked at at a time
_LEAST_SHARE = 1 / 9  # of the longer side: what is smaller is a speck on an empty page, not its content


def content_box(grey: NDArray[np.uint8]) -> PixelBox:
    """The part of a grey picture that is left when plain lines are trimmed, of the colour that most sides begin with.

    The lightest where as many begin with another: a page whose head reaches its edge ends in paper below. The whole
    picture where nothing is left, or too little to be told from a speck. Where a side was trimmed one more line goes,
    which a scaled picture mixes of border and content. A drawn border ends where its tone does, so that a page on
    paper nearly as light is left whole; only where not all sides have such a one noise counts as plain.
    """
    sides = _border(grey)
    noisy, drawn = _trimmed(grey, sides, _NOISY), _trimmed(grey, sides, _DRAWN)
    if _has_border(grey, noisy) != _has_border(grey, drawn):
        return noisy
    fringed = _trimmed(grey, sides, _FRINGED)
    return fringed if max(abs(a - b) for a, b in zip(drawn, fringed, strict=True)) <= _FRINGE_PX else drawn


def innermost_box(grey: NDArray[np.uint8], box: PixelBox) -> PixelBox:
    """What is left of a content box when borders inside it are trimmed, too: a page's margins in a black frame."""
    left, top, right, bottom = box
    inside = content_box(grey[top:bottom, left:right])
    if inside == (0, 0, right - left, bottom - top):
        return box
    return innermost_box(grey, (left + inside[0], top + inside[1], left + inside[2], top + inside[3]))


def _trimmed(grey: NDArray[np.uint8], sides: Sequence[str], plain: _Plain) -> PixelBox:
    height, width = grey.shape
    bounds = {"top": 0, "bottom": height, "left": 0, "right": width}
    least = max(_LEAST_PX, max(width, height) * _LEAST_SHARE)
    for side in sides:
        lines = _seen_from(side, grey[bounds["top"] : bounds["bottom"], bounds["left"] : bounds["right"]])
        trimmed = _plain_lines(lines, plain)
        if len(lines) - trimmed < least:
            return (0, 0, width, height)
        bounds[side] += trimmed if side in ("top", "left") else -trimmed
    return (bounds["left"], bounds["top"], bounds["right"], bounds["bottom"])


def _has_border(grey: NDArray[np.uint8], box: PixelBox) -> tuple[bool, ...]:
    """Of left, top, right and bottom."""
    height, width = grey.shape
    return tuple(edge != end for edge, end in zip(box, (0, 0, width, height), strict=True))


def _border(grey: NDArray[np.uint8]) -> list[str]:
    """The sides whose outermost line is plain and of one colour, the largest such group."""
    colours = {}
    for side in ("top", "bottom", "left", "right"):
        line = _seen_from(side, grey)[:1]
        if _plain_lines(line, _NOISY):
            colours[side] = _colour(line[0])
    groups = [
        [side for side in colours if abs(colours[side] - colour) <= _NOISY.tolerance] for colour in colours.values()
    ]
    return max(groups, key=lambda group: (len(group), max(colours[side] for side in group)), default=[])


def _seen_from(side: str, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lines from that side on."""
    lines = pixels if side in ("top", "bottom") else pixels.T
    return lines if side in ("top", "left") else lines[::-1]


def _colour(line: NDArray[np.uint8]) -> float:
    """The median; NumPy's own takes ten times as long for a single line."""
    ordered = np.sort(line)
    return (float(ordered[(len(line) - 1) // 2]) + float(ordered[len(line) // 2])) / 2


def _plain_lines(lines: NDArray[np.uint8], plain: _Plain) -> int:
    """How many lines from the first on have its colour all along."""
    colour = _colour(lines[0])
    darkest = max(0, math.ceil(colour - plain.tolerance))
    span = min(255, math.floor(colour + plain.tolerance)) - darkest
    found, count = 0, 1  # most pictures have no border: their first line says so
    while found < len(lines):
        block = lines[found : found + count]
        apart = (block - np.uint8(darkest)) > np.uint8(span)  # a darker level wraps round to a light one
        filled = np.flatnonzero(apart.sum(axis=1, dtype=np.int32) > plain.specks * lines.shape[1])
        if filled.size:
            found += int(filled[0])
            break
        found, count = found + len(block), _LINES
    return found + (found > 1)
