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
from dcvlr.filtering.dedup.difference import (
    NEAR,
    SURE,
    UNLIKE,
    ComparedPictures,
    compared,
    difference,
    grey_of,
    is_colourful,
)
from dcvlr.filtering.dedup.look import Cells, bits_of, lie_in_place, likeness, local_contrast
from dcvlr.filtering.dedup.looks import FARTHEST, bits_apart
from dcvlr.filtering.dedup.tiles import difference_in_tiles
from dcvlr.filtering.statistics.basic import STATISTICS_PX
from dcvlr.filtering.statistics.content_box import content_box
from dcvlr.identity import digest, speed
from dcvlr.images import read_picture
from dcvlr.records import Decode, Failure, ImageRecord, Picture, Pixels, Record
from dcvlr.settings import Count, checked

_SURELY_SAME = 0.02  # most copies of photographs are below, at 640 pixels
_DECODED = 2.0  # times the side: a content box has half of it left, and one other digit then has ten pixels
_BESIDE = 2  # lines of a small picture within which the edge of its content lies
_SHARP = 0.5
_OTHER_CONTENT = 1.0  # copies in place stay below 0.3, and elsewhere at half the side
# Likeness of local contrast.
_HARDLY_ALIKE = 0.6
_ON_EACH_OTHER = 0.96  # laid onto each other once more they would lie no better
_SURELY_PLACED = 0.93  # where one of them is inside a border
_SAME_PROPORTIONS, _CUT_OUT = 0.01, 0.003  # the second where what is inside a border was cut out to the pixel
_IN_BORDER = 20  # bits: a copy whose border is cut off differs in up to 14
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


Grey = NDArray[np.uint8]


class PictureView(NamedTuple):
    """The whole picture or its content, and its local contrast; `is_inside` is content with a border on every side."""

    pixels: Pixels
    contrast: Cells
    is_inside: bool


@dataclass(frozen=True, kw_only=True)
@checked
class PairDifference:
    """The smallest difference of whole or content of one picture, or of it laid onto the other, to the other.

    Pictures of one layout lie where they are already: only their wholes are compared. Of others nearly all that show
    something else do so at half the side, and copies differ less there than at the whole one. Since a small difference
    may be a digit, pages are looked at once more in the tiles where they differ most, at four times the side, small and
    dark ones made large and light, and other pictures in place at twice the side. All this is in grey; the colours
    follow.
    """

    name: ClassVar[str] = "pair_difference"
    revision: ClassVar[int] = 13
    signal: ClassVar[type] = Difference

    side: Annotated[int, Meta(ge=64)]
    batch_size: Count = speed()
    threads: Count = speed()

    def check_ready(self) -> None:
        """Needs core dependencies alone."""

    def __call__(self, items: Sequence[PicturePair], /) -> list[Difference | Failure]:
        return _side_by_side(items, self.threads, self._difference)

    def _difference(self, item: PicturePair) -> float | Failure:
        pictures = _read(item, Decode(max_side=round(self.side * _DECODED), resized=False))
        if isinstance(pictures, Failure):
            return pictures
        size, other_size = (np.array(picture.file_size) for picture in pictures)
        compare = _in_place if lie_in_place(size, other_size) else _wherever_alike
        first, second = (picture.pixels for picture in pictures)
        found = compare(grey_of(first), grey_of(second), self.side)
        if found > _OTHER_CONTENT or not (is_colourful(first) and is_colourful(second)):
            return found
        return max(found, compare(first, second, self.side // 2))  # what shows in colours alone has no fine strokes


@dataclass(frozen=True, kw_only=True)
@checked
class AlignedDifference:
    """The difference of what both pictures show, one laid onto the other; `UNLIKE` where they do not fit."""

    name: ClassVar[str] = "aligned_difference"
    revision: ClassVar[int] = 8
    signal: ClassVar[type] = Difference

    side: Annotated[int, Meta(ge=64)]
    batch_size: Count = speed()
    threads: Count = speed()

    def check_ready(self) -> None:
        """Needs core dependencies alone."""

    def __call__(self, items: Sequence[PicturePair], /) -> list[Difference | Failure]:
        return _side_by_side(items, self.threads, self._difference)

    def _difference(self, item: PicturePair) -> float | Failure:
        pictures = _read(item, Decode(max_side=self.side))
        if isinstance(pictures, Failure):
            return pictures
        first, second = (picture.pixels for picture in pictures)
        shared = laid_onto(first, second) or laid_onto(np.ascontiguousarray(first[:, ::-1]), second)
        return UNLIKE if shared is None else difference(*shared, self.side, SURE)


def _read(item: PicturePair, decode: Decode) -> tuple[Picture, Picture] | Failure:
    first, second = (read_picture(image, decode) for image in (item.first, item.second))
    if isinstance(first, Failure):
        return first
    return second if isinstance(second, Failure) else (first, second)


def _in_place(first: Pixels, second: Pixels, side: int) -> float:
    found = compared(first, second, side, SURE, near=_OTHER_CONTENT)
    if found.value > _OTHER_CONTENT:
        return found.value
    if (closer := difference_in_tiles(found, side)) is not None:
        return max(found.value, closer)
    if found.value <= _SURELY_SAME:
        return found.value
    return max(found.value, difference(first, second, round(side * _DECODED), SURE, near=_OTHER_CONTENT))


def _wherever_alike(first: Pixels, second: Pixels, side: int) -> float:
    one, other = _views(first), _views(second)
    found = _least(one, other, side // 2)
    if found.value > _OTHER_CONTENT:
        return found.value
    found = _least(one, other, side)
    if found.value > _OTHER_CONTENT:
        return found.value
    return max(found.value, difference_in_tiles(found, side) or 0.0)


def _least(one: Sequence[PictureView], other: Sequence[PictureView], side: int) -> ComparedPictures:
    """The smallest of two views, those that look most alike first, or of one whole laid onto the other."""
    pairs = [(likeness(first.contrast, second.contrast), first, second) for first, second in product(one, other)]
    pairs.sort(key=lambda pair: -pair[0])
    least = ComparedPictures(one[0].pixels, other[0].pixels, UNLIKE, None)
    for alike, first, second in pairs:
        if alike < min(_HARDLY_ALIKE, pairs[0][0]):
            break
        apart = _bits_apart(first, second)
        if apart > FARTHEST:
            continue
        is_other_page = apart > _IN_BORDER and _is_placed(alike, first, second)
        near = NEAR if alike > _IN_PLACE and not is_other_page else _OTHER_CONTENT
        least = min(least, compared(first.pixels, second.pixels, side, SURE, near), key=_value)
        if least.value <= SURE:
            return least
    if pairs[0][0] > _ON_EACH_OTHER or any(_is_placed(*pair) for pair in pairs):
        return least
    if one[-1].is_inside and other[-1].is_inside and _have_one_shape(one[-1], other[-1], _SAME_PROPORTIONS):
        return least
    shared = laid_onto(*(_at_most(views[0].pixels, side) for views in (one, other)))
    return least if shared is None else min(least, compared(*shared, side, SURE), key=_value)


def _value(pictures: ComparedPictures) -> float:
    return pictures.value


def _is_placed(alike: float, one: PictureView, other: PictureView) -> bool:
    """Whether one is what another has inside its border, or is another page of the layout."""
    return alike > _SURELY_PLACED and (one.is_inside or other.is_inside) and _have_one_shape(one, other, _CUT_OUT)


def _have_one_shape(one: PictureView, other: PictureView, most: float) -> bool:
    (height, width), (other_height, other_width) = one.pixels.shape[:2], other.pixels.shape[:2]
    return bool(abs(width * other_height / (height * other_width) - 1) < most)


def _bits_apart(one: PictureView, other: PictureView) -> int:
    """0 where one has hardly any contrast."""
    bits = [np.frombuffer(bits_of(view.contrast).tobytes(), np.uint64) for view in (one, other)]
    return int(bits_apart(*bits)) if all(each.any() for each in bits) else 0


def _views(pixels: Pixels) -> list[PictureView]:
    """Borders are sought in the small grey picture, as for the hashes: their noise and specks depend on the size."""
    grey = grey_of(pixels)
    small = _at_most(grey, STATISTICS_PX)
    whole = PictureView(pixels, local_contrast(small), is_inside=False)
    left, top, right, bottom = content_box(small)
    inside = (left > 0, top > 0, right < small.shape[1], bottom < small.shape[0])
    if not any(inside):
        return [whole]
    rows, columns = _ends(grey, small, top, bottom), _ends(grey.T, small.T, left, right)
    content = PictureView(pixels[rows, columns], local_contrast(grey[rows, columns]), is_inside=all(inside))
    return [whole, content]


def _ends(grey: Grey, small: Grey, first: int, last: int) -> slice:
    """Lines of the picture for those of the small one: where it was cut they begin and end at the outermost sharp edge.

    Resampling leaves the last line of a border another tone, so that the box may begin one line too early, and the
    sharpest edge may be one of the strokes of a digit that stands last.
    """
    scale = len(grey) / len(small)
    start, stop = 0, len(grey)
    if first:
        start = _sharp_edges(grey, round((first - _BESIDE) * scale), round((first + 1) * scale))[0]
    if last < len(small):
        stop = _sharp_edges(grey, round((last - 1) * scale), round((last + _BESIDE) * scale))[-1]
    return slice(start, stop)


def _sharp_edges(grey: Grey, first: int, last: int) -> list[int]:
    """The lines from `first` to `last` that differ from the one before at least half as much as any."""
    first = max(first, 1)
    lines = grey[first - 1 : last + 1].astype(np.int16)
    apart = np.abs(np.diff(lines, axis=0)).mean(axis=1)
    found: list[int] = (first + np.flatnonzero(apart >= _SHARP * apart.max())).tolist()
    return found


def _at_most(pixels: Pixels, side: int) -> Pixels:
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.BICUBIC)
    return np.asarray(image)


def _side_by_side(
    items: Sequence[PicturePair], threads: int, compare: Callable[[PicturePair], float | Failure]
) -> list[Difference | Failure]:
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(compare, items))
    return [one if isinstance(one, Failure) else Difference(value=one) for one in found]
