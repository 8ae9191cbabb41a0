"""A look at what is inside plain borders: it tells a page in a border from the others of its layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcvlr.filtering.dedup.look import LOOK, Sizes, bits_of, lie_in_place, local_contrast
from dcvlr.filtering.dedup.looks import FARTHEST, Bits, bits_apart
from dcvlr.filtering.dedup.pictures import Indices
from dcvlr.filtering.statistics.content_box import content_box
from dcvlr.identity import speed
from dcvlr.records import Decode, Failure, Picture, Record
from dcvlr.settings import Count, checked

_UNRELATED = 100  # bits: pages of one layout differ in fewer, any two pictures in about 128
_ROUNDING = 0.018  # of a side: borders are found to a pixel of 288; a crop by 2 % is no rounding


class Content(Record, frozen=True):
    """`bits` as of a `Look`, and width and height in pixels of the file; of the whole where there is no border."""

    bits: bytes
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
@checked
class ContentLook:
    """The local contrast inside plain borders, of the few pictures that hash alike and do not lie in place."""

    name: ClassVar[str] = "content_look"
    revision: ClassVar[int] = 2
    signal: ClassVar[type] = Content

    batch_size: Count = speed()

    @property
    def decode(self) -> Decode:
        return LOOK

    def check_ready(self) -> None:
        """Needs core dependencies alone."""

    def __call__(self, items: Sequence[Picture], /) -> list[Content]:
        return [_content(picture) for picture in items]


class Views(NamedTuple):
    """Of pictures their wholes and then their contents: sizes, 2 x n x 2, and bits, 2 x n x 4."""

    sizes: Sizes
    bits: Bits

    def of(self, rows: Indices) -> Views:
        return Views(self.sizes[:, rows], self.bits[:, rows])


def views(sizes: Sizes, bits: Bits, contents: Sequence[Content | Failure]) -> Views:
    """The views of pictures whose wholes have these sizes, n x 2, and bits, n x 4."""
    sizes, inside = np.stack([sizes.astype(np.float64)] * 2), np.stack([bits] * 2)
    for row, content in enumerate(contents):
        if not isinstance(content, Failure):
            sizes[1, row] = content.width, content.height
            inside[1, row] = np.frombuffer(content.bits, np.uint64)
    return Views(sizes, inside)


def other_content(one: Views, other: Views) -> NDArray[np.bool_]:
    """For each pair whether a content lies on a view of the other picture as other content, and none does as the same.

    What has the proportions of a view by chance is as far from it as any other picture, and tells nothing.
    """
    apart = same = np.zeros(one.sizes.shape[1], bool)
    for mine, theirs in ((0, 1), (1, 0), (1, 1)):
        lies = lie_in_place(one.sizes[mine], other.sizes[theirs], _ROUNDING)
        bits = one.bits[mine], other.bits[theirs]
        distances = bits_apart(*bits)
        far = bits[0].any(axis=1) & bits[1].any(axis=1) & (distances > FARTHEST)
        apart, same = apart | (lies & far & (distances < _UNRELATED)), same | (lies & ~far)
    found: NDArray[np.bool_] = apart & ~same
    return found


def _content(picture: Picture) -> Content:
    left, top, right, bottom = content_box(picture.pixels)
    height, width = picture.pixels.shape
    across, down = picture.file_size[0] / width, picture.file_size[1] / height
    return Content(
        bits=bits_of(local_contrast(np.ascontiguousarray(picture.pixels[top:bottom, left:right]))).tobytes(),
        width=round((right - left) * across, 1),
        height=round((bottom - top) * down, 1),
    )
