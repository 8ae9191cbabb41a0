"""How much two pictures differ where they differ most, once size, brightness and small shifts are set aside.

Two pictures of one layout are alike nearly everywhere, so a mean says nothing: what counts is the window that is least
explained. Both are brought to one size, laid onto each other, and the tones of one are translated into those of the
other by the best increasing curve (pool adjacent violators). What remains is set against the structure of its window.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dcvlr.records import Pixels

Plane = NDArray[np.float32]

UNLIKE = 99.0
"""The difference of pictures that cannot be laid onto each other at all."""

_ASPECT = 1.04  # sides in another ratio show another part of a scene, or another scene
_BLUR_PX = 1.0  # evens out what resampling does
_BEFORE_PX = 0.5  # blur before a picture is made smaller
_FAR_SMALLER = 2.0  # times: from there on means of pixels, which take four times as long, are taken
_COARSE_PX = (
    4  # windows begin at every fourth pixel first: the worst of them may have a quarter less than the worst of all
)
_DOUBTFUL = 0.3, 1.0  # what such windows find; then they begin at every pixel
_WINDOW_PX = 20  # two or three letters of a page's body text
_LIGHT_PX = 84  # what changes more slowly than this is light
_OFFSET = 20.0  # grey levels by which a window as a whole may be lighter: paper beside a shadow, cut off at white
_CUT_TOO_MUCH = 0.01  # of a side: borders are found to a pixel of 288, and one more
_RIM_PX = 4  # left out: borders of a shifted picture are made up
_NOISE = 10.0  # grey levels; JPEG at quality 30 leaves about 5 in fine texture
_STRUCTURE = 0.35  # how much of the contrast within a window is forgiven, being where resampling and JPEG err most
_COLOURFUL = 6.0  # mean distance between the channels from which on colours count
_FLAT = 24.0  # grey levels from the lightest to the darkest spot below which there are no tones to translate
_WHITE, _NEARLY_WHITE = 250, 215  # grey levels
_PAPER = 240
_STEPS = 32  # of the tone curve
_SHIFT_PX = 128  # a picture is laid onto the other at this size
NEAR = 12.0
"""A difference up to this may be one of position."""


def difference(first: Pixels, second: Pixels, side: int, enough: float, near: float = NEAR) -> float:
    """Of two pictures, grey or RGB: 0 for equal ones, above about 0.5 where a window shows something else.

    They are compared at `side` pixels of the longer side, or that of the smaller picture. Above `enough`, up
    to `near`, it is tried whether laying one picture onto the other more carefully makes the difference smaller.
    """
    pair = at_one_size(first, second, side)
    if pair is None:
        return UNLIKE
    one, other = pair
    found = _largest(one, other, enough)
    if enough < found <= near:
        moved = _laid_onto(one, other)
        found = found if moved is None else min(found, _largest(*moved, enough))
    return round(found, 3)


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


def _largest(one: Pixels, other: Pixels, enough: float) -> float:
    one, other = _blurred(one), _blurred(other)
    # What was cut off at white or black can be told from the picture that still has it, not the other way round.
    found = _unexplained(one, other)
    return found if found <= enough else min(found, _unexplained(other, one))


def _blurred(pixels: Pixels) -> Pixels:
    import cv2

    blurred = np.asarray(cv2.GaussianBlur(pixels, (0, 0), _BLUR_PX), np.uint8)
    return blurred[_RIM_PX:-_RIM_PX, _RIM_PX:-_RIM_PX] if min(pixels.shape[:2]) > _WINDOW_PX else blurred


def _unexplained(known: Pixels, seen: Pixels) -> float:
    """The largest share of a window of `seen` that `known` does not explain, against noise and structure."""
    import cv2

    if _is_plain(known) and _is_plain(seen):  # a plain surface has its own colour and nothing else
        apart = cv2.subtract(seen, known, dtype=cv2.CV_32F)
        return float((_across(_window_mean(apart * apart, 1)) / _NOISE**2).max(initial=0.0))
    expected = _translated(known, seen)
    errors, planes = _errors(seen, expected), (seen.astype(np.float32), expected.astype(np.float32))
    found = _worst_window(errors, *planes, _COARSE_PX)
    return _worst_window(errors, *planes, 1) if _DOUBTFUL[0] < found < _DOUBTFUL[1] else found


def _worst_window(errors: Plane, seen: Plane, expected: Plane, step: int) -> float:
    """Of the windows that begin at every `step`-th pixel."""
    if min(seen.shape[:2]) < _WINDOW_PX:
        step = 1
    structure = np.maximum(_variance(seen, step), _variance(expected, step))
    return float((_disagreement(errors, step) / (_STRUCTURE * structure + _NOISE**2)).max(initial=0.0))


def _translated(known: Pixels, seen: Pixels) -> Pixels:
    """`known` in the tones of `seen`: by one increasing curve for all channels, since other colours are no tones."""
    import cv2

    pairs = known[::2, ::2].ravel().astype(np.uint16) * np.uint16(256) + seen[::2, ::2].ravel()
    together = np.bincount(pairs, minlength=256 * 256).reshape(256, 256)  # pixels by both tones
    levels = np.arange(256)
    pixels = together.sum(axis=1)
    counts, tones, means = (
        of_tone.reshape(_STEPS, -1).sum(axis=1) for of_tone in (pixels, pixels * levels, together @ levels)
    )
    used = counts > 0
    counts = counts[used]
    curve = np.interp(levels, tones[used] / counts, _increasing(means[used] / counts, counts))
    return np.asarray(cv2.LUT(known, np.rint(curve).astype(np.uint8)), np.uint8)


def _errors(seen: Pixels, expected: Pixels) -> Plane:
    """Their difference below the tones of paper, 0 where `seen` was cut off at white or black and nearly was so before.

    Grain that was cut off at white is lighter in the mean than any curve of the tones can say.
    """
    import cv2

    cut_off = (seen >= _WHITE) & (expected >= _NEARLY_WHITE)
    cut_off |= (seen <= 255 - _WHITE) & (expected <= 255 - _NEARLY_WHITE)
    below, expected_below = np.minimum(seen, _PAPER), np.minimum(expected, _PAPER)
    np.copyto(below, expected_below, where=cut_off)
    return np.asarray(cv2.subtract(below, expected_below, dtype=cv2.CV_32F), np.float32)


def _increasing(values: NDArray[np.float64], weights: NDArray[np.int64]) -> NDArray[np.float64]:
    """The increasing sequence nearest to `values` in the weighted square (pool adjacent violators)."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        pools.append((value, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, m, i), (b, n, k) = pools.pop(), pools.pop()
            pools.append(((a * m + b * n) / (m + n), m + n, i + k))
    return np.concatenate([np.full(count, value) for value, _, count in pools])


def _variance(planes: Plane, step: int) -> Plane:
    means, squares = (_window_mean(_cells(each, step), step) for each in (planes, planes * planes))
    found: Plane = np.maximum(_across(squares - means * means), 0)
    return found


def _disagreement(errors: Plane, step: int) -> Plane:
    """Mean square of each window without what changes slowly, and without its own offset as far as that may be light.

    Light, and paper that was cut off at white, are not content.
    """
    import cv2

    means, squares = _cells(errors, step), _cells(errors * errors, step)
    slow = np.asarray(cv2.blur(means, (_LIGHT_PX // step,) * 2), np.float32)
    offset = np.minimum(np.abs(_window_mean(means - slow, step)), _OFFSET)
    left = _window_mean(squares - 2 * slow * means + slow * slow, step)
    found: Plane = np.maximum(_across(left - offset * offset), 0)
    return found


def _is_plain(pixels: Pixels) -> bool:
    """Whether no channel has a light and a dark spot: a page with one line of text is not plain."""
    import cv2

    for sample in (pixels[::8, ::8], pixels):
        ends = (cv2.minMaxLoc(channel)[:2] for channel in cv2.split(sample))  # NumPy is slow along a short last axis
        if max(lightest - darkest for darkest, lightest in ends) >= _FLAT:
            return False
    return True


def _across(planes: Plane) -> Plane:
    """The mean of the channels, H x W; several times faster than NumPy's along a short last axis."""
    import cv2

    if planes.ndim == 2:
        return planes
    return np.asarray(cv2.transform(planes, np.full((1, planes.shape[2]), 1 / planes.shape[2])), np.float32)


def _cells(planes: Plane, side: int) -> Plane:
    """Means of squares of `side` pixels."""
    import cv2

    if side == 1:
        return planes
    height, width = (length // side for length in planes.shape[:2])
    whole = planes[: height * side, : width * side]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def _window_mean(cells: Plane, side: int) -> Plane:
    """Of cells of `side` pixels."""
    import cv2

    return np.asarray(cv2.blur(cells, (_WINDOW_PX // side,) * 2), np.float32)


def _laid_onto(one: Pixels, other: Pixels) -> tuple[Pixels, Pixels] | None:
    """`one` shifted, scaled and turned a little so that it lies on `other`, and that; None where they do not fit.

    Both without the edges that `one` does not reach, as far as these are what borders cut off too much or too little.

    Source: Evangelidis and Psarakis, Parametric image alignment using enhanced correlation coefficient (2008).
    """
    import cv2

    height, width = other.shape[:2]
    scale = min(1.0, 2 * _SHIFT_PX / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = [cv2.resize(grey_of(pixels), size, interpolation=cv2.INTER_AREA) for pixels in (one, other)]
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-5)
    try:
        _, found = cv2.findTransformECC(small[1], small[0], np.eye(2, 3, dtype=np.float32), cv2.MOTION_AFFINE, stop)
    except cv2.error:  # does not converge: nothing fits
        return None
    warp = np.asarray(found, np.float32)
    warp[:, 2] /= scale
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = np.asarray(
        cv2.warpAffine(one, warp, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
    columns, rows = (_reached(warp[axis], axis, (width, height)) for axis in (0, 1))
    return np.ascontiguousarray(moved[rows, columns]), np.ascontiguousarray(other[rows, columns])


def _reached(warp: Plane, axis: int, size: tuple[int, int]) -> slice:
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
