"""A closer look at one picture, small enough to be kept: most pages of one layout are told apart by it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from dcvlr.identity import speed
from dcvlr.records import Decode, Picture, Record
from dcvlr.settings import Count, checked

Cells = NDArray[np.int8]

SIDE, INK_SIDE = 32, 48
_SIDE_PX = 288  # as the statistics decode it: the pictures of both are decoded once
_SURROUNDINGS = 0.1875  # of the side: standard deviation of the neighbourhood that a cell is set against
_FAINTEST = 4.0  # grey levels: below it contrast is noise
SCALE = 32.0
"""One standard deviation in a signed byte."""


class Look(Record, frozen=True):
    """How much lighter a part is than its surroundings, in signed bytes, which are base64 in JSON.

    `cells`, SIDE x SIDE, are those of the picture, `ink`, INK_SIDE x INK_SIDE, of its tones that are darker than Otsu's
    threshold (1979), all others made equal: a lighter copy has them cut off at white. Width and height are the file's.
    """

    cells: bytes
    ink: bytes
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
@checked
class CloserLook:
    """The local contrast of a picture and of its ink, whatever its size and brightness.

    Of the whole picture: a content box is found to a pixel of 288, and the frames of a form, moved by one, outweigh
    what is written into them. So in a crowd a copy with a new border is not found, and kept.
    """

    name: ClassVar[str] = "closer_look"
    revision: ClassVar[int] = 2
    signal: ClassVar[type] = Look

    batch_size: Count = speed()

    @property
    def decode(self) -> Decode:
        return Decode(max_side=_SIDE_PX, grey=True)

    def check_ready(self) -> None:
        """Needs core dependencies alone."""

    def __call__(self, items: Sequence[Picture], /) -> list[Look]:
        return [_look(picture) for picture in items]


def _look(picture: Picture) -> Look:
    import cv2

    grey, (width, height) = picture.pixels, picture.file_size
    paper, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
    ink = local_contrast(np.minimum(grey, np.uint8(paper)), INK_SIDE)
    return Look(cells=local_contrast(grey).tobytes(), ink=ink.tobytes(), width=width, height=height)


def likeness(one: Cells, other: Cells) -> float:
    """The cosine of two pictures' local contrast, -1 to 1; 0 where one has none."""
    a, b = one.astype(np.float32), other.astype(np.float32)
    lengths = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / lengths if lengths else 0.0


def local_contrast(grey: NDArray[np.uint8], side: int = SIDE) -> Cells:
    """`side` x `side` cells: how much lighter a part is than its surroundings, 32 for a standard deviation."""
    import cv2

    small = cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    contrast = small - cv2.GaussianBlur(small, (0, 0), side * _SURROUNDINGS)
    scaled = contrast * (SCALE / max(float(contrast.std()), _FAINTEST))
    found: Cells = np.rint(scaled.clip(-127, 127)).astype(np.int8)
    return found
