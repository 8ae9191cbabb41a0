"""Two pictures looked at side by side, remembered like any other signal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from typing import Annotated, ClassVar, NamedTuple, TypeVar

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray
from PIL import Image

from dcvlr.filtering.dedup.alignment import laid_onto
from dcvlr.filtering.dedup.difference import UNLIKE, difference
from dcvlr.filtering.dedup.look import Cells, likeness, local_contrast
from dcvlr.filtering.statistics.basic import STATISTICS_PX
from dcvlr.filtering.statistics.content_box import content_box
from dcvlr.identity import digest, speed
from dcvlr.images import read_picture
from dcvlr.records import Decode, Failure, ImageRecord, Pixels, Record
from dcvlr.settings import Count, checked

T = TypeVar("T")

_SURE = 0.3  # a smaller difference is not looked for
_DECODED = 1.5  # times the side that is compared: a content box has most of it left
_IN_PLACE = 0.8  # likeness of local contrast: with a new border it is below 0.75, in another size or light above 0.89


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


class Seen(NamedTuple):
    """The whole picture, its content inside plain borders if there are any, its local contrast, and the file's size."""

    views: list[Pixels]
    contrast: Cells
    size: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
@checked
class PairDifference:
    """The smallest difference of whole or content of one picture, or of it laid onto the other, to the other.

    Pictures of one layout lie where they are already: only their wholes are compared.
    """

    name: ClassVar[str] = "pair_difference"
    revision: ClassVar[int] = 3
    signal: ClassVar[type] = Difference

    side: Annotated[int, Meta(ge=64)]
    batch_size: Count = speed()
    threads: Count = speed()

    def check_ready(self) -> None:
        """Needs core dependencies alone."""

    def __call__(self, items: Sequence[PicturePair], /) -> list[Difference | Failure]:
        return _compared(items, self.threads, self._read, self._difference)

    def _read(self, image: ImageRecord) -> Seen | Failure:
        picture = read_picture(image, Decode(max_side=round(self.side * _DECODED)))
        if isinstance(picture, Failure):
            return picture
        small = Image.fromarray(picture.pixels).convert("L")
        small.thumbnail((STATISTICS_PX, STATISTICS_PX), Image.Resampling.BICUBIC)
        grey = np.asarray(small)
        content = _content(picture.pixels, grey)
        views = [picture.pixels] if content.shape == picture.pixels.shape else [picture.pixels, content]
        return Seen(views, local_contrast(grey), picture.file_size)

    def _difference(self, first: Seen, second: Seen) -> float:
        least = difference(first.views[0], second.views[0], self.side, _SURE)
        if least <= _SURE or likeness(first.contrast, second.contrast) > _IN_PLACE:
            return least
        for one, other in list(product(first.views, second.views))[1:]:
            least = min(least, difference(one, other, self.side, _SURE))
            if least <= _SURE:
                return least
        shared = laid_onto(*(_at_most(view, self.side) for view in (first.views[0], second.views[0])))
        return least if shared is None else min(least, difference(*shared, self.side, _SURE))


@dataclass(frozen=True, kw_only=True)
@checked
class AlignedDifference:
    """The difference of what both pictures show, one laid onto the other; `UNLIKE` where they do not fit."""

    name: ClassVar[str] = "aligned_difference"
    revision: ClassVar[int] = 2
    signal: ClassVar[type] = Difference

    side: Annotated[int, Meta(ge=64)]
    batch_size: Count = speed()
    threads: Count = speed()

    def check_ready(self) -> None:
        """Needs core dependencies alone."""

    def __call__(self, items: Sequence[PicturePair], /) -> list[Difference | Failure]:
        return _compared(items, self.threads, self._read, self._difference)

    def _read(self, image: ImageRecord) -> Pixels | Failure:
        picture = read_picture(image, Decode(max_side=self.side))
        return picture if isinstance(picture, Failure) else picture.pixels

    def _difference(self, first: Pixels, second: Pixels) -> float:
        shared = laid_onto(first, second) or laid_onto(np.ascontiguousarray(first[:, ::-1]), second)
        return UNLIKE if shared is None else difference(*shared, self.side, _SURE)


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
    items: Sequence[PicturePair],
    threads: int,
    read: Callable[[ImageRecord], T | Failure],
    compare: Callable[[T, T], float],
) -> list[Difference | Failure]:
    """Each picture is read once a batch; a pair of which one cannot be read has its failure."""
    images = {image.id: image for item in items for image in (item.first, item.second)}

    def one(item: PicturePair) -> Difference | Failure:
        first, second = seen[item.first.id], seen[item.second.id]
        if isinstance(first, Failure):
            return first
        return second if isinstance(second, Failure) else Difference(value=compare(first, second))

    with ThreadPoolExecutor(threads) as pool:
        seen = dict(zip(images, pool.map(read, images.values()), strict=True))
        return list(pool.map(one, items))
