"""A picture above 4096 pixels is used, and exported, as one of 4096."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from image_files import FULL, encode, opened, stored
from PIL import Image

from dcvlr.export.encoded_pictures import encoded_picture
from dcvlr.records import Decode, Qa


def scan(width: int = 5120, height: int = 256) -> Image.Image:
    """White, with a black square of 256 pixels at its right end."""
    image = Image.new("RGB", (width, height), "white")
    image.paste((0, 0, 0), (width - 256, 0, width, 256))
    return image


@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_the_full_size_is_that_of_use_and_the_files_own_is_kept_beside(tmp_path: Path, image_format: str) -> None:
    picture = opened(tmp_path, encode(scan(), image_format))
    assert (picture.width, picture.height, picture.pixels.shape) == (4096, 205, (205, 4096, 3))
    assert (picture.shrunk_from, picture.file_size) == ((5120, 256), (5120, 256))
    assert np.flatnonzero(picture.pixels[100, :, 0] < 128)[0] == pytest.approx(4864 * 0.8, abs=2)


def test_smaller_pixels_of_it_lead_to_coordinates_of_the_size_of_use(tmp_path: Path) -> None:
    picture = opened(tmp_path, encode(scan(), "PNG"), Decode(max_side=1024))
    assert picture.pixels.shape == (51, 1024, 3)
    assert picture.to_full_size(1024, 51) == (4096, 205)


def test_one_that_is_turned_upright_is_shrunk_the_same_way(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = opened(tmp_path, encode(scan(), "JPEG", exif=exif))
    assert (picture.width, picture.height, picture.shrunk_from) == (205, 4096, (256, 5120))


def test_a_picture_of_the_largest_size_is_not_shrunk(tmp_path: Path) -> None:
    picture = opened(tmp_path, encode(scan(4096, 256), "PNG"))
    assert (picture.width, picture.height, picture.shrunk_from) == (4096, 256, None)


@pytest.mark.parametrize(("image_format", "suffix"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "png")])
def test_the_exported_picture_has_the_size_that_boxes_refer_to(tmp_path: Path, image_format: str, suffix: str) -> None:
    record = stored(tmp_path, encode(scan(), image_format))
    qa = Qa(
        id="q",
        image=record.path,
        image_id=record.id,
        dataset="d",
        bin="A",
        question="?",
        options=None,
        answer="1",
        reasoning="1. One.",
        evidence=(),
        generator="g",
        created_from="full features",
        seed=0,
    )
    exported = encoded_picture(qa.pictures[0])
    assert exported.suffix == suffix
    with Image.open(io.BytesIO(exported.content)) as image:
        assert image.size == (4096, 205)
    assert opened(tmp_path, exported.content, FULL).shrunk_from is None
