"""What detectors of transformers share: batches of one size, since padding would change what a model sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

R = TypeVar("R")


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
