"""What every detector does with the boxes it found: clip, round, drop the weak, put the strongest first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from dcvlr.records import Box, Detection, Detections

R = TypeVar("R")


def detections(
    width: int,
    height: int,
    boxes: Iterable[Sequence[float]],
    scores: Iterable[float],
    labels: Iterable[str] | None,
    min_score: float,
) -> Detections:
    """Boxes `(x0, y0, x1, y1)` in full-size pixels of a picture as its objects, the strongest first.

    Boxes are clipped to the picture and rounded to 0.1 px; what has no area then is dropped, as is what scores below
    `min_score`. Equal scores are ordered by box, then by label, so the order of detection does not matter. `labels`
    is None for a detector that knows no classes. Raises ValueError for a box or score that is not a number, as half
    precision gives when it overflows: such a picture was not looked at, which is not the same as finding nothing.
    """
    boxes, scores = list(boxes), [float(score) for score in scores]
    if not all(math.isfinite(value) for value in (*scores, *(float(side) for box in boxes for side in box))):
        raise ValueError("the detector gave a box or a score that is not a number; try dtype=float32")
    placed = [_inside(box, width, height) for box in boxes]
    names: Iterable[str | None] = [None] * len(placed) if labels is None else labels
    objects = [
        Detection(label=label, score=round(score, 4), box=box)
        for box, score, label in zip(placed, scores, names, strict=True)
        if score >= min_score and box[0] < box[2] and box[1] < box[3]
    ]
    ordered = tuple(sorted(objects, key=lambda detection: (-detection.score, detection.box, detection.label or "")))
    return Detections(width=width, height=height, objects=ordered, labelled=labels is not None)


def _inside(box: Sequence[float], width: int, height: int) -> Box:
    a, b, c, d = (
        round(min(max(float(value), 0.0), float(limit)), 1)
        for value, limit in zip(box, (width, height, width, height), strict=True)
    )
    return (a, b, c, d)


def seen_by(model: Any, inputs: Mapping[str, Any]) -> Any:
    """What a detector of transformers sees in joined inputs; logits and boxes as float32 of the CPU."""
    import torch
    from transformers import BatchFeature

    with torch.inference_mode():
        seen = model(**BatchFeature(inputs).to(model.device, model.dtype))
    seen.logits, seen.pred_boxes = seen.logits.float().cpu(), seen.pred_boxes.float().cpu()
    return seen


def run_by_size(
    inputs: Sequence[Mapping[str, Any]], run: Callable[[dict[str, Any], list[int]], Sequence[R]]
) -> list[R]:
    """One result per picture, in order; `inputs` are tensors by name of one picture each, as a processor makes them.

    `run` is handed the joined tensors of pictures whose tensors have equal shapes, and the indices of these pictures.
    """
    import torch

    groups: dict[tuple[Any, ...], list[int]] = {}
    for index, tensors in enumerate(inputs):
        shapes = tuple((name, tuple(tensor.shape)) for name, tensor in tensors.items())
        groups.setdefault(shapes, []).append(index)
    results: dict[int, R] = {}
    for indices in groups.values():
        joined = {name: torch.cat([inputs[index][name] for index in indices]) for name in inputs[indices[0]]}
        results.update(zip(indices, run(joined, indices), strict=True))
    return [results[index] for index in range(len(inputs))]
