"""Pictures as requests show them: shrunk, with what is to be hidden painted over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dcvlr.images import read_picture
from dcvlr.records import Box, Decode, Failure, Picture
from dcvlr.records.requests import Request, View

_GREY = 128


def shown(view: View, max_side: int) -> Picture | Failure:
    """The view's picture, its longer side at most `max_side`, in RGB; every pixel that a mask touches is mid grey."""
    picture = read_picture(view.image, Decode(max_side=max_side))
    if isinstance(picture, Failure) or not view.masks:
        return picture
    return replace(picture, pixels=_painted(picture, view.masks))


def pictures_of(request: Request, max_side: int) -> list[Picture] | Failure:
    """What the request shows, in order; the failure of the first picture that cannot be shown."""
    pictures: list[Picture] = []
    for view in request.views:
        picture = shown(view, max_side)
        if isinstance(picture, Failure):
            return picture
        pictures.append(picture)
    return pictures


class LocalModel(Protocol):
    """What of a model's settings says which pictures it takes."""

    @property
    def model(self) -> str: ...
    @property
    def sees_images(self) -> bool: ...
    @property
    def max_side(self) -> int: ...


def pictures_for(model: LocalModel, request: Request) -> list[Picture] | Failure:
    """Like `pictures_of`; a model that sees none refuses a request that shows some."""
    if request.views and not model.sees_images:
        return Failure(kind="refused", message=f"{model.model} is shown a picture but llm.sees_images is false")
    return pictures_of(request, model.max_side)


def _painted(picture: Picture, masks: Sequence[Box]) -> NDArray[np.uint8]:
    pixels = picture.pixels.copy()
    rows, columns = pixels.shape[:2]
    across, down = columns / picture.width, rows / picture.height
    for x0, y0, x1, y1 in masks:
        left, top = max(0, math.floor(x0 * across)), max(0, math.floor(y0 * down))
        right, bottom = max(0, math.ceil(x1 * across)), max(0, math.ceil(y1 * down))
        pixels[top:bottom, left:right] = _GREY
    return pixels
