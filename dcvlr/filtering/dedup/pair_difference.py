"""Two pictures looked at side by side, remembered like any other signal."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta
from PIL import Image

from dcvlr.filtering.dedup.difference import UNLIKE, difference
from dcvlr.filtering.statistics.content_box import content_box
from dcvlr.identity import digest, speed
from dcvlr.images import read_picture
from dcvlr.records import Decode, Failure, ImageRecord, Pixels, Record
from dcvlr.settings import Count, checked

_SURE = 0.3  # a smaller difference is not looked for
_DECODED = 1.5  # times the side that is compared: a content box has most of it left


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


@dataclass(frozen=True, kw_only=True)
@checked
class PairDifference:
    """The difference of whole or content of one picture to whole or content of the other, whichever is smallest."""

    name: ClassVar[str] = "pair_difference"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Difference

    side: Annotated[int, Meta(ge=64)]
    batch_size: Count = speed()
    threads: Count = speed()

    def check_ready(self) -> None:
        """Needs core dependencies alone."""

    def __call__(self, items: Sequence[PicturePair], /) -> list[Difference | Failure]:
        images = {image.id: image for item in items for image in (item.first, item.second)}
        with ThreadPoolExecutor(self.threads) as pool:
            views = dict(zip(images, pool.map(self._views, images.values()), strict=True))
            return list(pool.map(lambda item: self._difference(views[item.first.id], views[item.second.id]), items))

    def _views(self, image: ImageRecord) -> list[Pixels] | Failure:
        """The content first, since frames are common and content alone has an edge to be laid on, then the whole."""
        picture = read_picture(image, Decode(max_side=round(self.side * _DECODED)))
        if isinstance(picture, Failure):
            return picture
        left, top, right, bottom = content_box(np.asarray(Image.fromarray(picture.pixels).convert("L")))
        content = picture.pixels[top:bottom, left:right]
        return [picture.pixels] if content.shape == picture.pixels.shape else [picture.pixels, content]

    def _difference(self, first: list[Pixels] | Failure, second: list[Pixels] | Failure) -> Difference | Failure:
        if isinstance(first, Failure):
            return first
        if isinstance(second, Failure):
            return second
        least = UNLIKE
        for one in first:
            for other in second:
                least = min(least, difference(one, other, self.side, _SURE))
                if least <= _SURE:
                    return Difference(value=least)
        return Difference(value=least)
