"""Which kind of detector an ONNX file holds, known by the names and shapes of its outputs."""

from __future__ import annotations

from collections.abc import Callable

from dcvlr.binning.detector.heads import nanodet, transformers, yolo
from dcvlr.binning.detector.heads.head import Decoded, Head, Shapes

__all__ = ["KNOWN", "Decoded", "Head", "Shapes", "candidates"]

_Recognise = Callable[[Shapes, tuple[int, int], int], Head | None]

_KINDS: tuple[_Recognise, ...] = (
    *(transformers.raw, transformers.decoded, transformers.of_ultralytics),
    *(yolo.v5, yolo.v8, yolo.v10),
    *(nanodet.by_stride, nanodet.joined),
)
KNOWN = (
    "DETR, RT-DETR and D-FINE (logits and pred_boxes; or labels, boxes and scores), YOLO v5 to 26 "
    "(anchors×(5+classes), (4+classes)×cells, boxes×6) and NanoDet"
)


def candidates(shapes: Shapes, size: tuple[int, int], classes: int) -> list[Head]:
    """Every kind of head that has outputs of these shapes, for an input of this height and width and so many names."""
    return [head for kind in _KINDS if (head := kind(shapes, size, classes)) is not None]
