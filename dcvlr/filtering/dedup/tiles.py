"""Two pages where they differ most, at their full size: a digit of ten pixels is lost in a window of three letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dcvlr.filtering.dedup.difference import SURE, UNLIKE, ComparedPictures, at_one_size, difference, grey_of, laid_onto
from dcvlr.filtering.dedup.look import paper_level, paper_share, tones_of
from dcvlr.filtering.dedup.windows import RelativePoint
from dcvlr.filtering.statistics.basic import STATISTICS_PX
from dcvlr.records import Pixels

_PAGE = 0.5  # of a page that much is paper
_SIZE = 4  # times the side at which pages are compared as a whole: a digit then fills a window
_ENLARGED = 2.0  # times at most
_HALF = 0.0375  # of the longer side, of a tile: a window, and by how much its place may be off
_TILES = 2  # in which they differ most; one other digit is in the first
_MOST_LIGHT, _HARDLY_MORE = 3.0, 1.15  # times
_CUT_PX = 2  # by which two cut borders may be off


def difference_in_tiles(found: ComparedPictures, side: int) -> float | None:
    """The largest difference in the few tiles where two pages that were compared at `side` pixels differ most.

    They are laid on each other at `_SIZE` times that side, or that of the smaller one, whose tiles are enlarged. None
    where one is no page, since in photographs noise would come to be a difference, and of colours, which have no
    fine strokes.
    """
    if found.first.ndim == 3:
        return None
    tones = [_tones(pixels) for pixels in (found.first, found.second)]
    if min(map(paper_share, tones)) < _PAGE:
        return None
    pair = _in_one_place(found.first, found.second, _SIZE * side)
    if pair is None:
        return UNLIKE
    if found.warp is not None:
        pair = laid_onto(*pair, found.warp)
    lights = [min(_MOST_LIGHT, 255 / max(1, paper_level(each))) for each in tones]
    longer = max(pair[0].shape[:2])
    factor = min(_ENLARGED, _SIZE * side / longer)
    largest = 0.0
    for box in _boxes(found.worst(_TILES), pair[0]):
        one, other = (_legible(page[box], light, factor) for page, light in zip(pair, lights, strict=True))
        largest = max(largest, difference(one, other, _SIZE * side, SURE))
    return largest


def _tones(page: Pixels) -> NDArray[np.float32]:
    import cv2

    height, width = page.shape
    scale = min(1.0, STATISTICS_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return tones_of(np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.uint8))


def _boxes(middles: Sequence[RelativePoint], page: Pixels) -> Iterator[tuple[slice, slice]]:
    height, width = page.shape[:2]
    half = max(1, round(_HALF * max(height, width)))
    for across, down in middles:
        x, y = round(across * width), round(down * height)
        yield slice(max(0, y - half), y + half), slice(max(0, x - half), x + half)


def _in_one_place(first: Pixels, second: Pixels, longer: int) -> tuple[Pixels, Pixels] | None:
    """Where a cut border took a line too many, the others are left as they are: half a line further fine ones fade."""
    sizes = np.array([first.shape[:2], second.shape[:2]])
    height, width = sizes.min(axis=0).tolist()
    if max(height, width) > longer or np.ptp(sizes, axis=0).max() > _CUT_PX:
        return at_one_size(first, second, longer)
    one, other = (pixels[:height, :width] for pixels in (first, second))
    return (one, other) if one.ndim == other.ndim else (grey_of(one), grey_of(other))


def _legible(tile: Pixels, light: float, factor: float) -> Pixels:
    """Its paper as light as white, and larger: a digit in the dark is lost in what noise may be."""
    import cv2

    lit = np.asarray(cv2.convertScaleAbs(tile, alpha=light), np.uint8) if light > _HARDLY_MORE else tile
    if factor < _HARDLY_MORE:
        return lit
    return np.asarray(cv2.resize(lit, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), np.uint8)
