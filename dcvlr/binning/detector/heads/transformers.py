"""Detection transformers: RT-DETR, D-FINE, DETR and RF-DETR, as their exporters leave them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from dcvlr.binning.detector.heads.head import RGB_255, Array, Decoded, Head, Shapes, best_class, corners, only
from dcvlr.models.onnx_network import softmax


def raw(shapes: Shapes, size: tuple[int, int], classes: int) -> Head | None:
    """Logits, queries × classes, and boxes, queries × 4 in shares of the picture: the exports of transformers.

    With one class more than there are names the last is "nothing", and the logits go through softmax (DETR); else
    through a sigmoid each (RT-DETR, D-FINE), as in their post_process_object_detection.
    """
    of_four = [name for name, shape in shapes.items() if shape[1:] == (4,)]
    boxes = "pred_boxes" if "pred_boxes" in shapes else next(iter(of_four), "")
    others = [name for name in shapes if name != boxes]
    logits = "logits" if "logits" in shapes else others[0] if len(others) == 1 else ""
    if not boxes or not logits or shapes[logits] not in [(shapes[boxes][0], classes + extra) for extra in (0, 1)]:
        return None
    nothing = shapes[logits][1] == classes + 1
    decode = partial(_decode_raw, logits=logits, boxes=boxes, nothing=nothing, size=size)
    return Head("detr", RGB_255, repeats=False, decode=decode)


def decoded(shapes: Shapes, size: tuple[int, int], classes: int) -> Head | None:
    """Outputs `labels`, `boxes` in pixels and `scores`: the exports of RT-DETR's and D-FINE's own repositories."""
    if shapes.keys() != {"labels", "boxes", "scores"}:
        return None
    count = shapes["scores"][-1]
    if {**shapes} != {"labels": (count,), "boxes": (count, 4), "scores": (count,)}:
        return None
    return Head("boxes", RGB_255, repeats=False, decode=_decode_decoded)


def of_ultralytics(shapes: Shapes, size: tuple[int, int], classes: int) -> Head | None:
    """One output, queries × (4 in shares of the picture + classes): ultralytics' export of RT-DETR."""
    name, shape = only(shapes)
    if len(shape) != 2 or shape[1] != 4 + classes or shape[0] > 1000:
        return None

    def decode(outputs: Mapping[str, Array]) -> Decoded:
        return best_class(_in_pixels(corners(outputs[name][:, :4]), size), outputs[name][:, 4:])

    return Head("rtdetr", RGB_255, repeats=False, decode=decode)


def _decode_raw(outputs: Mapping[str, Array], logits: str, boxes: str, nothing: bool, size: tuple[int, int]) -> Decoded:
    values = outputs[logits].astype(np.float64)
    shares = softmax(values)[:, :-1] if nothing else 1 / (1 + np.exp(-values))
    return best_class(_in_pixels(corners(outputs[boxes]), size), shares)


def _decode_decoded(outputs: Mapping[str, Array]) -> Decoded:
    return Decoded(outputs["boxes"], outputs["scores"], outputs["labels"].astype(int))


def _in_pixels(shares: Array, size: tuple[int, int]) -> Array:
    height, width = size
    pixels: Array = shares * np.array([width, height, width, height])
    return pixels
