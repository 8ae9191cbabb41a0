from __future__ import annotations

import dataclasses
import re
from functools import cache
from pathlib import Path

import imagehash
import numpy as np
import pytest
from contracts.image_models import ImageModelContract, picture_of
from PIL import Image, ImageFilter, ImageOps

from dcvlr.errors import ConfigError
from dcvlr.filtering.statistics.basic import BasicStatistics
from dcvlr.identity import identity
from dcvlr.records import ImageStatistics

DRAFT = BasicStatistics(hash_decode="draft", batch_size=4)
EXACT = BasicStatistics(hash_decode="exact", batch_size=4)


class TestDraft(ImageModelContract):
    @pytest.fixture
    def model(self) -> BasicStatistics:
        return DRAFT


class TestExact(ImageModelContract):
    @pytest.fixture
    def model(self) -> BasicStatistics:
        return EXACT


def measured(image: Image.Image, model: BasicStatistics = DRAFT, image_format: str = "PNG") -> ImageStatistics:
    return model([picture_of(image, model.decode, image_format=image_format)])[0]


@cache
def landscape(width: int, height: int) -> Image.Image:
    """Clouds of several sizes, as photographs have."""
    rng = np.random.default_rng(3)
    layers = [
        np.asarray(Image.fromarray(rng.integers(0, 256, (n, n, 3), dtype=np.uint8)).resize((width, height)), np.float32)
        for n in (3, 9, 30, 90)
    ]
    return Image.fromarray((sum(layers) / len(layers)).astype(np.uint8))


def test_size_and_format_are_those_of_the_full_picture() -> None:
    found = measured(landscape(1200, 700), image_format="JPEG")
    assert (found.width, found.height, found.format) == (1200, 700, "JPEG")
    assert re.fullmatch("[0-9a-f]{16}", found.phash)


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "BMP", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_exact_hash_is_bit_for_bit_that_of_imagehash(tmp_path: Path, image_format: str, mode: str) -> None:
    path = tmp_path / "picture"
    landscape(1200, 700).convert(mode).save(path, image_format, compress_level=1)
    with Image.open(path) as image:
        expected = str(imagehash.phash(image))
    with Image.open(path) as image:
        assert measured(image.copy(), EXACT).phash == expected


def test_pixels_of_the_content_are_those_of_the_file_inside_plain_borders() -> None:
    assert measured(landscape(800, 600)).content_pixels == 800 * 600
    framed = measured(ImageOps.expand(landscape(800, 600), 160, "black")).content_pixels
    assert 0.97 * 800 * 600 < framed < 800 * 600


def test_margins_in_a_frame_are_no_content_either() -> None:
    page = ImageOps.expand(landscape(800, 600), 160, "white")
    plain, framed = (measured(picture).content_pixels for picture in (page, ImageOps.expand(page, 90, "black")))
    assert 0.97 * 800 * 600 < plain < 800 * 600
    assert 0.94 * plain < framed < 1.06 * plain


def test_the_draft_hash_is_near_the_exact_one() -> None:
    for width, height in ((1600, 1200), (900, 1400), (500, 400), (200, 150)):
        image = landscape(width, height)
        draft, exact = measured(image, image_format="JPEG"), measured(image, EXACT, "JPEG")
        assert imagehash.hex_to_hash(draft.phash) - imagehash.hex_to_hash(exact.phash) <= 4


def test_a_blank_picture_has_no_sharpness_entropy_or_edges() -> None:
    found = measured(Image.new("RGB", (400, 300), (51, 51, 51)))
    assert (found.sharpness, found.brightness, found.entropy, found.corner_edge_ratio) == (0.0, 0.2, 0.0, 0.0)


def test_two_grey_levels_in_equal_parts_are_one_bit() -> None:
    image = Image.new("L", (200, 100), 0)
    image.paste(255, (0, 0, 100, 100))
    found = measured(image)
    assert (found.entropy, found.brightness) == (1.0, 0.5)


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    image = Image.new("L", (4, 4), 0)
    image.putpixel((1, 1), 100)
    # Laplacian -400 at the point and 100 at its four neighbours, doubled where the border mirrors the point back:
    # that is at (0, 1) and (1, 0). Sum -400 + 2*100 + 2*200 = 200, squares 160000 + 2*10000 + 2*40000 = 260000.
    assert measured(image).sharpness == round(260000 / 16 - (200 / 16) ** 2, 2)


def test_a_blurred_picture_is_less_sharp() -> None:
    image = landscape(1200, 900)
    assert measured(image.filter(ImageFilter.GaussianBlur(12))).sharpness < measured(image).sharpness / 3


def test_numbers_hardly_depend_on_the_scale_of_the_same_picture() -> None:
    large = landscape(1200, 900)
    small = large.resize((600, 450), Image.Resampling.LANCZOS)
    first, second = measured(large), measured(small)
    assert second.sharpness == pytest.approx(first.sharpness, rel=0.1)
    assert second.brightness == pytest.approx(first.brightness, abs=0.005)
    assert second.entropy == pytest.approx(first.entropy, abs=0.05)


def test_the_corner_edge_ratio_is_that_of_the_corner_with_most_edges() -> None:
    image = Image.new("L", (80, 80), 0)
    assert measured(image).corner_edge_ratio == 0.0
    for column in range(0, 20, 10):  # black and white bars in the lower left corner square of 20 x 20
        image.paste(255, (column, 60, column + 5, 80))
    assert measured(image).corner_edge_ratio == pytest.approx(0.2, abs=0.06)  # four edges of one pixel in 20
    middle = Image.new("L", (80, 80), 0)
    middle.paste(image.crop((0, 60, 20, 80)), (30, 30))
    assert measured(middle).corner_edge_ratio == 0.0


def test_a_picture_without_room_for_corners_has_no_corner_edges() -> None:
    assert measured(Image.new("L", (300, 3), 255)).corner_edge_ratio == 0.0


def test_the_hash_mode_is_part_of_the_identity_and_the_batch_size_is_not() -> None:
    assert identity(DRAFT) != identity(EXACT)
    assert identity(DRAFT) == identity(dataclasses.replace(DRAFT, batch_size=7))


def test_wrong_settings_are_refused_with_what_is_allowed() -> None:
    with pytest.raises(ConfigError, match=r"^hash_decode='fast': draft or exact is allowed"):
        BasicStatistics(hash_decode="fast", batch_size=1)
    with pytest.raises(ConfigError, match=r"^batch_size=0: a whole number from 1"):
        BasicStatistics(hash_decode="draft", batch_size=0)
