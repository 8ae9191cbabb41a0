"""The looks of many pictures side by side: which pairs are worth another look, without decoding a picture again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dcvlr.filtering.dedup.look import SCALE, SIDE, Look, Sizes, lie_in_place
from dcvlr.filtering.dedup.pictures import Indices
from dcvlr.protocols import Signals
from dcvlr.records import Failure, ImageRecord

Bits = NDArray[np.uint64]
"""256 for each picture, in four numbers along the last axis."""

FARTHEST = 44
"""Bits of 256 by which copies differ at most, where tones were cut off at white."""

# Bits by which copies differ that lie in place: of 84 trial pictures in other sizes, qualities, in grey and darker at
# most 16, of brighter ones whose paper is cut off at white 40. Other content in one layout is mostly 16 to 60 away
# (bench/dedup_truth.py).
_SAME_TONES = 16
_CUT_OFF = 0.03  # other share of paper: tones were cut off at white
_OTHER_LIGHT, _PAGE = 0.05, 0.5  # of other brightness, without half of it paper: single colours may have been cut off
_SHIFTED = 32  # in a crowd, where a crop or border leaves no cell in its place
_WORDS = 4

# Largest mean square of a window's difference, in standard deviations: copies of one size have at most 0.2, of another
# light 0.33, of another size 0.81; where tones were cut off it says nothing.
_WINDOW = 3  # cells: a word of a page's body text
_SAME, _RELIT, _RESIZED = 0.35, 0.5, 1.2
# Bits and window together, each as a share of its limit: of copies 1.3 and in another light 1.76, of most slides more.
_SAME_TOGETHER, _RELIT_TOGETHER = 1.4, 1.8
_LIGHT = 0.008  # of 1: JPEG changes the brightness by 0.005 at most, most other entries of a form by less than this
_BLOCK = 256  # pairs whose cells are read together
_KEPT = 8192  # pictures whose cells stay in memory, 19 MB


class Looks:
    """Looks at `images` by their index; beyond the first `most_kept` cells are read again for pairs that need them."""

    def __init__(self, images: Sequence[ImageRecord], signals: Signals[Look], most_kept: int = _KEPT) -> None:
        self.images, self._signals = images, signals
        self._sizes = np.zeros((len(images), 2), np.int64)  # 0 x 0 where there is no look
        self._tones = np.zeros((len(images), 2))
        self._bits = np.zeros((len(images), _WORDS), np.uint64)
        self._kept: list[bytes] = []
        for row, image in enumerate(images):
            look = signals[image.id]
            if row < most_kept:
                self._kept.append(b"" if isinstance(look, Failure) else look.cells)
            if not isinstance(look, Failure):
                self._sizes[row] = look.width, look.height
                self._tones[row] = look.paper, look.brightness
                self._bits[row] = np.frombuffer(look.bits, np.uint64)

    def known(self, rows: Indices) -> Indices:
        """Those of `rows` that have a look."""
        return rows[self._sizes[rows].all(axis=1)]

    def bits(self, rows: Indices) -> Bits:
        return self._bits[rows]

    def sizes(self, rows: Indices) -> Sizes:
        """Widths and heights in pixels of the file, n x 2."""
        return self._sizes[rows]

    def in_place(self, one: Indices, other: Indices) -> NDArray[np.bool_]:
        """For each pair whether it shows the same parts if it shows the same at all; True where a look is missing."""
        known = self._sizes[one].all(axis=1) & self._sizes[other].all(axis=1)
        found = np.ones(len(one), bool)
        found[known] = lie_in_place(self._sizes[one[known]], self._sizes[other[known]])
        return found

    def near(self, one: Indices, other: Indices) -> NDArray[np.bool_]:
        """For each pair of a crowd whether its bits are near enough for a copy."""
        far = self._far(one, other)
        in_place = self.in_place(one, other)
        return ~far & (in_place | (bits_apart(self._bits[one], self._bits[other]) <= _SHIFTED))

    def other_content(self, one: Indices, other: Indices) -> NDArray[np.bool_]:
        """For each pair whether it lies in place and differs more than copies do, in all or in a window."""
        known = self._sizes[one].all(axis=1) & self._sizes[other].all(axis=1)
        found = np.zeros(len(one), bool)
        found[known] = self._far(one[known], other[known])
        left = np.flatnonzero(known & ~found & self.in_place(one, other))
        limits = self._limits(one[left], other[left])
        left, limits = left[np.isfinite(limits)], limits[np.isfinite(limits)]
        shares = bits_apart(self._bits[one[left]], self._bits[other[left]]) / _SAME_TONES
        most_together = np.select([limits == _SAME, limits == _RELIT], [_SAME_TOGETHER, _RELIT_TOGETHER], np.inf)
        for start in range(0, len(left), _BLOCK):
            rows = slice(start, start + _BLOCK)
            windows = self._apart(one[left[rows]], other[left[rows]]) / limits[rows]
            found[left[rows]] = (windows > 1) | (windows + shares[rows] > most_together[rows])
        return found

    def _limits(self, one: Indices, other: Indices) -> NDArray[np.float64]:
        """How far apart copies that lie in place may be in a window."""
        is_resized = (self._sizes[one] != self._sizes[other]).any(axis=1)
        is_relit = np.abs(self._tones[one, 1] - self._tones[other, 1]) > _LIGHT
        kinds = [self._cut_off(one, other), is_resized, is_relit]
        return np.select(kinds, [np.inf, _RESIZED, _RELIT], _SAME)

    def _far(self, one: Indices, other: Indices) -> NDArray[np.bool_]:
        limits = np.where(self._cut_off(one, other), FARTHEST, _SAME_TONES)
        ours, theirs = self._bits[one], self._bits[other]
        far = ours.any(axis=1) & theirs.any(axis=1) & (bits_apart(ours, theirs) > limits)
        return far & self.in_place(one, other)

    def _cut_off(self, one: Indices, other: Indices) -> NDArray[np.bool_]:
        paper, light = np.abs(self._tones[one] - self._tones[other]).T
        no_page = np.maximum(self._tones[one, 0], self._tones[other, 0]) < _PAGE
        found: NDArray[np.bool_] = (paper > _CUT_OFF) | ((light > _OTHER_LIGHT) & no_page)
        return found

    def _apart(self, one: Indices, other: Indices) -> NDArray[np.float64]:
        """Of each pair the largest mean square of a window's difference, in standard deviations."""
        import cv2

        rows, places = np.unique(np.stack([one, other], axis=1), return_inverse=True)
        cells = [self._cells(row) for row in rows.tolist()]  # each is read once
        found = []
        for mine, theirs in places.reshape(-1, 2).tolist():
            apart = (cells[mine] - cells[theirs]) / SCALE
            found.append(float(cv2.blur(apart * apart, (_WINDOW, _WINDOW)).max()))
        return np.array(found)

    def _cells(self, row: int) -> NDArray[np.float32]:
        if row < len(self._kept):
            cells = self._kept[row]
        else:
            look = self._signals[self.images[row].id]
            assert not isinstance(look, Failure)
            cells = look.cells
        return np.frombuffer(cells, np.int8).astype(np.float32).reshape(SIDE, SIDE)


def bits_apart(one: Bits, other: Bits) -> NDArray[np.uint16]:
    """In how many of 256 bits pictures differ."""
    found: NDArray[np.uint16] = np.bitwise_count(one[..., 0] ^ other[..., 0]).astype(np.uint16)
    for word in range(1, _WORDS):
        found += np.bitwise_count(one[..., word] ^ other[..., word])
    return found
