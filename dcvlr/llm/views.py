"""Pictures as requests show them: shrunk, with what is to be hidden painted over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dcvlr.images import read_picture
from dcvlr.records import Box, Decode, Failure, Picture
from dcvlr.records.requests import View

_GREY = 128


def shown(view: View, max_side: int) -> Picture | Failure:
    """The view's picture, its longer side at most `max_side`, in RGB; every pixel that a mask touches is mid grey."""
    picture = read_picture(view.image, Decode(max_side=max_side))
    if isinstance(picture, Failure) or not view.masks:
        return picture
    return replace(picture, pixels=_painted(picture, view.masks))


def _painted(picture: Picture, masks: Sequence[Box]) -> NDArray[np.uint8]:
    pixels = picture.pixels.copy()
    rows, columns = pixels.shape[:2]
    across, down = columns / picture.width, rows / picture.height
    for x0, y0, x1, y1 in masks:
        left, top = max(0, math.floor(x0 * across)), max(0, math.floor(y0 * down))
        right, bottom = max(0, math.ceil(x1 * across)), max(0, math.ceil(y1 * down))
        pixels[top:bottom, left:right] = _GREY
    return pixels
