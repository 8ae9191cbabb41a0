"""How much of a picture text covers, for many pictures at once: one by one it is most of what a rerun costs."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from dcvlr.records import OcrResult
from dcvlr.records.base import Quad

Corners = NDArray[np.float64]
"""2 x 4 x N: x and y of the corners of N text boxes, so that what is computed of all boxes lies side by side."""

_LIST_HEADS = (1, 3, 5)  # bytes before the first item of a list
_NEAR = 1e-6  # pixels; boxes that may touch are looked at one by one


def text_area_ratios(texts: Sequence[OcrResult]) -> list[float]:
    """Area of the union of the text boxes inside each picture by the picture's area, 0 to 1, to four decimals."""
    counts = [len(text.lines) for text in texts]
    sizes = np.array([[text.width for text in texts], [text.height for text in texts]], np.float64)
    owners = np.repeat(np.arange(len(texts)), counts)
    corners = np.clip(_corners([line.quad for text in texts for line in text.lines]), 0, sizes[:, None, owners])
    covered = np.bincount(owners, _areas(corners), len(texts))
    ends = np.cumsum(counts)
    for index in _with_near_boxes(corners, owners).tolist():
        covered[index] = _union_area(corners[..., ends[index] - counts[index] : ends[index]])
    shares = zip(covered.tolist(), sizes.prod(axis=0).tolist(), strict=True)
    return [round(area / of, 4) for area, of in shares]


def _corners(quads: list[Quad]) -> Corners:
    """By way of MessagePack, in which a number takes 9 bytes, a point 19 and a quad 77: NumPy takes numbers singly."""
    data = msgspec.msgpack.encode(quads)
    start = len(data) - 77 * len(quads)
    if not quads or start not in _LIST_HEADS:  # some are whole numbers
        return np.array(quads, np.float64).reshape(-1, 4, 2).T.copy()
    numbers: NDArray[np.float64] = np.ndarray((2, 4, len(quads)), ">f8", data, start + 3, strides=(9, 19, 77))
    return numbers.astype(np.float64, order="C")


def _areas(corners: Corners) -> NDArray[np.float64]:
    """Area of each box; one whose corners cross is taken for the area its corners span."""
    edges = corners[:, [1, 2, 3, 0]] - corners
    turns = _cross(edges, edges[:, [1, 2, 3, 0]])
    areas = np.abs(_cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])) / 2
    if (crossed := (turns.max(axis=0) > 0) & (turns.min(axis=0) < 0)).any():
        import shapely

        areas[crossed] = shapely.area(shapely.convex_hull(shapely.multipoints(corners[..., crossed].T)))
    return areas


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    z: NDArray[np.float64] = a[0] * b[1] - a[1] * b[0]
    return z


def _with_near_boxes(corners: Corners, owners: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pictures in which a box does not lie wholly below those that begin above it."""
    top, bottom = corners[1].min(axis=0), corners[1].max(axis=0)
    apart = owners * (bottom.max(initial=0) + 1)  # so that the boxes of a picture lie below all of those before
    top, bottom = top + apart, bottom + apart
    if (top[1:] < top[:-1]).any():  # boxes mostly come from the top down
        order = np.argsort(top, kind="stable")
        owners, top, bottom = owners[order], top[order], bottom[order]
    near = (owners[1:] == owners[:-1]) & (top[1:] <= np.maximum.accumulate(bottom)[:-1] + _NEAR)
    return np.unique(owners[1:][near])


def _union_area(corners: Corners) -> float:
    import shapely

    low, high = corners.min(axis=1).T, corners.max(axis=1).T
    meets = (low[:, None] <= high[None, :]).all(axis=2)
    touching = (meets & meets.T).sum(axis=1) > 1  # most touch no other, and a union costs far more than a sum
    union = shapely.union_all(shapely.convex_hull(shapely.multipoints(corners[..., touching].T)))
    return float(_areas(corners[..., ~touching]).sum()) + float(shapely.area(union))
