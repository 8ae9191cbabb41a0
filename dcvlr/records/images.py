"""One picture of the source, how a model wants it decoded, and it decoded.

Boxes are `(x0, y0, x1, y1)` in pixels of the upright picture at its full size, x to the right and y down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from msgspec import UNSET, UnsetType
from numpy.typing import NDArray

from dcvlr.identity import added
from dcvlr.records.base import Box, Point, Record

Pixels = NDArray[np.uint8]


class ImageRecord(Record, frozen=True):
    """One picture of the source; `id` is the first 128 bits of the BLAKE3 of the file's bytes, in hexadecimal.

    `path`, a file or a URL (`dcvlr.remote.Locator`), is the first in sorted order, `copies` every other one with the
    same bytes. `rows` is a file of JSON lines about pictures by their whole path, where its source has written one.
    """

    paths: ClassVar[tuple[str, ...]] = ("path", "copies")

    id: str
    path: str
    dataset: str
    copies: tuple[str, ...] = ()
    rows: str | UnsetType = UNSET

    @property
    def file_name(self) -> str:
        return self.path.rpartition("/")[2]


def row_files(images: Iterable[ImageRecord]) -> list[str]:
    """The files of rows about the pictures, each once, sorted."""
    return sorted({image.rows for image in images if isinstance(image.rows, str)})


def ids_of(images: Sequence[ImageRecord]) -> NDArray[np.bytes_]:
    """Of all pictures, in 32 bytes each."""
    return np.fromiter((image.id.encode() for image in images), "S32", len(images))


def id_bytes(ids: Iterable[str]) -> NDArray[np.void]:
    """Ids of pictures in 16 bytes each."""
    found = bytearray()
    for image_id in ids:
        found += bytes.fromhex(image_id)
    return np.frombuffer(found, "V16")


def repeated(ids: NDArray[np.void]) -> NDArray[np.int64]:
    """N x 2: rows of `id_bytes` whose id an earlier row has, in order, each with the first that has it."""
    halves = ids.view(np.uint64).reshape(-1, 2)
    order = np.lexsort((halves[:, 0], halves[:, 1]))  # stable: of equal ids the first row comes first
    ids = ids[order]
    begins = np.concatenate([[True], ids[1:] != ids[:-1]])[: len(ids)]
    again = np.flatnonzero(~begins)
    starts = np.flatnonzero(begins)
    first = starts[np.searchsorted(starts, again) - 1] if again.size else again
    pairs = np.stack([order[again], order[first]], axis=1)
    return pairs[np.argsort(pairs[:, 0])]


@dataclass(frozen=True, kw_only=True)
class Decode:
    """How a model wants pictures: `max_side` None is full size; a JPEG is shrunk while it is decoded.

    With `resized` false a picture comes as it was decoded, up to twice that size: to resize it costs more than that.
    `revision` is raised when `dcvlr.images` would decode the same file to other pixels.
    """

    name: ClassVar[str] = "decode"
    revision: ClassVar[int] = 2

    max_side: int | None
    grey: bool = False
    resized: bool = added(old=True, default=True)


def _within_max_side(model: Any) -> Decode:
    return Decode(max_side=model.max_side)


within_max_side = property(_within_max_side)
"""The `decode` of a model that wants pictures in colour, at most its setting `max_side` wide and high."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A decoded picture, upright. `pixels` is uint8, H x W x 3 in RGB, or H x W where grey was asked for.

    `width` and `height` are those of the upright picture at full size, `pixels` may be smaller. A file above
    `dcvlr.images.LARGEST_SIDE` is used as if it were of that size: `shrunk_from` is then its own width and height.
    """

    id: str
    path: str
    format: str
    width: int
    height: int
    pixels: Pixels
    shrunk_from: tuple[int, int] | None = None

    @property
    def file_size(self) -> tuple[int, int]:
        """Width and height of the file's picture, upright."""
        return self.shrunk_from or (self.width, self.height)

    def to_full_size(self, x: float, y: float) -> Point:
        """A point of `pixels` in coordinates of the full-size picture."""
        rows, columns = self.pixels.shape[:2]
        return (x * self.width / columns, y * self.height / rows)

    def box_to_full_size(self, box: Sequence[float]) -> Box:
        """Corners `x0, y0, x1, y1` in `pixels`, in coordinates of the full-size picture."""
        x0, y0, x1, y1 = box
        return (*self.to_full_size(x0, y0), *self.to_full_size(x1, y1))


class BinCriteria(Record, frozen=True):
    """The numbers a bin is decided on; None where a number was not needed or its model is not there."""

    num_text_boxes: int
    text_area_ratio: float
    num_objects: int | None = None
    unique_classes: int | None = None
    spatial_dispersion: float | None = None
    clip_similarity: float | None = None


class BinnedImage(Record, frozen=True):
    """`bin` is one of the names in `binning.bins`."""

    image: ImageRecord
    bin: str
    criteria: BinCriteria
