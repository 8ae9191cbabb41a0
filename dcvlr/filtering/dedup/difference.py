"""How much two pictures differ where they differ most, once size, brightness and small shifts are set aside.

Two pictures of one layout are alike nearly everywhere, so a mean says nothing: what counts is the window that is least
explained. Both are brought to one size and laid onto each other.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcvlr.filtering.dedup.windows import WINDOW_PX, RelativePoint, Unexplained, unexplained
from dcvlr.records import Pixels

UNLIKE = 99.0
"""The difference of pictures that cannot be laid onto each other at all."""

_ASPECT = 1.04  # sides in another ratio show another part of a scene, or another scene
_BLUR_PX = 1.0  # evens out what resampling does
_BEFORE_PX = 0.5  # blur before a picture is made smaller
_FAR_SMALLER = 2.0  # times: from there on means of pixels, which take four times as long, are taken
_CUT_TOO_MUCH = 0.01  # of a side: borders are found to a pixel of 288, and one more
_RIM_PX = 4  # left out: borders of a shifted picture are made up
_COLOURFUL = 6.0  # mean distance between the channels from which on colours count
_FITTED_PX = 256, 512  # a picture is laid onto the other at this size, and where it hardly fits, at the next
_NEARLY = 1.0  # a difference up to this
SURE = 0.3
"""A smaller difference is not looked for."""
NEAR = 12.0
"""A difference up to this may be one of position."""


Warp = NDArray[np.float32]
"""2 x 3, from places of one picture to those of another; it shifts by shares of the longer side."""


class ComparedPictures(NamedTuple):
    """Two pictures, their difference, and what is not explained in each of their windows; None of `UNLIKE` ones.

    With `warp` the first one lies on the second, where it did not at once.
    """

    first: Pixels
    second: Pixels
    value: float
    windows: Unexplained | None
    warp: Warp | None = None

    def worst(self, count: int) -> list[RelativePoint]:
        """Where they differ most."""
        return [] if self.windows is None else self.windows.worst(count)


def difference(first: Pixels, second: Pixels, side: int, enough: float, near: float = NEAR) -> float:
    """The value of `compared`."""
    return compared(first, second, side, enough, near).value


def compared(first: Pixels, second: Pixels, side: int, enough: float, near: float = NEAR) -> ComparedPictures:
    """Of two pictures, grey or RGB: 0 for equal ones, above about 0.5 where a window shows something else.

    They are compared at `side` pixels of the longer side, or that of the smaller picture. Above `enough`, up
    to `near`, it is tried whether laying one picture onto the other more carefully makes the difference smaller; what
    then hardly fits is tried once more.
    """
    pair = at_one_size(first, second, side)
    if pair is None:
        return ComparedPictures(first, second, UNLIKE, None)
    found, warp = _least_explained(*pair, enough), None
    for longer in _FITTED_PX:
        if not enough < found.most <= near or (other_warp := _fitted(*pair, longer)) is None:
            break
        laid = _least_explained(*laid_onto(*pair, other_warp), enough)
        if laid.most < found.most:
            found, warp = laid, other_warp
        near = _NEARLY
    return ComparedPictures(first, second, round(found.most, 3), found, warp)


def at_one_size(first: Pixels, second: Pixels, side: int) -> tuple[Pixels, Pixels] | None:
    """Both at `side` pixels of the longer side, or that of the smaller picture, and in grey, H x W, where one is.

    None where their sides are in another ratio.
    """
    ratios = [pixels.shape[1] / pixels.shape[0] for pixels in (first, second)]
    if max(ratios) / min(ratios) > _ASPECT:
        return None
    if not (is_colourful(first) and is_colourful(second)):
        first, second = grey_of(first), grey_of(second)
    ratio = float(np.sqrt(ratios[0] * ratios[1]))
    longer = min(side, *(max(pixels.shape[:2]) for pixels in (first, second)))
    width, height = (longer, longer / ratio) if ratio >= 1 else (longer * ratio, longer)
    size = (max(1, round(width)), max(1, round(height)))
    return _resized(first, size), _resized(second, size)


def is_colourful(pixels: Pixels) -> bool:
    """Whether there is more colour than JPEG leaves in a grey picture."""
    if pixels.ndim == 2:
        return False
    sample = pixels[::8, ::8].astype(np.int16)
    red, green, blue = sample[:, :, 0], sample[:, :, 1], sample[:, :, 2]  # NumPy is slow along a short last axis
    apart = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    return float(apart.mean()) >= _COLOURFUL


def grey_of(pixels: Pixels) -> Pixels:
    """H x W; a grey picture as it is."""
    import cv2

    return pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    import cv2

    factor = pixels.shape[1] / size[0]
    if 1 < factor < _FAR_SMALLER:
        pixels, flag = np.asarray(cv2.GaussianBlur(pixels, (3, 3), _BEFORE_PX), np.uint8), cv2.INTER_LINEAR
    else:
        flag = cv2.INTER_AREA if factor >= 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, size, interpolation=flag), np.uint8)


def _least_explained(one: Pixels, other: Pixels, enough: float) -> Unexplained:
    one, other = _blurred(one), _blurred(other)
    # What was cut off at white or black can be told from the picture that still has it, not the other way round.
    found = unexplained(one, other)
    if found.most <= enough:
        return found
    return min(found, unexplained(other, one), key=lambda windows: windows.most)


def _blurred(pixels: Pixels) -> Pixels:
    import cv2

    blurred = np.asarray(cv2.GaussianBlur(pixels, (0, 0), _BLUR_PX), np.uint8)
    return blurred[_RIM_PX:-_RIM_PX, _RIM_PX:-_RIM_PX] if min(pixels.shape[:2]) > WINDOW_PX else blurred


def _fitted(one: Pixels, other: Pixels, longer: int) -> Warp | None:
    """By which `one`, shifted, scaled and turned a little, lies on `other`; None where they do not fit.

    Source: Evangelidis and Psarakis, Parametric image alignment using enhanced correlation coefficient (2008).
    """
    import cv2

    height, width = other.shape[:2]
    scale = min(1.0, longer / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = [cv2.resize(grey_of(pixels), size, interpolation=cv2.INTER_AREA) for pixels in (one, other)]
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-5)
    try:
        _, found = cv2.findTransformECC(small[1], small[0], np.eye(2, 3, dtype=np.float32), cv2.MOTION_AFFINE, stop)
    except cv2.error:  # does not converge: nothing fits
        return None
    warp = np.asarray(found, np.float32)
    warp[:, 2] /= scale * max(width, height)
    return warp


def laid_onto(one: Pixels, other: Pixels, by: Warp) -> tuple[Pixels, Pixels]:
    """Two of one size: `one` as it lies on `other`, and that.

    Both without the edges that `one` does not reach, as far as these are what borders cut off too much or too little.
    """
    import cv2

    height, width = other.shape[:2]
    warp = by * np.array((1, 1, max(width, height)), np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = np.asarray(
        cv2.warpAffine(one, warp, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
    columns, rows = (_reached(warp[axis], axis, (width, height)) for axis in (0, 1))
    return np.ascontiguousarray(moved[rows, columns]), np.ascontiguousarray(other[rows, columns])


def _reached(warp: NDArray[np.float32], axis: int, size: tuple[int, int]) -> slice:
    """Of the columns (axis 0) or rows those that come from inside a picture of that size, but for 1 % at either end."""
    last = size[axis] - 1
    first, end = (
        [warp @ np.array([*((at, side) if axis == 0 else (side, at)), 1.0]) for side in (0, size[1 - axis] - 1)]
        for at in (0, last)
    )
    most = _CUT_TOO_MUCH * size[axis]
    start = min(most, max(0.0, -min(first)))
    stop = min(most, max(0.0, max(end) - last))
    return slice(math.ceil(start), size[axis] - math.ceil(stop))
