from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from dcvlr.filtering.statistics.content_box import content_box


def box(image: Image.Image) -> tuple[int, int, int, int]:
    return content_box(np.asarray(image.convert("L")))


def grain(width: int = 200, height: int = 100) -> Image.Image:
    rng = np.random.default_rng(0)
    return Image.fromarray(rng.integers(0, 256, (height, width), dtype=np.uint8))


def test_a_picture_without_borders_is_all_content() -> None:
    assert box(grain()) == (0, 0, 200, 100)


@pytest.mark.parametrize("colour", ["white", "black", "#808080"])
def test_plain_borders_of_any_colour_are_trimmed_with_the_line_beside_them(colour: str) -> None:
    framed = ImageOps.expand(grain(), border=(30, 20, 10, 5), fill=Image.new("L", (1, 1), colour).getpixel((0, 0)))
    assert box(framed) == (31, 21, 229, 119)


def test_letterbox_bars_are_trimmed_where_they_are() -> None:
    assert box(ImageOps.expand(grain(), border=(0, 40), fill=0)) == (0, 41, 200, 139)


def test_noise_on_a_border_and_single_specks_do_not_stop_it() -> None:
    framed = np.asarray(ImageOps.expand(grain(), border=30, fill=240)).copy()
    framed[:25] -= np.random.default_rng(1).integers(0, 12, framed[:25].shape, dtype=np.uint8)
    framed[3, 50] = 0
    assert content_box(framed) == (31, 31, 229, 129)


def test_a_blank_picture_and_a_speck_on_it_are_whole() -> None:
    blank = Image.new("L", (300, 200), 255)
    assert box(blank) == (0, 0, 300, 200)
    ImageDraw.Draw(blank).rectangle((100, 100, 108, 108), fill=0)
    assert box(blank) == (0, 0, 300, 200)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3, 3)])
def test_tiny_pictures_are_whole(size: tuple[int, int]) -> None:
    assert box(Image.new("L", size, 7)) == (0, 0, *size)


def page(head: str = "white") -> Image.Image:
    """Grain on white paper, below a head of its own colour that reaches both edges."""
    paper = Image.new("L", (240, 200), "white")
    paper.paste(grain(200, 120), (20, 60))
    ImageDraw.Draw(paper).rectangle((0, 0, 239, 39), fill=head)
    return paper


def test_behind_letterbox_bars_the_margins_of_a_page_stay() -> None:
    assert box(ImageOps.expand(page(), border=(0, 30), fill=0)) == (0, 31, 240, 229)


def test_of_a_page_with_a_head_the_paper_is_trimmed_with_or_without_a_border_around_it() -> None:
    assert box(page("#444444")) == (0, 0, 240, 179)
    assert box(ImageOps.expand(page("#444444"), border=25, fill=255)) == (26, 26, 264, 204)


@pytest.mark.parametrize("colour", [255, 240, 128])
def test_in_a_border_paper_that_is_nearly_as_light_stays(colour: int) -> None:
    rng = np.random.default_rng(2)
    paper = rng.integers(244, 254, (160, 240), dtype=np.uint8)
    paper[40:120, 60:180] = rng.integers(0, 120, (80, 120), dtype=np.uint8)
    assert box(ImageOps.expand(Image.fromarray(paper), border=20, fill=colour)) == (21, 21, 259, 179)


@pytest.mark.parametrize(
    ("stroke", "expected"),
    [((40, 150, 220, 153), (41, 41, 220, 153)), ((100, 150, 100, 159), (41, 41, 139, 159))],
    ids=["across", "thin, down"],
)
def test_a_pale_stroke_is_content_on_paper_of_one_tone(
    stroke: tuple[int, int, int, int], expected: tuple[int, int, int, int]
) -> None:
    sheet = Image.new("L", (240, 200), 255)
    sheet.paste(grain(100, 60), (40, 40))
    ImageDraw.Draw(sheet).rectangle(stroke, fill=238)
    assert box(sheet) == expected


def test_what_jpeg_leaves_along_the_end_of_a_border_goes() -> None:
    framed = np.asarray(ImageOps.expand(grain(), border=30, fill=136)).copy()
    framed[27:30, 60:64] = 131
    assert content_box(framed) == (31, 31, 229, 129)


def test_in_a_border_paper_of_nearly_the_same_tone_stays() -> None:
    paper = Image.new("L", (240, 160), 251)
    paper.paste(grain(120, 80), (60, 40))
    assert box(ImageOps.expand(paper, border=20, fill=255)) == (21, 21, 259, 179)


def test_a_thin_rim_in_another_tone_is_content() -> None:
    rimmed = ImageOps.expand(grain(), border=3, fill=126)
    assert box(ImageOps.expand(rimmed, border=27, fill=136)) == (28, 28, 232, 132)
