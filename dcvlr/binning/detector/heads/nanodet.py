"""NanoDet and NanoDet-Plus: class scores and, for each side of a box, a distribution over its distance.

A side is the mean of the distribution times the stride (generalized focal loss, X. Li et al., NeurIPS 2020). NanoDet
measures from the middle of a cell, NanoDet-Plus, known by its fourth stride of 64, from the cell's corner.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from dcvlr.binning.detector.heads.head import Array, Decoded, Head, Shapes, best_class, cells, cells_of, only
from dcvlr.models.onnx_network import Preparation, softmax

_USUAL = Preparation("stretch", "bgr", (103.53, 116.28, 123.675), (57.375, 57.12, 58.395))
_STRIDES = ((8, 16, 32), (8, 16, 32, 64))


class _Level(NamedTuple):
    """One stride, the output with its class scores and the one with its distributions, cells × (4 × bins)."""

    stride: int
    scores: str
    sides: str


def by_stride(shapes: Shapes, size: tuple[int, int], classes: int) -> Head | None:
    """Two outputs for each stride, in any order."""
    for strides in _STRIDES:
        levels = [_level(shapes, size, stride, classes) for stride in strides]
        if len(shapes) == 2 * len(strides) and all(levels):
            known = [level for level in levels if level is not None]
            return Head("nanodet", _USUAL, repeats=True, decode=partial(_decode_levels, levels=known, size=size))
    return None


def joined(shapes: Shapes, size: tuple[int, int], classes: int) -> Head | None:
    """One output, cells of all strides × (classes + 4 × bins): the export of its own repository."""
    name, shape = only(shapes)
    if len(shape) != 2 or shape[1] - classes < 8 or (shape[1] - classes) % 4:
        return None
    for strides in _STRIDES:
        if shape[0] == cells(size, strides):
            decode = partial(_decode_joined, name=name, strides=strides, size=size, classes=classes)
            return Head("nanodet", _USUAL, repeats=True, decode=decode)
    return None


def _level(shapes: Shapes, size: tuple[int, int], stride: int, classes: int) -> _Level | None:
    count = len(cells_of(size, stride))
    scores = [name for name, shape in shapes.items() if shape == (count, classes)]
    sides = [
        name
        for name, shape in shapes.items()
        if len(shape) == 2 and shape[0] == count and name not in scores and shape[1] >= 8 and shape[1] % 4 == 0
    ]
    return _Level(stride, scores[0], sides[0]) if len(scores) == len(sides) == 1 else None


def _decode_levels(outputs: Mapping[str, Array], levels: list[_Level], size: tuple[int, int]) -> Decoded:
    middle = 0.5 if len(levels) == 3 else 0.0
    boxes = [_boxes(outputs[level.sides], size, level.stride, middle) for level in levels]
    return best_class(np.concatenate(boxes), np.concatenate([outputs[level.scores] for level in levels]))


def _decode_joined(
    outputs: Mapping[str, Array], name: str, strides: tuple[int, ...], size: tuple[int, int], classes: int
) -> Decoded:
    middle = 0.5 if len(strides) == 3 else 0.0
    ends = np.cumsum([len(cells_of(size, stride)) for stride in strides])
    parts = np.split(outputs[name][:, classes:], ends[:-1])
    boxes = [_boxes(part, size, stride, middle) for part, stride in zip(parts, strides, strict=True)]
    return best_class(np.concatenate(boxes), outputs[name][:, :classes])


def _boxes(sides: Array, size: tuple[int, int], stride: int, middle: float) -> Array:
    bins = sides.reshape(len(sides), 4, -1).astype(np.float64)
    distances = (softmax(bins) @ np.arange(bins.shape[2])) * stride
    origin = (cells_of(size, stride) + middle) * stride
    return np.concatenate([origin - distances[:, :2], origin + distances[:, 2:]], axis=1)
