from __future__ import annotations

from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from dcvlr.images.data_urls import ImageFormat, data_url

RNG = np.random.default_rng(3)
NOISE = RNG.integers(0, 256, (60, 100, 3), dtype=np.uint8)


def opened(url: str, kind: str) -> Image.Image:
    head, _, data = url.partition(",")
    assert head == f"data:image/{kind};base64"
    image = Image.open(BytesIO(b64decode(data, validate=True)))
    assert image.format == kind.upper()
    return image


@pytest.mark.parametrize("pixels", [NOISE, NOISE[:, :, 0], NOISE[:1, :1], NOISE[:, ::-1], NOISE[::2, ::3]])
def test_a_png_holds_the_very_pixels(pixels: np.ndarray) -> None:
    assert np.array_equal(np.asarray(opened(data_url(pixels, image_format="png"), "png")), pixels)


def test_a_jpeg_is_smaller_the_lower_its_quality() -> None:
    slope = np.stack([np.tile(np.arange(100, dtype=np.uint8) * 2, (60, 1))] * 3, axis=-1)
    low, high = (data_url(slope, image_format="jpeg", quality=quality) for quality in (20, 95))
    assert len(low) < len(high)
    assert np.abs(np.asarray(opened(high, "jpeg")).astype(int) - slope).max() <= 4


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_a_larger_picture_is_shrunk_and_none_is_enlarged(kind: ImageFormat) -> None:
    assert opened(data_url(NOISE, image_format=kind, max_side=50), kind).size == (50, 30)
    assert opened(data_url(NOISE, image_format=kind, max_side=100), kind).size == (100, 60)
    assert opened(data_url(NOISE, image_format=kind, max_side=1000), kind).size == (100, 60)
    assert opened(data_url(NOISE[:1], image_format=kind, max_side=10), kind).size == (10, 1)


def test_the_same_pixels_give_the_same_text() -> None:
    assert data_url(NOISE, image_format="jpeg", max_side=50) == data_url(NOISE.copy(), image_format="jpeg", max_side=50)
