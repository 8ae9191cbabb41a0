"""Small pictures inside a page, or links to the pictures where they lie."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dcvlr.images import read_picture
from dcvlr.images.data_urls import data_url
from dcvlr.records import Decode, Failure, ImageRecord
from dcvlr.remote import is_url

SMALL_PX, LARGE_PX = 144, 640
_QUALITY = 70


@dataclass
class Thumbnails:
    """What an `<img>` shows of a picture: embedded while `budget_bytes` lasts, or a link unless it lies at a URL."""

    embedded: bool
    budget_bytes: int
    _made: dict[tuple[str, int], dict[str, Any] | None] = field(default_factory=dict)

    def of(self, image: ImageRecord, side_px: int) -> dict[str, Any] | None:
        """Source, width and height of the full-size picture; None where it cannot be read or no room is left.

        A linked picture has no width and height: the page reads them off it.
        """
        key = (image.id, side_px)
        if key not in self._made:
            self._made[key] = self._make(image, side_px)
        return self._made[key]

    def _make(self, image: ImageRecord, side_px: int) -> dict[str, Any] | None:
        if not image.id:  # a file that the source did not read: what lies there, if anything, is not for this page
            return None
        if not self.embedded and not is_url(image.path):
            return {"src": Path(image.path).absolute().as_uri()}
        if self.budget_bytes <= 0:
            return None
        picture = read_picture(image, Decode(max_side=side_px))
        if isinstance(picture, Failure):
            return None
        source = data_url(picture.pixels, image_format="jpeg", max_side=side_px, quality=_QUALITY)
        self.budget_bytes -= len(source)
        return {"src": source, "width": picture.width, "height": picture.height}
