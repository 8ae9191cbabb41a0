from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from filtering.dedup.pages import chart, form, jpeg, photograph, receipt, scene, slide
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

from dcvlr.filtering.dedup.difference import UNLIKE, difference

SAME = 0.5  # as in conf/filtering/dedup/phash.yaml


def between(one: Image.Image, other: Image.Image) -> float:
    return difference(np.asarray(one.convert("RGB")), np.asarray(other.convert("RGB")), 640, 0.3)


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "one and a half times the size": lambda image: image.resize((image.width * 3 // 2, image.height * 3 // 2)),
    "JPEG at quality 30": lambda image: jpeg(image, 30),
    "grey": lambda image: image.convert("L"),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.75),
    "lighter": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "more contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.2),
    "cut by one in a hundred": lambda image: image.crop((3, 3, image.width - 3, image.height - 3)),
}


@pytest.mark.parametrize("draw", [form, chart, slide, scene, photograph, receipt])
def test_copies_differ_nowhere_visibly(draw: Callable[[int], Image.Image]) -> None:
    found = {name: between(draw(0), copy(draw(0))) for name, copy in COPIES.items()}
    assert {name: value for name, value in found.items() if value >= SAME} == {}


@pytest.mark.parametrize("draw", [form, chart, slide, photograph, receipt])
@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (3, 4))])
def test_pages_of_one_layout_with_other_content_differ(draw: Callable[[int], Image.Image], seed: int) -> None:
    assert between(draw(0), draw(seed)) > 2 * SAME


def test_a_thing_that_moved_by_a_twentieth_of_the_width_is_seen() -> None:
    assert between(scene(), scene(moved=32)) > 2 * SAME


def test_one_other_word_on_a_page_is_seen() -> None:
    page, other = form(0), form(0).copy()
    pen = ImageDraw.Draw(other)
    pen.rectangle((262, 454, 788, 498), fill="white")
    pen.text((275, 460), "turnip", fill="black", font=ImageFont.load_default(size=26))
    assert between(page, other) > SAME


def test_plain_pictures_differ_by_their_colour() -> None:
    red, blue = Image.new("RGB", (300, 300), "red"), Image.new("RGB", (300, 300), "blue")
    assert between(red, red) == 0
    assert between(red, blue) > 2 * SAME
    assert between(red, Image.new("RGB", (300, 300), (250, 4, 3))) < SAME


def test_a_pale_field_of_another_colour_is_seen() -> None:
    page, other = form(0), form(0).copy()
    ImageDraw.Draw(other).rectangle((262, 534, 788, 578), fill=(255, 255, 190))
    assert between(page, other) > SAME


def test_other_colours_are_no_other_light() -> None:
    brown = Image.merge("RGB", chart(0).split()[::-1])
    assert between(chart(0), brown) > 2 * SAME


def test_pictures_of_other_proportions_are_not_laid_onto_each_other() -> None:
    assert between(photograph(0), photograph(0, 600, 300)) == UNLIKE


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (9, 9)])
def test_tiny_pictures_are_compared_too(size: tuple[int, int]) -> None:
    assert between(Image.new("RGB", size, "red"), Image.new("RGB", size, "red")) == 0
