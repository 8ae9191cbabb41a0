from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from contracts.image_models import ImageModelContract, picture_of
from contracts.readers import DetectorContract
from PIL import Image, ImageDraw

from dcvlr.binning.detector.regions import SalientRegions
from dcvlr.errors import ConfigError
from dcvlr.records import Box

pytest.importorskip("skimage", reason="the regions extra is not installed")


def detector(**changes: float) -> SalientRegions:
    settings = SalientRegions(
        max_side=320, patches=400, min_contrast=0.3, min_area=0.008, max_area=0.9, max_regions=8, batch_size=4
    )
    return dataclasses.replace(settings, **changes)


def regions(image: Image.Image, **changes: float) -> list[Box]:
    model = detector(**changes)
    return [detection.box for detection in model([picture_of(image, model.decode)])[0].objects]


def scene(*boxes: tuple[int, int, int, int], size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Coloured discs on a light ground that is a little noisy, as photographs are."""
    ground = np.random.default_rng(0).normal(215, 4, (size[1], size[0], 3))
    image = Image.fromarray(np.clip(ground, 0, 255).astype(np.uint8))
    for box, colour in zip(boxes, ("#b02020", "#2040a0", "#208040", "#303030", "#904090"), strict=False):
        ImageDraw.Draw(image).ellipse(box, fill=colour)
    return image


@pytest.mark.slow
class TestSalientRegionsLooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self) -> SalientRegions:
        return detector()


@pytest.mark.slow
class TestSalientRegionsDetects(DetectorContract):
    @pytest.fixture
    def reader(self) -> SalientRegions:
        return detector()


@pytest.mark.slow
def test_each_thing_on_a_plain_ground_is_a_region() -> None:
    discs = [(60, 60, 200, 200), (400, 80, 560, 240), (220, 290, 380, 450)]
    found = sorted(regions(scene(*discs)))
    assert len(found) == 3
    for box, disc in zip(found, sorted(discs), strict=True):
        assert box == pytest.approx(disc, abs=36)


@pytest.mark.slow
def test_boxes_are_in_full_size_pixels() -> None:
    (box,) = regions(scene((400, 300, 900, 800), size=(1280, 960)))
    assert box == pytest.approx((400, 300, 900, 800), abs=72)


@pytest.mark.slow
def test_a_picture_of_one_colour_has_no_regions() -> None:
    assert regions(Image.new("RGB", (300, 200), (30, 90, 200))) == []


@pytest.mark.slow
def test_faint_noise_is_not_stretched_into_regions() -> None:
    assert regions(scene()) == []


@pytest.mark.slow
def test_specks_are_texture() -> None:
    (box,) = regions(scene((60, 60, 90, 90), (300, 200, 460, 360)))
    assert box == pytest.approx((300, 200, 460, 360), abs=36)


@pytest.mark.slow
def test_a_part_inside_a_larger_region_is_not_a_thing_of_its_own() -> None:
    image = scene((150, 80, 490, 420))
    ImageDraw.Draw(image).ellipse((290, 220, 350, 280), fill="white")
    assert len(regions(image)) == 1


@pytest.mark.slow
def test_only_the_most_striking_regions_are_kept() -> None:
    discs = [(60, 60, 200, 200), (400, 80, 560, 240), (220, 290, 380, 450)]
    assert len(regions(scene(*discs), max_regions=2)) == 2


@pytest.mark.parametrize(
    ("key", "value"), [("min_contrast", 1.5), ("max_area", -1), ("patches", 1), ("max_side", 0), ("max_regions", 0)]
)
def test_a_setting_out_of_range_is_refused_by_name(key: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"^{key}={value}"):
        detector(**{key: value})
