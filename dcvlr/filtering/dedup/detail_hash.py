"""A hash of 256 bits, which tells pages of one layout apart where no picture is left to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from PIL import Image

from dcvlr.filtering.statistics.content_box import content_box
from dcvlr.identity import speed
from dcvlr.records import Decode, Picture, Record
from dcvlr.settings import Count, checked

_SIDE_PX = 288  # as the statistics decode it
_HASH_SIZE = 16


class Detail(Record, frozen=True):
    """256-bit hashes of the whole and of what is inside plain borders, 64 hexadecimal digits each."""

    phash: str
    content_phash: str


@dataclass(frozen=True, kw_only=True)
@checked
class DetailHash:
    """`imagehash.phash` with a side of 16, of the grey picture of 288 pixels.

    Re-encoding and resizing change up to 8 of its bits, other content in the same layout 16 to 60.
    """

    name: ClassVar[str] = "detail_hash"
    revision: ClassVar[int] = 3
    signal: ClassVar[type] = Detail

    batch_size: Count = speed()

    @property
    def decode(self) -> Decode:
        return Decode(max_side=_SIDE_PX, grey=True)

    def check_ready(self) -> None:
        """Needs core dependencies alone."""

    def __call__(self, items: Sequence[Picture], /) -> list[Detail]:
        return [_detail(Image.fromarray(picture.pixels)) for picture in items]


def _detail(grey: Image.Image) -> Detail:
    import imagehash

    whole = str(imagehash.phash(grey, hash_size=_HASH_SIZE))
    box = content_box(np.asarray(grey))
    framed = box != (0, 0, *grey.size)
    return Detail(
        phash=whole, content_phash=str(imagehash.phash(grey.crop(box), hash_size=_HASH_SIZE)) if framed else whole
    )
