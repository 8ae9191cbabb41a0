"""Pictures as requests show them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from fakes import grey_picture

from dcvlr.llm.views import shown
from dcvlr.records import Failure, Picture
from dcvlr.records.requests import View


def test_masks_are_painted_in_pixels_of_the_full_size(tmp_path: Path) -> None:
    image = grey_picture(tmp_path / "a.png", 200, size=(80, 40))
    picture = shown(View(image=image, masks=((10, 10, 30, 20), (70, 30, 999, 999))), 40)
    assert isinstance(picture, Picture)
    assert picture.pixels.shape == (20, 40, 3)
    expected = np.full((20, 40), 200)
    expected[5:10, 5:15] = 128
    expected[15:, 35:] = 128
    assert (picture.pixels[..., 0] == expected).all()


def test_a_pixel_that_a_mask_touches_is_painted_and_a_mask_outside_paints_nothing(tmp_path: Path) -> None:
    image = grey_picture(tmp_path / "a.png", 200, size=(8, 8))
    picture = shown(View(image=image, masks=((1.9, 1.9, 2.1, 2.1), (-9, -9, -1, -1))), 8)
    assert isinstance(picture, Picture)
    assert np.argwhere(picture.pixels[..., 0] == 128).tolist() == [[1, 1], [1, 2], [2, 1], [2, 2]]


def test_a_picture_without_masks_is_as_it_is_and_a_missing_one_a_failure(tmp_path: Path) -> None:
    image = grey_picture(tmp_path / "a.png", 200, size=(8, 8))
    picture = shown(View(image=image), 8)
    assert isinstance(picture, Picture)
    assert (picture.pixels == 200).all()
    Path(image.path).unlink()
    failure = shown(View(image=image, masks=((0, 0, 1, 1),)), 8)
    assert isinstance(failure, Failure)
    assert failure.kind == "missing"
