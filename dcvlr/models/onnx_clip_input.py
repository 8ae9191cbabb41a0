"""Pixels of a picture as the tower of a CLIP takes them, by its preprocessor_config.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
_CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


def prepared(pixels: NDArray[np.uint8], processor: Mapping[str, Any]) -> NDArray[np.float32]:
    """3 x height x width: resized, the middle cut out, normalized, with the numbers of transformers' own processor."""
    image = Image.fromarray(pixels)
    if processor.get("do_resize", True):
        size = _size_of(image, processor.get("size", 224))
        image = image.resize(size, Image.Resampling(processor.get("resample", Image.Resampling.BICUBIC)))
    values = np.asarray(image)
    if processor.get("do_center_crop", False):
        values = _middle(values, *_sides(processor.get("crop_size", 224)))
    scaled = values.astype(np.float32)
    if processor.get("do_rescale", True):
        scaled *= np.float32(processor.get("rescale_factor") or 1 / 255)
    if processor.get("do_normalize", True):
        scaled -= np.asarray(processor.get("image_mean", _CLIP_MEAN), np.float32)
        scaled /= np.asarray(processor.get("image_std", _CLIP_STD), np.float32)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1), np.float32)


def _size_of(image: Image.Image, size: Any) -> tuple[int, int]:
    """Width and height to bring it to: a square or rectangle, or the shorter side to a length."""
    if isinstance(size, Mapping) and "height" in size:
        return int(size["width"]), int(size["height"])
    shorter = int(size["shortest_edge"] if isinstance(size, Mapping) else size)
    longer = int(shorter * max(image.size) / min(image.size))
    return (shorter, longer) if image.width <= image.height else (longer, shorter)


def _sides(size: Any) -> tuple[int, int]:
    return (int(size["height"]), int(size["width"])) if isinstance(size, Mapping) else (int(size), int(size))


def _middle(values: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    top, left = (values.shape[0] - height) // 2, (values.shape[1] - width) // 2
    return values[top : top + height, left : left + width]
