"""Pixels of a picture as a network takes them, and points of its input back in the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Resize = Literal["stretch", "letterbox", "crop"]

_PADDING = 114  # the grey of YOLO's letterbox


class Preparation(NamedTuple):
    """How pixels become the input: to the size by `resize`, then (value − mean) / std of each channel of 0 to 255.

    stretch changes the shape of the picture, letterbox pads it on both sides with grey, crop takes from the middle a
    square of `crop` of the shorter side. `mean` and `std` stand in the order of `channels`.
    """

    resize: Resize
    channels: Literal["rgb", "bgr"]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    crop: float = 1.0


class Placed(NamedTuple):
    """The input and where the picture lies in it: `scale` pixels of the input for one of the picture, from `offset`."""

    values: NDArray[np.float32]  # 3 x height x width
    scale: tuple[float, float]
    offset: tuple[float, float]

    def to_picture(self, boxes: NDArray[Any]) -> NDArray[Any]:
        """Boxes in pixels of the input as boxes in pixels of what was handed over."""
        moved: NDArray[Any] = (boxes - np.tile(self.offset, 2)) / np.tile(self.scale, 2)
        return moved


def prepared_pixels(pixels: NDArray[np.uint8], size: tuple[int, int], preparation: Preparation) -> Placed:
    """RGB pixels as the input of `size` (height, width)."""
    height, width = size
    rows, columns = pixels.shape[:2]
    if preparation.resize == "letterbox":
        factor = min(height / rows, width / columns)
        inner = (max(round(rows * factor), 1), max(round(columns * factor), 1))
        top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
        canvas = np.full((height, width, 3), _PADDING, np.uint8)
        canvas[top : top + inner[0], left : left + inner[1]] = _resized(pixels, inner)
        scale, offset = (inner[1] / columns, inner[0] / rows), (float(left), float(top))
    elif preparation.resize == "crop":
        side = max(round(min(rows, columns) * preparation.crop), 1)
        top, left = (rows - side) // 2, (columns - side) // 2
        canvas = _resized(pixels[top : top + side, left : left + side], size)
        scale = (width / side, height / side)
        offset = (-left * scale[0], -top * scale[1])
    else:
        canvas, scale, offset = _resized(pixels, size), (width / columns, height / rows), (0.0, 0.0)
    return Placed(_normalized(canvas, preparation), scale, offset)


def stated_by(processor: Mapping[str, Any], base: Preparation) -> Preparation:
    """`base` changed by what a preprocessor_config.json of the hub says: mean and deviation of values 0 to 1, crop."""
    factor = 1 / float(processor.get("rescale_factor") or 1 / 255) if processor.get("do_rescale", True) else 1.0
    mean, std = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    if processor.get("do_normalize", True) and "image_mean" in processor:
        mean, std = tuple(processor["image_mean"]), tuple(processor["image_std"])
    return base._replace(
        resize=base.resize if base.resize != "crop" or _crops(processor) else "stretch",
        channels="rgb",
        mean=tuple(value * factor for value in mean),
        std=tuple(value * factor for value in std),
        crop=_crop(processor) if _crops(processor) else base.crop,
    )


def side_of(processor: Mapping[str, Any]) -> int | None:
    """Pixels of the square that a preprocessor_config.json brings pictures to; None where it is no square."""
    for key in ("crop_size", "size") if processor.get("do_center_crop") else ("size",):
        size = processor.get(key)
        if isinstance(size, int):
            return size
        if isinstance(size, Mapping) and size.get("height") == size.get("width") is not None:
            return int(size["height"])
        if isinstance(size, Mapping) and "crop_pct" in processor:
            return int(size["shortest_edge"])
    return None


def _crops(processor: Mapping[str, Any]) -> bool:
    return bool(processor.get("do_center_crop") or processor.get("crop_pct"))


def _crop(processor: Mapping[str, Any]) -> float:
    """What is taken of the shorter side: 224 of the 256 pixels it is brought to, as a rule."""
    if processor.get("crop_pct"):
        return float(processor["crop_pct"])
    brought, taken = _least(processor.get("size")), _least(processor.get("crop_size"))
    return min(taken / brought, 1.0) if brought and taken else 1.0


def _least(size: Any) -> int | None:
    sides: Sequence[Any] = list(size.values()) if isinstance(size, Mapping) else [size]
    return min((side for side in sides if isinstance(side, int)), default=None)


def _resized(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    import cv2

    shrinks = size[0] < pixels.shape[0] or size[1] < pixels.shape[1]
    small = cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(small, np.uint8)


def _normalized(pixels: NDArray[np.uint8], preparation: Preparation) -> NDArray[np.float32]:
    ordered = pixels[:, :, ::-1] if preparation.channels == "bgr" else pixels
    mean, std = (np.asarray(three, np.float32) for three in (preparation.mean, preparation.std))
    values = (ordered.astype(np.float32) - mean) / std
    return np.ascontiguousarray(values.transpose(2, 0, 1))
