"""What the captioners that run through transformers share: pictures in, settings of `generate`, one line out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image

from dcvlr.records import Caption, Picture


def images_of(items: Sequence[Picture]) -> list[Image.Image]:
    """As Pillow images: of a bare array of 3 x 2 x 3 a processor cannot tell which side the colours are on."""
    return [Image.fromarray(item.pixels) for item in items]


def generated(
    network: Any, processor: Any, items: Sequence[Picture], prompt: str | None, max_new_tokens: int, num_beams: int
) -> tuple[Any, Any]:
    """The inputs of a BLIP model for these pictures, each with the prompt, and the tokens it generates."""
    import torch

    text = [prompt] * len(items) if prompt else None
    inputs = processor(images=images_of(items), text=text, padding=bool(text), return_tensors="pt")
    inputs = inputs.to(network.device, network.dtype)
    with torch.inference_mode():
        return inputs, network.generate(**inputs, **without_chance(max_new_tokens, num_beams))


def without_chance(max_new_tokens: int, num_beams: int) -> dict[str, Any]:
    """Settings of `generate` that give the same caption each time, whatever else is in the batch."""
    return {
        "max_new_tokens": max_new_tokens,
        "num_beams": num_beams,
        "do_sample": False,
        # Checkpoints bring settings of their own. A penalty on repetition counts the padding as generated before, so a
        # picture would get another caption beside a larger one; the other three only have a meaning for sampling.
        "repetition_penalty": 1.0,
        "temperature": None,
        "top_p": None,
        "top_k": None,
    }


def caption_of(text: str) -> Caption:
    """The text on one line; empty where a model had nothing to say."""
    return Caption(text=" ".join(text.split()))
