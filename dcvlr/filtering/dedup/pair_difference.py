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
from dcvlr.filtering.dedup.difference import UNLIKE, difference
from dcvlr.filtering.dedup.look import Cells, lie_in_place, likeness, local_contrast
from dcvlr.filtering.statistics.basic import STATISTICS_PX
from dcvlr.filtering.statistics.content_box import content_box
from dcvlr.identity import digest, speed
from dcvlr.images import read_picture
from dcvlr.records import Decode, Failure, ImageRecord, Picture, Pixels, Record
from dcvlr.settings import Count, checked

_SURE = 0.3  # a smaller difference is not looked for
_DECODED = 1.5  # times the side that is compared: a content box has most of it left
_OTHER_CONTENT = 1.0  # at half the side copies stay below 0.3; what is above it is not looked at again
_IN_PLACE = 0.8  # likeness of local contrast: with a new border it is below 0.67, in another size or light above 0.89


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


class Views(NamedTuple):
    """The whole picture, its content inside plain borders if there are any, and its local contrast."""

    pixels: list[Pixels]
    contrast: Cells


@dataclass(frozen=True, kw_only=True)
@checked
class PairDifference:
    """The smallest difference of whole or content of one picture, or of it laid onto the other, to the other.

    Pictures of one layout lie where they are already: only their wholes are compared. Nearly all that show something
    else do so at half the side, and copies differ less there than at the whole one.
    """

    name: ClassVar[str] = "pair_difference"
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
        half = self.side // 2
        pictures = _read(item, round(half * _DECODED))
        if isinstance(pictures, Failure):
            return pictures
        in_place = lie_in_place(*(picture.file_size for picture in pictures))
        compare, decoded = (_in_place, 1.0) if in_place else (_anywhere, _DECODED)
        found = compare(*pictures, half)
        if found > _OTHER_CONTENT:
            return found
        pictures = _read(item, round(self.side * decoded))
        return pictures if isinstance(pictures, Failure) else compare(*pictures, self.side)


@dataclass(frozen=True, kw_only=True)
@checked
class AlignedDifference:
    """The difference of what both pictures show, one laid onto the other; `UNLIKE` where they do not fit."""

    name: ClassVar[str] = "aligned_difference"
    revision: ClassVar[int] = 3
    signal: ClassVar[type] = Difference

    side: Annotated[int, Meta(ge=64)]
    batch_size: Count = speed()
    threads: Count = speed()

    def check_ready(self) -> None:
        """Needs core dependencies alone."""

    def __call__(self, items: Sequence[PicturePair], /) -> list[Difference | Failure]:
        return _compared(items, self.threads, self._difference)

    def _difference(self, item: PicturePair) -> float | Failure:
        pictures = _read(item, self.side)
        if isinstance(pictures, Failure):
            return pictures
        first, second = (picture.pixels for picture in pictures)
        shared = laid_onto(first, second) or laid_onto(np.ascontiguousarray(first[:, ::-1]), second)
        return UNLIKE if shared is None else difference(*shared, self.side, _SURE)


def _read(item: PicturePair, side: int) -> tuple[Picture, Picture] | Failure:
    first, second = (read_picture(image, Decode(max_side=side)) for image in (item.first, item.second))
    if isinstance(first, Failure):
        return first
    return second if isinstance(second, Failure) else (first, second)


def _in_place(first: Picture, second: Picture, side: int) -> float:
    return difference(first.pixels, second.pixels, side, _SURE, near=_OTHER_CONTENT)


def _anywhere(first: Picture, second: Picture, side: int) -> float:
    one, other = _views(first), _views(second)
    least = difference(first.pixels, second.pixels, side, _SURE)
    if least <= _SURE or likeness(one.contrast, other.contrast) > _IN_PLACE:
        return least
    for pair in list(product(one.pixels, other.pixels))[1:]:
        least = min(least, difference(*pair, side, _SURE))
        if least <= _SURE:
            return least
    shared = laid_onto(*(_at_most(picture.pixels, side) for picture in (first, second)))
    return least if shared is None else min(least, difference(*shared, side, _SURE))


def _views(picture: Picture) -> Views:
    small = Image.fromarray(picture.pixels).convert("L")
    small.thumbnail((STATISTICS_PX, STATISTICS_PX), Image.Resampling.BICUBIC)
    grey = np.asarray(small)
    content = _content(picture.pixels, grey)
    both = [picture.pixels] if content.shape == picture.pixels.shape else [picture.pixels, content]
    return Views(both, local_contrast(grey))


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
