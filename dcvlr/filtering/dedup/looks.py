"""The looks of many pictures side by side: which pairs are worth another look, without decoding a picture again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from tempfile import TemporaryFile, gettempdir

import numpy as np
from numpy.typing import NDArray

from dcvlr.errors import DcvlrError
from dcvlr.filtering.dedup.look import SCALE, SIDE, Cells, Look, lie_in_place
from dcvlr.protocols import Signals
from dcvlr.records import Failure, ImageRecord

_WINDOW = 3  # cells: a word of a page's body text
_POOLED = 2  # cells on a side that make one where hundreds are compared
POOLED_SIDE = SIDE // _POOLED

# Largest mean square of a window's difference, in standard deviations. Copies of one size and light have at most 0.16,
# lighter and darker ones, of all tones or of their ink alone, and those made smaller or larger 1.0; two of 105 receipts
# whose paper is cut off at white have 1.6 (bench/dedup_truth.py, seeds 3, 7, 11). Of drawn pages of one layout 95 of
# 100 are above.
_SAME_LIGHT, _OTHER_LIGHT = 0.35, 1.2
_LIGHT = 0.008  # of 1: JPEG changes the brightness by 0.005 at most, most other entries of a form by less than this


class Looks:
    """Looks at `images` by their index; the cells lie in a temporary file (TMPDIR), of a million 5 GB."""

    def __init__(self, images: Sequence[ImageRecord], signals: Signals[Look]) -> None:
        self._sizes = np.zeros((len(images), 2), np.int64)  # 0 x 0 where there is no look
        self._brightness = np.zeros(len(images))
        self._cells = _on_disk(len(images))
        self._ink = _on_disk(len(images))
        for row, image in enumerate(images):
            look = signals[image.id]
            if not isinstance(look, Failure):
                self._sizes[row] = look.width, look.height
                self._brightness[row] = look.brightness
                self._cells[row] = np.frombuffer(look.cells, np.int8)
                self._ink[row] = np.frombuffer(look.ink, np.int8)

    def known(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of `rows` that have a look."""
        return rows[self._sizes[rows].all(axis=1)]

    def pooled(self, rows: NDArray[np.int64]) -> Cells:
        """Means of neighbouring cells, POOLED_SIDE x POOLED_SIDE signed bytes for each row."""
        found: Cells = np.empty((len(rows), POOLED_SIDE * POOLED_SIDE), np.int8)
        for number, row in enumerate(rows.tolist()):
            fine = self._cells[row].reshape(POOLED_SIDE, _POOLED, POOLED_SIDE, _POOLED)
            found[number] = np.rint(fine.mean(axis=(1, 3))).ravel()
        return found

    def other_content(self, one: int, other: int) -> bool:
        """Whether two pictures that lie in place differ more in a window than copies do."""
        sizes = self._size(one), self._size(other)
        if not all(sizes[0] + sizes[1]) or not lie_in_place(*sizes):
            return False
        found = _apart(self._cells[one], self._cells[other])
        if sizes[0] == sizes[1] and abs(self._brightness[one] - self._brightness[other]) <= _LIGHT:
            return found > _SAME_LIGHT
        return found > _OTHER_LIGHT and _apart(self._ink[one], self._ink[other]) > _OTHER_LIGHT

    def _size(self, row: int) -> tuple[int, int]:
        width, height = self._sizes[row].tolist()
        return width, height


def _apart(one: Cells, other: Cells) -> float:
    """The largest mean square of a window's difference, in standard deviations."""
    import cv2

    apart = (one.astype(np.float32) - other).reshape(SIDE, SIDE) / SCALE
    return float(cv2.blur(apart * apart, (_WINDOW, _WINDOW)).max())


def _on_disk(rows: int) -> Cells:
    if not rows:
        return np.empty((0, SIDE * SIDE), np.int8)
    size = rows * SIDE * SIDE
    with TemporaryFile() as file:  # its name is gone at once; what is mapped stays
        try:
            if hasattr(os, "posix_fallocate"):  # to write where a disk is full by then would end the process
                os.posix_fallocate(file.fileno(), 0, size)
            return np.memmap(file, np.int8, "w+", shape=(rows, SIDE * SIDE))
        except OSError as error:
            where = f"{2 * size / 1e6:,.0f} MB in {gettempdir()} for the looks at {rows:,} pictures"
            raise DcvlrError(f"near-duplicates need {where} ({error.strerror}): set TMPDIR to a larger disk") from error
