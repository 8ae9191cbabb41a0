from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from composed import composed_part
from contracts.duplicates import pictures_of
from filtering.dedup.pages import chart, photograph, receipt
from PIL import Image, ImageOps

from dcvlr.filtering.dedup.content_look import Content, ContentLook
from dcvlr.filtering.dedup.looks import Looks
from dcvlr.filtering.dedup.phash import ConfirmedHashes
from dcvlr.filtering.stage import Filtering
from dcvlr.images import read_picture
from dcvlr.memo import Memo
from dcvlr.records import Failure


def may_be_copies(folder: Path, *images: Image.Image) -> list[bool]:
    """Of the first picture and each of the others, as the search for duplicates decides it from their looks."""
    stage = composed_part("filtering", "filtering/nsfw=none")
    assert isinstance(stage, Filtering)
    finder, memo = stage.dedup["phash"], Memo(folder / "checkpoints")
    assert isinstance(finder, ConfirmedHashes)
    records = pictures_of(folder, [(f"{number}.png", image) for number, image in enumerate(images)]).images
    looks = Looks(records, memo.measure(finder.look, records))
    return finder.may_be_copies(looks, np.array([(other, 0) for other in range(1, len(images))]), memo).tolist()


def framed(image: Image.Image, colour: str) -> Image.Image:
    return ImageOps.expand(image, round(0.07 * max(image.size)), colour)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draw", "colour"),
    [(chart, "black"), (chart, "#888888"), (receipt, "black")],
)
def test_a_page_in_a_border_is_told_from_others_of_its_layout_and_not_from_itself(
    draw: Callable[[int], Image.Image], colour: str, tmp_path: Path
) -> None:
    assert may_be_copies(tmp_path, framed(draw(0), colour), draw(0), draw(1), draw(2)) == [True, False, False]


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_a_crop_is_left_to_be_looked_at(share: float, tmp_path: Path) -> None:
    photo = photograph(0)
    crop = photo.crop((round(photo.width * share), round(photo.height * share), *photo.size))
    assert may_be_copies(tmp_path, photo, crop) == [True]


def test_a_crop_of_the_proportions_of_what_a_border_encloses_is_left_to_be_looked_at(tmp_path: Path) -> None:
    page = framed(photograph(0, 600, 400), "white")
    left, top = (page.width - 600) // 2, (page.height - 400) // 2
    crop = page.crop((left, top, left + 450, top + 300))
    assert may_be_copies(tmp_path, page, crop) == [True]


def test_a_blank_page_in_a_border_is_left_to_be_looked_at(tmp_path: Path) -> None:
    blank = Image.new("RGB", (600, 400), "white")
    assert may_be_copies(tmp_path, framed(blank, "black"), blank) == [True]


def test_content_is_measured_in_pixels_of_the_file(tmp_path: Path) -> None:
    (record,) = pictures_of(tmp_path, [("a.png", framed(photograph(0, 800, 600), "black"))]).images
    model = ContentLook(batch_size=1)
    picture = read_picture(record, model.decode)
    assert not isinstance(picture, Failure)
    (content,) = model([picture])
    assert isinstance(content, Content)
    assert len(content.bits) == 32
    assert (content.width, content.height) == (pytest.approx(800, rel=0.01), pytest.approx(600, rel=0.01))
