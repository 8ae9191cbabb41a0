"""Two pictures looked at side by side, remembered like any other signal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from typing import Annotated, ClassVar, NamedTuple

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray
from PIL import Image

from dcvlr.filtering.dedup.alignment import laid_onto
from dcvlr.filtering.dedup.difference import NEAR, UNLIKE, difference
from dcvlr.filtering.dedup.look import Cells, lie_in_place, likeness, local_contrast
from dcvlr.filtering.statistics.basic import STATISTICS_PX
from dcvlr.filtering.statistics.content_box import content_box
from dcvlr.identity import digest, speed
from dcvlr.images import read_picture
from dcvlr.records import Decode, Failure, ImageRecord, Picture, Pixels, Record
from dcvlr.settings import Count, checked

_SURE = 0.3  # a smaller difference is not looked for
_DECODED = 1.5  # times the side that is compared: a content box has most of it left
_OTHER_CONTENT = 1.0  # copies in place stay below 0.3, and elsewhere at half the side
# Likeness of local contrast.
_HARDLY_ALIKE = 0.6
_IN_PLACE = 0.9  # with a new border it is below 0.67, in another size or light above 0.89; a crop by 2 % may be below


class PicturePair(Record, frozen=True):
    """Two pictures as one item; made by `pair_of`."""

    id: str
    first: ImageRecord
    second: ImageRecord


class Difference(Record, frozen=True):
    """How much two pictures differ in the window where they differ most; see `dcvlr.filtering.dedup.difference`."""

    value: float


def pair_of(one: ImageRecord, other: ImageRecord) -> PicturePair:
    """The same item whichever of the two comes first."""
    first, second = sorted((one, other), key=lambda image: image.id)
    return PicturePair(id=digest(f"{first.id}/{second.id}".encode()), first=first, second=second)


class PictureView(NamedTuple):
    """The whole picture or its content inside plain borders, and its local contrast."""

    pixels: Pixels
    contrast: Cells


@dataclass(frozen=True, kw_only=True)
@checked
class PairDifference:
    """The smallest difference of whole or content of one picture, or of it laid onto the other, to the other.

    Pictures of one layout lie where they are already: only their wholes are compared. Of others nearly all that show
    something else do so at half the side, and copies differ less there than at the whole one.
    """

    name: ClassVar[str] = "pair_difference"
    revision: ClassVar[int] = 5
    signal: ClassVar[type] = Difference

    side: Annotated[int, Meta(ge=64)]
    batch_size: Count = speed()
    threads: Count = speed()

    def check_ready(self) -> None:
        """Needs core dependencies alone."""

    def __call__(self, items: Sequence[PicturePair], /) -> list[Difference | Failure]:
        return _compared(items, self.threads, self._difference)

    def _difference(self, item: PicturePair) -> float | Failure:
        pictures = _read(item, Decode(max_side=self.side, resized=False))
        if isinstance(pictures, Failure):
            return pictures
        first, second = pictures
        if lie_in_place(np.array(first.file_size), np.array(second.file_size)):
            return difference(first.pixels, second.pixels, self.side, _SURE, near=_OTHER_CONTENT)
        found = _least(_views(first), _views(second), self.side // 2)
        if found > _OTHER_CONTENT:
            return found
        pictures = _read(item, Decode(max_side=round(self.side * _DECODED), resized=False))
        if isinstance(pictures, Failure):
            return pictures
        return _least(_views(pictures[0]), _views(pictures[1]), self.side)


@dataclass(frozen=True, kw_only=True)
@checked
class AlignedDifference:
    """The difference of what both pictures show, one laid onto the other; `UNLIKE` where they do not fit."""

    name: ClassVar[str] = "aligned_difference"
    revision: ClassVar[int] = 4
    signal: ClassVar[type] = Difference

    side: Annotated[int, Meta(ge=64)]
    batch_size: Count = speed()
    threads: Count = speed()

    def check_ready(self) -> None:
        """Needs core dependencies alone."""

    def __call__(self, items: Sequence[PicturePair], /) -> list[Difference | Failure]:
        return _compared(items, self.threads, self._difference)

    def _difference(self, item: PicturePair) -> float | Failure:
        pictures = _read(item, Decode(max_side=self.side))
        if isinstance(pictures, Failure):
            return pictures
        first, second = (picture.pixels for picture in pictures)
        shared = laid_onto(first, second) or laid_onto(np.ascontiguousarray(first[:, ::-1]), second)
        return UNLIKE if shared is None else difference(*shared, self.side, _SURE)


def _read(item: PicturePair, decode: Decode) -> tuple[Picture, Picture] | Failure:
    first, second = (read_picture(image, decode) for image in (item.first, item.second))
    if isinstance(first, Failure):
        return first
    return second if isinstance(second, Failure) else (first, second)


def _least(one: Sequence[PictureView], other: Sequence[PictureView], side: int) -> float:
    """The smallest difference of two views, those that look most alike first, or of one whole laid onto the other."""
    pairs = [(likeness(first.contrast, second.contrast), first, second) for first, second in product(one, other)]
    pairs.sort(key=lambda pair: -pair[0])
    least = UNLIKE
    for alike, first, second in pairs:
        if alike < min(_HARDLY_ALIKE, pairs[0][0]):
            break
        near = NEAR if alike > _IN_PLACE else _OTHER_CONTENT
        least = min(least, difference(first.pixels, second.pixels, side, _SURE, near))
        if least <= _SURE:
            return least
    if likeness(one[0].contrast, other[0].contrast) > _IN_PLACE:
        return least
    shared = laid_onto(*(_at_most(views[0].pixels, side) for views in (one, other)))
    return least if shared is None else min(least, difference(*shared, side, _SURE))


def _views(picture: Picture) -> list[PictureView]:
    small = Image.fromarray(picture.pixels).convert("L")
    small.thumbnail((STATISTICS_PX, STATISTICS_PX), Image.Resampling.BICUBIC)
    grey = np.asarray(small)
    whole = PictureView(picture.pixels, local_contrast(grey))
    left, top, right, bottom = box = content_box(grey)
    if box == (0, 0, *small.size):
        return [whole]
    return [whole, PictureView(_content(picture.pixels, grey), local_contrast(grey[top:bottom, left:right]))]


def _content(pixels: Pixels, small: NDArray[np.uint8]) -> Pixels:
    """Borders are sought in the small grey picture, as for the hashes: their noise and specks depend on the size."""
    across, down = pixels.shape[1] / small.shape[1], pixels.shape[0] / small.shape[0]
    left, top, right, bottom = content_box(small)
    return pixels[round(top * down) : round(bottom * down), round(left * across) : round(right * across)]


def _at_most(pixels: Pixels, side: int) -> Pixels:
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.BICUBIC)
    return np.asarray(image)


def _compared(
    items: Sequence[PicturePair], threads: int, compare: Callable[[PicturePair], float | Failure]
) -> list[Difference | Failure]:
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(compare, items))
    return [one if isinstance(one, Failure) else Difference(value=one) for one in found]
