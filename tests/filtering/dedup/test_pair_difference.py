from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from filtering.dedup.pages import chart, form, photograph, receipt, scene, slide
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from dcvlr.filtering.dedup.pair_difference import Difference, PairDifference, pair_of
from dcvlr.identity import digest
from dcvlr.records import ImageRecord

SAME = 0.5  # as in conf/filtering/dedup/phash.yaml


def apart(folder: Path, one: Image.Image, other: Image.Image, quality: int = 92) -> float:
    images = []
    for name, picture in (("one.jpg", one), ("other.jpg", other)):
        picture.save(folder / name, quality=quality)
        images.append(
            ImageRecord(id=digest((folder / name).read_bytes()), path=str(folder / name), dataset="d"),
        )
    (found,) = PairDifference(side=640, batch_size=1, threads=1)([pair_of(*images)])
    assert isinstance(found, Difference)
    return found.value


def scanned(numbers: list[str]) -> Image.Image:
    """A page of A4 at 150 dots per inch."""
    page = Image.new("RGB", (1240, 1754), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(size=26)
    for row, number in enumerate(numbers):
        pen.text((90, 200 + 90 * row), "Account number", fill="black", font=font)
        pen.line((480, 234 + 90 * row, 1150, 234 + 90 * row), fill="#555555")
        pen.text((490, 200 + 90 * row), number, fill="#112288", font=font)
    return page


@pytest.mark.parametrize("size", [(600, 1), (1, 600), (10, 10), (1300, 2)])
def test_pictures_of_hardly_any_pixels_are_compared(tmp_path: Path, size: tuple[int, int]) -> None:
    page = Image.new("RGB", size, "white")
    assert apart(tmp_path, page, page, quality=60) == 0


@pytest.mark.slow
@pytest.mark.parametrize(("row", "other"), [(0, "48213"), (3, "90210"), (5, "71884")])
def test_one_other_digit_on_a_scanned_page_is_seen(tmp_path: Path, row: int, other: str) -> None:
    numbers = ["48218", "66107", "15520", "90216", "33871", "71834"]
    page = scanned(numbers)
    numbers[row] = other
    assert apart(tmp_path, page, scanned(numbers)) > SAME
    assert apart(tmp_path, page, page.filter(ImageFilter.GaussianBlur(1)), quality=40) < SAME


@pytest.mark.slow
@pytest.mark.parametrize("width", [620, 500])
def test_one_other_digit_on_a_page_that_was_made_small_is_seen(tmp_path: Path, width: int) -> None:
    numbers = ["48218", "66107", "15520", "90216", "33871", "71834"]
    page, other = (
        scanned(rows).resize((width, round(width * 1.414)), Image.Resampling.LANCZOS)
        for rows in (numbers, [*numbers[:3], "90210", *numbers[4:]])
    )
    assert apart(tmp_path, page, other) > SAME
    assert apart(tmp_path, page, ImageEnhance.Brightness(other).enhance(0.6)) > SAME
    assert apart(tmp_path, scanned(numbers), page, quality=40) < SAME


@pytest.mark.slow
@pytest.mark.parametrize("colour", ["white", "black", "#888888"])
def test_one_other_digit_on_a_page_in_a_border_is_seen(tmp_path: Path, colour: str) -> None:
    numbers = ["48218", "66107", "15520", "90216", "33871", "71834"]
    page, other = scanned(numbers), scanned([*numbers[:3], "90210", *numbers[4:]])
    assert apart(tmp_path, page, ImageOps.expand(other, 120, colour)) > SAME
    assert apart(tmp_path, page, ImageOps.expand(page, 120, colour), quality=60) < SAME


def listed(last: str) -> Image.Image:
    """A page of A4 without lines, whose numbers stand last in their rows; the fourth ends in `last`."""
    page = Image.new("RGB", (1240, 1754), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(size=22)
    for row in range(21):
        pen.text((80, 120 + 70 * row), "Saddle beacon", fill="black", font=font)
        pen.text((410, 120 + 70 * row), f"{row * 733 + 4021:05}"[:4] + (last if row == 3 else "1"), "#333333", font)
    return page


@pytest.mark.parametrize("quality", [95, 40])
@pytest.mark.parametrize("border", [0, 120])
def test_one_other_digit_that_stands_last_on_a_list_is_seen(tmp_path: Path, border: int, quality: int) -> None:
    page, copy, other = listed("6"), *(ImageOps.expand(listed(last), border, "white") for last in "68")
    assert apart(tmp_path, page, other, quality) > SAME
    assert apart(tmp_path, page, copy, quality) < SAME


def test_a_copy_whose_border_was_cut_a_line_too_late_is_found(tmp_path: Path) -> None:
    page = scanned(["48218", "66107", "15520", "90216", "33871", "71834"])
    assert apart(tmp_path, page, ImageOps.expand(page.crop((0, 0, 1240, 1753)), 120, "black")) < SAME


@pytest.mark.parametrize("colour", ["white", "black", "#888888", "#f4efe0"])
@pytest.mark.parametrize("draw", [form, chart, slide, photograph, receipt])
def test_a_plain_border_is_taken_off(tmp_path: Path, draw: Callable[[int], Image.Image], colour: str) -> None:
    assert apart(tmp_path, draw(0), ImageOps.expand(draw(0), 40, colour)) < SAME


@pytest.mark.parametrize("draw", [form, chart, slide, photograph, receipt])
def test_a_crop_by_two_percent_is_laid_onto_the_whole(tmp_path: Path, draw: Callable[[int], Image.Image]) -> None:
    whole = draw(0)
    width, height = whole.size
    crop = whole.crop((round(0.012 * width), round(0.012 * height), round(0.992 * width), round(0.992 * height)))
    assert apart(tmp_path, whole, crop) < SAME


@pytest.mark.parametrize("draw", [form, chart, slide, receipt])
def test_another_page_of_the_layout_in_a_border_differs(tmp_path: Path, draw: Callable[[int], Image.Image]) -> None:
    assert apart(tmp_path, draw(0), ImageOps.expand(draw(1), 40, "black")) > 2 * SAME


def test_colours_that_were_cut_off_at_white_are_no_other_content(tmp_path: Path) -> None:
    assert apart(tmp_path, scene(), ImageEnhance.Brightness(scene()).enhance(1.2)) < SAME


def test_other_colours_are_seen(tmp_path: Path) -> None:
    brown = Image.merge("RGB", chart(0).split()[::-1])
    assert apart(tmp_path, chart(0), brown) > 2 * SAME
