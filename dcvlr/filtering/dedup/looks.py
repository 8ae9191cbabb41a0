"""The looks of many pictures side by side: which pairs are worth another look, without decoding a picture again."""

from __future__ import annotations

from collections.abc import Sequence
from tempfile import TemporaryFile

import numpy as np
from numpy.typing import NDArray

from dcvlr.filtering.dedup.look import INK_SIDE, SCALE, SIDE, Cells, Look
from dcvlr.protocols import Signals
from dcvlr.records import Failure, ImageRecord

_WINDOW = 3  # cells of ink: a word of a page's body text

# Largest mean square of a window's difference, in standard deviations, of two pictures of one size. Copies in other
# light or quality stay below 0.62 (bench/dedup_truth.py, seed 3); of drawn pages of one layout 96 of 100 are above.
_OTHER_CONTENT = 0.7


class Looks:
    """Looks at `images` by their index; the cells lie in a file, since those of a million are 3 GB."""

    def __init__(self, images: Sequence[ImageRecord], signals: Signals[Look]) -> None:
        self._sizes = np.zeros((len(images), 2), np.int64)  # 0 x 0 where there is no look
        self._cells = _on_disk(len(images), SIDE * SIDE)
        self._ink = _on_disk(len(images), INK_SIDE * INK_SIDE)
        for row, image in enumerate(images):
            look = signals[image.id]
            if not isinstance(look, Failure):
                self._sizes[row] = look.width, look.height
                self._cells[row] = np.frombuffer(look.cells, np.int8)
                self._ink[row] = np.frombuffer(look.ink, np.int8)

    def known(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of `rows` that have a look."""
        return rows[self._sizes[rows].all(axis=1)]

    def cells(self, rows: NDArray[np.int64]) -> Cells:
        found: Cells = self._cells[rows]
        return found

    def other_content(self, one: int, other: int) -> bool:
        """Whether two pictures of one size, which lie in place therefore, differ more in a window than copies do."""
        import cv2

        if not self._sizes[one].all() or not np.array_equal(self._sizes[one], self._sizes[other]):
            return False
        apart = (self._ink[one].astype(np.float32) - self._ink[other]).reshape(INK_SIDE, INK_SIDE) / SCALE
        return float(cv2.blur(apart * apart, (_WINDOW, _WINDOW)).max()) > _OTHER_CONTENT


def _on_disk(rows: int, columns: int) -> Cells:
    if not rows:
        return np.empty((0, columns), np.int8)
    with TemporaryFile() as file:  # its name is gone at once; what is mapped stays
        return np.memmap(file, np.int8, "w+", shape=(rows, columns))
