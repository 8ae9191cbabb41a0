"""A closer look at one picture, small enough to be kept: most pages of one layout are told apart by it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dcvlr.identity import speed
from dcvlr.records import Decode, Picture, Pixels, Record
from dcvlr.settings import Count, checked

Cells = NDArray[np.int8]
Sizes = NDArray[np.signedinteger[Any] | np.floating[Any]]
"""Widths and heights, along the last axis."""

SIDE = 48
_LOOK_PX = 288
LOOK = Decode(max_side=_LOOK_PX, grey=True)
"""As the statistics decode a picture: it is decoded once for both."""

_COARSE = 4  # cells: surroundings change slowly, so they are those of fewer cells
_SURROUNDINGS = 9.0  # standard deviation, in cells, of the neighbourhood that a cell is set against
_FAINTEST = 4.0  # grey levels: below it contrast is noise
_WAVES = 16  # frequencies across and down that make the bits
_PAPER_TONES = 6  # grey levels below the lightest twentieth
ROUNDING = 0.005  # of a side; a crop by 2 % of it is no rounding
_FAR_LARGER = 1.2
SCALE = 32.0
"""One standard deviation in a signed byte."""


class Look(Record, frozen=True):
    """How much lighter a part is than its surroundings, in SIDE x SIDE signed bytes, which are base64 in JSON.

    `bits` are the signs of the 16 x 16 lowest frequencies of these cells (a discrete cosine transform, 32 bytes), all 0
    where there is hardly any contrast. `paper` is the share of pixels about as light as the lightest twentieth, which
    grows where tones are cut off at white, and `brightness` the mean grey level, 0 to 1; width and height are the
    file's.
    """

    cells: bytes
    bits: bytes
    paper: float
    brightness: float
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
@checked
class CloserLook:
    """The local contrast of a picture, whatever its size and brightness.

    Of the whole picture: a content box is found to a pixel of 288, and the frames of a form, moved by one, outweigh
    what is written into them. So in a crowd a copy with a new border is not found, and kept.
    """

    name: ClassVar[str] = "closer_look"
    revision: ClassVar[int] = 5
    signal: ClassVar[type] = Look

    batch_size: Count = speed()

    @property
    def decode(self) -> Decode:
        return LOOK

    def check_ready(self) -> None:
        """Needs core dependencies alone."""

    def __call__(self, items: Sequence[Picture], /) -> list[Look]:
        return [_look(picture) for picture in items]


def _look(picture: Picture) -> Look:
    grey, (width, height) = picture.pixels, picture.file_size
    cells = local_contrast(grey)
    tones = tones_of(grey)
    return Look(
        cells=cells.tobytes(),
        bits=bits_of(cells).tobytes(),
        paper=round(paper_share(tones), 4),
        brightness=round(float(tones @ np.arange(256)) / grey.size / 255, 4),
        width=width,
        height=height,
    )


def paper_share(tones: NDArray[np.float32]) -> float:
    """The share of pixels about as light as the lightest twentieth."""
    return float(tones[max(0, paper_level(tones) - _PAPER_TONES) :].sum() / tones.sum())


def paper_level(tones: NDArray[np.float32]) -> int:
    """The grey level that a twentieth of the pixels has or is above."""
    return int(np.searchsorted(np.cumsum(tones), 0.95 * tones.sum()))


def tones_of(grey: Pixels) -> NDArray[np.float32]:
    """How many pixels have each of the 256 grey levels."""
    import cv2

    return np.asarray(cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel(), np.float32)


def bits_of(cells: Cells) -> NDArray[np.uint8]:
    """The `bits` of a look, in 32 bytes."""
    import cv2

    contrast = cells.reshape(SIDE, SIDE).astype(np.float32)
    if _deviation(contrast) < SCALE / 2:  # fainter than the noise: its signs are chance
        return np.zeros(_WAVES * _WAVES // 8, np.uint8)
    return np.packbits(np.asarray(cv2.dct(contrast))[:_WAVES, :_WAVES] > 0)


def lie_in_place(size: Sizes, other: Sizes, rounding: float = ROUNDING) -> NDArray[np.bool_]:
    """Whether pictures of these widths and heights that hash alike show the same parts if they show the same at all.

    Pages of one layout have about one size; a copy of far other size that kept its proportions is no crop and has no
    border, since either would hash otherwise. `rounding` is the share of a side by which sizes may be off.
    """
    ratios = size / other
    across, down = ratios[..., 0], ratios[..., 1]
    is_one_size = np.abs(ratios - 1).max(axis=-1) < rounding
    is_scaled = (np.abs(across / down - 1) < rounding) & ((across <= 1 / _FAR_LARGER) | (across >= _FAR_LARGER))
    found: NDArray[np.bool_] = is_one_size | is_scaled
    return found


def likeness(one: Cells, other: Cells) -> float:
    """The cosine of two pictures' local contrast, -1 to 1; 0 where one has none."""
    a, b = one.astype(np.float32), other.astype(np.float32)
    lengths = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / lengths if lengths else 0.0


def local_contrast(grey: NDArray[np.uint8]) -> Cells:
    """SIDE x SIDE cells: how much lighter a part is than its surroundings, 32 for a standard deviation."""
    import cv2

    small = cv2.resize(_halved(grey), (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    coarse = cv2.resize(small, (SIDE // _COARSE, SIDE // _COARSE), interpolation=cv2.INTER_AREA)
    surroundings = cv2.GaussianBlur(coarse, (0, 0), _SURROUNDINGS / _COARSE)
    contrast = np.asarray(small - cv2.resize(surroundings, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.float32)
    scaled = contrast * np.float32(SCALE / max(_deviation(contrast), _FAINTEST))
    found: Cells = np.rint(scaled.clip(-127, 127)).astype(np.int8)
    return found


def _deviation(contrast: NDArray[np.float32]) -> float:
    """The standard deviation, in a tenth of NumPy's time for so few numbers."""
    import cv2

    return float(cv2.meanStdDev(contrast)[1][0, 0])


def _halved(grey: Pixels) -> Pixels:
    """Made smaller by 2, 4, … as long as the longer side has the pixels of a look: by a whole factor it is quick."""
    import cv2

    factor = 1
    while max(grey.shape) >= 2 * factor * _LOOK_PX:
        factor *= 2
    height, width = (length // factor for length in grey.shape)
    if factor == 1 or min(height, width) < SIDE:
        return grey
    whole = grey[: height * factor, : width * factor]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
