"""One line of a picture as an item of its own, and what it says when it is read once more."""

from __future__ import annotations

from dcvlr.records.base import Point, Record
from dcvlr.records.images import ImageRecord


class PrintedLine(Record, frozen=True):
    """Where a line stands: its corners in full-size pixels, clockwise from the text's top left.

    `id` is a digest of the picture's id and the corners.
    """

    id: str
    image: ImageRecord
    quad: tuple[Point, Point, Point, Point]


class Readings(Record, frozen=True):
    """What each further look at a line reads, with its score; an empty text is nothing."""

    looks: tuple[tuple[str, float], ...]
