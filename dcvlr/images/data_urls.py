"""Pictures as data URLs, the form in which servers take them inside JSON."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ImageFormat = Literal["jpeg", "png"]


def data_url(
    pixels: NDArray[np.uint8], *, image_format: ImageFormat, max_side: int | None = None, quality: int = 90
) -> str:
    """`data:image/jpeg;base64,…` of uint8 pixels, H x W x 3 in RGB or H x W in grey; the same pixels, the same text.

    A longer side than `max_side` is shrunk to it, nothing is enlarged. `quality` is Pillow's for JPEG, 1 to 95; a PNG
    loses nothing.
    """
    image = _shrunk(Image.fromarray(pixels), max_side)
    file = BytesIO()
    options = {"quality": quality} if image_format == "jpeg" else {}
    image.save(file, image_format.upper(), **options)
    return f"data:image/{image_format};base64,{b64encode(file.getvalue()).decode('ascii')}"


def _shrunk(image: Image.Image, max_side: int | None) -> Image.Image:
    longer = max(image.size)
    if max_side is None or longer <= max_side:
        return image
    width, height = (max(1, round(side * max_side / longer)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)
