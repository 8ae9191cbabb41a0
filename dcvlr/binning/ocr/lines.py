"""What the readers built on PP-OCR models share: tall lines, full-size places, weak lines, reading order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dcvlr.binning.ocr.reading_order import reading_order
from dcvlr.records import OcrLine, OcrResult, Picture, Pixels, Point, Quad

ReadCutOut = Callable[[Pixels], tuple[str, float] | None]

_WIDER, _SMALLER = 1.1, 0.6


def quad_of(corners: Any) -> Quad:
    """Four points of an array, in its order."""
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    return (a, b, c, d)


def is_tall(quad: Quad) -> bool:
    """Whether a PP-OCR pipeline turned the line to read it: its own rule, on the lengths of the box's sides."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    width = max(math.hypot(ax - bx, ay - by), math.hypot(cx - dx, cy - dy))
    height = max(math.hypot(ax - dx, ay - dy), math.hypot(bx - cx, by - cy))
    return height >= 1.5 * width


def best_turned(line: OcrLine, bgr: Pixels, read: ReadCutOut) -> OcrLine:
    """A tall line read in all three ways it may stand, the surest one kept; `line` is it read as running down.

    PP-OCR pipelines read a tall box as text that runs down. The label of a chart's axis runs up, and a lone `1` stands
    upright. Their own angle model sees the first, but turns one short number in a hundred upside down (99.80, 08.66).
    """
    a, b, c, d = line.quad
    upright = cut_out(bgr, line.quad)
    ways = [OcrLine(text=line.text, score=line.score, quad=(b, c, d, a))]
    for crop, quad in ((np.rot90(upright, -1), (d, a, b, c)), (upright, line.quad)):
        if found := read(np.ascontiguousarray(crop)):
            ways.append(OcrLine(text=found[0].strip(), score=found[1], quad=quad))
    return max(ways, key=lambda way: way.score)


def result_of(lines: Iterable[OcrLine], picture: Picture, min_score: float, unread: int = 0) -> OcrResult:
    """Lines in pixels of `picture.pixels`, without the weak and the empty, in full-size pixels and reading order."""
    kept = [_placed(line, picture) for line in lines if line.text and line.score >= min_score]
    ordered = tuple(kept[i] for i in reading_order([line.quad for line in kept]))
    return OcrResult(width=picture.width, height=picture.height, lines=ordered, unread=unread)


def read_again(line: OcrLine, bgr: Pixels, read: ReadCutOut) -> list[tuple[str, float] | None]:
    """The line read in a wider and in a smaller cut-out: print stays the same, what is none changes."""
    x, y = (sum(values) / 4 for values in zip(*line.quad, strict=True))
    wider = quad_of([(x + (px - x) * _WIDER, y + (py - y) * _WIDER) for px, py in line.quad])
    return [read(np.ascontiguousarray(crop)) for crop in (cut_out(bgr, wider), smaller_cut_out(bgr, line.quad))]


def smaller_cut_out(bgr: Pixels, quad: Quad) -> Pixels:
    """The quad's inside in fewer pixels."""
    import cv2

    small = cv2.resize(cut_out(bgr, quad), None, fx=_SMALLER, fy=_SMALLER, interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False)


def cut_out(bgr: Pixels, quad: Quad) -> Pixels:
    """The quad's inside as a rectangle: the crop of PaddleOCR's `get_rotate_crop_image`, not turned."""
    import cv2

    corners = np.array(quad, dtype=np.float32)
    a, b, c, d = corners
    width = int(max(np.linalg.norm(a - b), np.linalg.norm(c - d)))
    height = int(max(np.linalg.norm(a - d), np.linalg.norm(b - c)))
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(corners, target)
    size = (max(width, 1), max(height, 1))
    crop = cv2.warpPerspective(bgr, turn, size, borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC)
    return crop.astype(np.uint8, copy=False)


def _placed(line: OcrLine, picture: Picture) -> OcrLine:
    """The line in full-size pixels, clipped to the picture, to one decimal."""
    a, b, c, d = (_clipped(picture.to_full_size(x, y), picture) for x, y in line.quad)
    return OcrLine(text=line.text, score=round(line.score, 4), quad=(a, b, c, d))


def _clipped(point: Point, picture: Picture) -> Point:
    x, y = point
    return (round(min(max(x, 0.0), picture.width), 1), round(min(max(y, 0.0), picture.height), 1))
