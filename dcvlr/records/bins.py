"""Which bin a picture is in, and the numbers that decided it."""

from __future__ import annotations

from dcvlr.records.base import Record
from dcvlr.records.images import ImageRecord


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
