"""What all heads of exported detectors share: a way from outputs to boxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcvlr.models.onnx_network import Preparation

Array = NDArray[Any]
Shapes = Mapping[str, tuple[int, ...]]  # of the outputs for one picture, without the axis of the batch

RGB_255 = Preparation("stretch", "rgb", (0.0, 0.0, 0.0), (255.0, 255.0, 255.0))


class Decoded(NamedTuple):
    """Boxes `(x0, y0, x1, y1)` in pixels of the network's input, n × 4, with scores of 0 to 1 and class numbers."""

    boxes: Array
    scores: Array
    classes: Array


class Head(NamedTuple):
    """How the outputs for one picture are read; `repeats` where a thing has many boxes, to be suppressed but for one.

    `usual` is how pixels are prepared for networks of this kind where nothing says otherwise.
    """

    name: str
    usual: Preparation
    repeats: bool
    decode: Callable[[Mapping[str, Array]], Decoded]


def only(shapes: Shapes) -> tuple[str, tuple[int, ...]]:
    """Name and shape of a lone output; empty ones where there are several."""
    return next(iter(shapes.items())) if len(shapes) == 1 else ("", ())


def best_class(boxes: Array, shares: Array) -> Decoded:
    """Each box with its surest class: one thing has one name. `shares` is boxes × classes."""
    return Decoded(boxes, shares.max(axis=1), shares.argmax(axis=1))


def corners(centred: Array) -> Array:
    """`(centre x, centre y, width, height)` as `(x0, y0, x1, y1)`."""
    middle, half = centred[:, :2], centred[:, 2:4] / 2
    return np.concatenate([middle - half, middle + half], axis=1)


def cells(size: tuple[int, int], strides: tuple[int, ...]) -> int:
    """How many cells the grids of these strides have together."""
    return sum(len(cells_of(size, stride)) for stride in strides)


def cells_of(size: tuple[int, int], stride: int) -> Array:
    """Column and row of each cell of the grid of one stride, row by row."""
    rows, columns = (-(-side // stride) for side in size)
    return np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
