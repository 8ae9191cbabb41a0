"""A closer look at one picture, for telling hundreds of one layout apart without holding each against each."""

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

SIDE = 32
_SIDE_PX = 288  # as the statistics decode it
_SURROUNDINGS = 6.0  # standard deviation, in cells, of the neighbourhood that a cell is set against
_FAINTEST = 4.0  # grey levels: below it contrast is noise
_SCALE = 32.0  # of one standard deviation in a signed byte


class Look(Record, frozen=True):
    """`cells` are SIDE x SIDE signed bytes, base64 in JSON: how much lighter a part is than its surroundings."""

    cells: bytes


@dataclass(frozen=True, kw_only=True)
@checked
class CloserLook:
    """The local contrast of a picture in SIDE x SIDE cells, whatever its size and brightness.

    Of the whole picture: a content box is found to a pixel of 288, and the frames of a form, moved by one, outweigh
    what is written into them. So in a crowd a copy with a new border is not found, and kept.
    """

    name: ClassVar[str] = "closer_look"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Look

    batch_size: Count = speed()

    @property
    def decode(self) -> Decode:
        return Decode(max_side=_SIDE_PX, grey=True)

    def check_ready(self) -> None:
        """Needs core dependencies alone."""

    def __call__(self, items: Sequence[Picture], /) -> list[Look]:
        return [Look(cells=local_contrast(picture.pixels).tobytes()) for picture in items]


def cells(look: Look) -> Cells:
    return np.frombuffer(look.cells, np.int8)


def likeness(one: Cells, other: Cells) -> float:
    """The cosine of two pictures' local contrast, -1 to 1; 0 where one has none."""
    a, b = one.astype(np.float32), other.astype(np.float32)
    lengths = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / lengths if lengths else 0.0


def local_contrast(grey: NDArray[np.uint8]) -> Cells:
    """SIDE x SIDE cells: how much lighter a part is than its surroundings, 32 for a standard deviation."""
    import cv2

    small = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    contrast = small - cv2.GaussianBlur(small, (0, 0), _SURROUNDINGS)
    scaled = contrast * (_SCALE / max(float(contrast.std()), _FAINTEST))
    found: Cells = np.rint(scaled.clip(-127, 127)).astype(np.int8)
    return found
