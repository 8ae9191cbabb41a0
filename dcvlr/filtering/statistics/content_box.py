"""Where the content of a picture is: inside its plain borders."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PixelBox = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels; right and bottom are the first outside."""

_TOLERANCE = 24  # grey levels; noise of JPEG on a plain border stays below
_SPECKS = 0.005  # share of a line's pixels that may differ and the line still be plain
_LEAST_PX = 16
_LEAST_SHARE = 1 / 9  # of the longer side: what is smaller is a speck on an empty page, not its content


def content_box(grey: NDArray[np.uint8]) -> PixelBox:
    """The part of a grey picture that is left when plain lines of each side's own colour are trimmed.

    The whole picture where nothing is left, or too little to be told from a speck. Where a side was trimmed one more
    line goes, which a scaled picture mixes of border and content.
    """
    pixels = grey.astype(np.int16)
    height, width = pixels.shape
    left, top, right, bottom = 0, 0, width, height
    least = max(_LEAST_PX, max(width, height) * _LEAST_SHARE)
    for side in ("top", "bottom", "left", "right"):
        inner = pixels[top:bottom, left:right]
        lines = inner if side in ("top", "bottom") else inner.T
        trimmed = _plain_lines(lines if side in ("top", "left") else lines[::-1])
        if len(lines) - trimmed < least:
            return (0, 0, width, height)
        left, right = left + trimmed * (side == "left"), right - trimmed * (side == "right")
        top, bottom = top + trimmed * (side == "top"), bottom - trimmed * (side == "bottom")
    return (left, top, right, bottom)


def _plain_lines(lines: NDArray[np.int16]) -> int:
    """How many lines from the first on have its colour all along."""
    specks = (np.abs(lines - np.median(lines[0])) > _TOLERANCE).mean(axis=1)
    filled = np.flatnonzero(specks > _SPECKS)
    plain = int(filled[0]) if filled.size else len(lines)
    return plain + (plain > 1)
