"""The YOLO family: v5 and v7, v8 to 12, and those that need no suppression (v10, 26, or exported with nms=True).

Their usual input is a letterbox of RGB pixels from 0 to 1, as in ultralytics.
"""

from __future__ import annotations

from collections.abc import Mapping

from dcvlr.binning.detector.heads.head import RGB_255, Array, Decoded, Head, Shapes, best_class, cells, corners, only

_USUAL = RGB_255._replace(resize="letterbox")


def v5(shapes: Shapes, size: tuple[int, int], classes: int) -> Head | None:
    """One output, anchors × (4 + objectness + classes), boxes by their centre in pixels, three anchors to a cell."""
    name, shape = only(shapes)
    grids = [cells(size, strides) for strides in ((8, 16, 32), (8, 16, 32, 64), (16, 32))]
    if len(shape) != 2 or shape[1] != 5 + classes or shape[0] not in [3 * grid for grid in grids]:
        return None

    def decode(outputs: Mapping[str, Array]) -> Decoded:
        rows = outputs[name]
        return best_class(corners(rows[:, :4]), rows[:, 4:5] * rows[:, 5:])

    return Head("yolo_v5", _USUAL, repeats=True, decode=decode)


def v8(shapes: Shapes, size: tuple[int, int], classes: int) -> Head | None:
    """One output, (4 + classes) × cells, boxes by their centre in pixels: v8, v9, 11 and 12."""
    name, shape = only(shapes)
    grids = [cells(size, strides) for strides in ((8, 16, 32), (8, 16, 32, 64), (4, 8, 16, 32), (16, 32))]
    if len(shape) != 2 or shape[0] != 4 + classes or shape[1] not in grids:
        return None

    def decode(outputs: Mapping[str, Array]) -> Decoded:
        rows = outputs[name].T
        return best_class(corners(rows[:, :4]), rows[:, 4:])

    return Head("yolo_v8", _USUAL, repeats=True, decode=decode)


def v10(shapes: Shapes, size: tuple[int, int], classes: int) -> Head | None:
    """One output, boxes × (x0, y0, x1, y1 in pixels, score, class): v10, 26, and any with nms=True."""
    name, shape = only(shapes)
    if len(shape) != 2 or shape[1] != 6 or shape[0] > 1000:
        return None

    def decode(outputs: Mapping[str, Array]) -> Decoded:
        rows = outputs[name]
        return Decoded(rows[:, :4], rows[:, 4], rows[:, 5].astype(int))

    return Head("yolo_v10", _USUAL, repeats=False, decode=decode)
