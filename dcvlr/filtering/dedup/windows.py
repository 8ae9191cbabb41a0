"""How much of each window of one picture another one of the same size does not explain.

The tones of one are translated into those of the other by the best increasing curve (pool adjacent violators). What
remains is set against the structure of its window.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcvlr.records import Pixels

Plane = NDArray[np.float32]
RelativePoint = tuple[float, float]
"""Across and down, as shares of the width and the height."""

WINDOW_PX = 20
"""Two or three letters of a page's body text."""
# Windows begin at every fourth pixel first: the worst of them may have a quarter less than the worst of all.
_COARSE_PX = 4
_DOUBTFUL = 0.3, 1.0  # what such windows find; then they begin at every pixel
_LIGHT_PX = 84  # what changes more slowly than this is light
_OFFSET = 20.0  # grey levels by which a window as a whole may be lighter: paper beside a shadow, cut off at white
_NOISE = 10.0  # grey levels; JPEG at quality 30 leaves about 5 in fine texture
_STRUCTURE = 0.35  # how much of the contrast within a window is forgiven, being where resampling and JPEG err most
_FLAT = 24.0  # grey levels from the lightest to the darkest spot below which there are no tones to translate
_WHITE, _NEARLY_WHITE = 250, 215  # grey levels
_PAPER = 240
_STEPS = 32  # of the tone curve


class Unexplained(NamedTuple):
    """The share of each window that is not explained, against noise and structure; windows are `step` pixels apart."""

    shares: Plane
    step: int

    @property
    def most(self) -> float:
        return float(self.shares.max(initial=0.0))

    def worst(self, count: int) -> list[RelativePoint]:
        """The middles of the windows that are explained least, none of them inside another."""
        import cv2

        left, found = self.shares.copy(), []
        height, width = left.shape
        apart = WINDOW_PX // self.step
        for _ in range(count):
            _, share, _, (x, y) = cv2.minMaxLoc(left)
            if share <= 0:
                break
            found.append(((x + 0.5) / width, (y + 0.5) / height))
            left[max(0, y - apart) : y + apart + 1, max(0, x - apart) : x + apart + 1] = 0
        return found


def unexplained(known: Pixels, seen: Pixels) -> Unexplained:
    """Of the windows of `seen` what `known` does not explain."""
    import cv2

    if _is_plain(known) and _is_plain(seen):  # a plain surface has its own colour and nothing else
        apart = cv2.subtract(seen, known, dtype=cv2.CV_32F)
        return Unexplained(_across(_window_mean(apart * apart, 1)) * np.float32(1 / _NOISE**2), 1)
    expected = _translated(known, seen)
    errors, planes = _errors(seen, expected), (seen.astype(np.float32), expected.astype(np.float32))
    found = _by_window(errors, *planes, _COARSE_PX)
    return _by_window(errors, *planes, 1) if _DOUBTFUL[0] < found.most < _DOUBTFUL[1] else found


def _by_window(errors: Plane, seen: Plane, expected: Plane, step: int) -> Unexplained:
    """Of the windows that begin at every `step`-th pixel."""
    if min(seen.shape[:2]) < WINDOW_PX:
        step = 1
    structure: Plane = np.maximum(_variance(seen, step), _variance(expected, step))
    return Unexplained(_disagreement(errors, step) / (_STRUCTURE * structure + _NOISE**2), step)


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

    return np.asarray(cv2.blur(cells, (WINDOW_PX // side,) * 2), np.float32)
