"""One cheap pass over every picture: all that the cheap rules and the search for duplicates need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dcvlr.filtering.statistics.content_box import PixelBox, content_box, innermost_box
from dcvlr.identity import speed
from dcvlr.records import Decode, ImageStatistics, Picture
from dcvlr.settings import Count, checked

# A quarter of 1152 px: a JPEG of 1.3 MP or more is decoded at a quarter of its size. Half the size (512 px) costs 1.4
# times as much and brings hashes hardly nearer to those of the full picture (88 % instead of 77 % equal, all within 2).
STATISTICS_PX = 288


_INK = 0.9  # times Otsu's threshold: tones above it are cut off


@dataclass(frozen=True, kw_only=True)
@checked
class BasicStatistics:
    """Size, format, perceptual hash and four numbers of a picture.

    The numbers are those of the grey picture shrunk to a longer side of 288 px (never enlarged), so that a picture and
    a larger version of it get about the same:

    - sharpness: variance of the Laplacian (Pech-Pacheco et al., 2000), about 0 for a blank or blurred picture;
    - brightness: mean grey level, 0 to 1;
    - entropy: of the histogram of grey levels, 0 to 8 bits;
    - corner_edge_ratio: the largest share of Canny(50, 150) edge pixels in the four corner squares of side
      min(height, width) // 4.

    `content_phash` is the hash of what is inside plain borders. Where there are none it is that of the whole again,
    with all that is lighter than ink (Otsu's threshold, 1979) made equal: a lighter copy has it cut off at white.

    `phash` is `imagehash.phash`, of the shrunk grey picture (`hash_decode` draft) or of the full one (exact): then it
    is bit for bit that of `imagehash.phash(Image.open(path))`, where no EXIF orientation and no alpha is involved.
    """

    name: ClassVar[str] = "statistics"
    revision: ClassVar[int] = 7
    signal: ClassVar[type] = ImageStatistics

    hash_decode: Literal["draft", "exact"]
    batch_size: Count = speed()

    @property
    def decode(self) -> Decode:
        # The exact hash needs the colours: libjpeg's own grey differs from Pillow's in the last bit.
        return Decode(max_side=None) if self.hash_decode == "exact" else Decode(max_side=STATISTICS_PX, grey=True)

    def check_ready(self) -> None:
        """Needs core dependencies alone."""

    def __call__(self, items: Sequence[Picture], /) -> list[ImageStatistics]:
        return [_inspect(picture) for picture in items]


def _inspect(picture: Picture) -> ImageStatistics:
    import cv2
    import imagehash

    grey = Image.fromarray(picture.pixels).convert("L")
    phash = str(imagehash.phash(grey))
    small = grey.copy()
    small.thumbnail((STATISTICS_PX, STATISTICS_PX), Image.Resampling.BICUBIC)
    pixels = np.asarray(small)
    box = content_box(pixels)
    return ImageStatistics(
        width=picture.file_size[0],
        height=picture.file_size[1],
        format=picture.format,
        phash=phash,
        content_phash=_content_phash(grey, pixels, box),
        content_pixels=_content_pixels(picture.file_size, pixels, innermost_box(pixels, box)),
        sharpness=round(float(cv2.Laplacian(pixels, cv2.CV_16S).var()), 2),
        brightness=round(float(pixels.mean()) / 255, 4),
        entropy=round(_entropy(pixels), 4),
        corner_edge_ratio=round(_corner_edge_ratio(cv2.Canny(pixels, 50, 150) > 0), 4),
    )


def _content_pixels(file_size: tuple[int, int], small: NDArray[np.uint8], box: PixelBox) -> int:
    left, top, right, bottom = box
    return round(file_size[0] * file_size[1] * (right - left) * (bottom - top) / small.size)


def _content_phash(grey: Image.Image, small: NDArray[np.uint8], box: PixelBox) -> str:
    """Plain borders, and the tone of paper, are those of the small picture."""
    import cv2
    import imagehash

    height, width = small.shape
    left, top, right, bottom = box
    if box == (0, 0, width, height):
        paper, _ = cv2.threshold(small, 0, 255, cv2.THRESH_OTSU)
        return str(imagehash.phash(grey.point(lambda level: min(level, _INK * paper))))
    across, down = grey.width / width, grey.height / height
    box = (round(left * across), round(top * down), round(right * across), round(bottom * down))
    return str(imagehash.phash(grey.crop(box)))


def _entropy(pixels: NDArray[np.uint8]) -> float:
    counts = np.bincount(pixels.ravel(), minlength=256)
    shares = counts[counts > 0] / pixels.size
    return abs(float((shares * np.log2(shares)).sum()))


def _corner_edge_ratio(edges: NDArray[np.bool_]) -> float:
    side: int = min(edges.shape) // 4
    if side == 0:
        return 0.0
    corners = (edges[:side, :side], edges[:side, -side:], edges[-side:, :side], edges[-side:, -side:])
    return max(int(np.count_nonzero(corner)) for corner in corners) / (side * side)
