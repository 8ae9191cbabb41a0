from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from filtering.dedup.pages import chart, form, jpeg, photograph, receipt, scene, slide
from PIL import Image, ImageEnhance

from dcvlr.config import compose, make
from dcvlr.filtering.dedup.look import CloserLook, Look, lie_in_place
from dcvlr.filtering.dedup.looks import Looks
from dcvlr.filtering.stage import Filtering
from dcvlr.identity import digest
from dcvlr.images import read_picture
from dcvlr.records import Failure, ImageRecord


def looks_of(folder: Path, *images: Image.Image, most_kept: int = 100) -> Looks:
    """Of files, as the memo has them measured."""
    model, signals, records = CloserLook(batch_size=4), {}, []
    for number, image in enumerate(images):
        path = folder / f"{number}.png"
        image.save(path, compress_level=1)
        records.append(ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="d"))
        picture = read_picture(records[-1], model.decode)
        assert not isinstance(picture, Failure)
        (signals[records[-1].id],) = model([picture])
    return Looks(records, signals, most_kept)


def other_content(looks: Looks, one: int, others: list[int]) -> list[bool]:
    return looks.other_content(np.full(len(others), one), np.array(others)).tolist()


@pytest.mark.parametrize("draw", [form, chart, slide, receipt])
def test_pages_of_one_layout_are_told_apart_by_their_looks(draw: Callable[[int], Image.Image], tmp_path: Path) -> None:
    looks = looks_of(tmp_path, *(draw(seed) for seed in range(5)))
    assert other_content(looks, 0, [1, 2, 3, 4]) == [True] * 4


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG at quality 30": lambda image: jpeg(image, 30),
    "grey": lambda image: image.convert("L"),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.8),
    "lighter": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "half the size and darker": lambda image: ImageEnhance.Brightness(
        image.resize((image.width // 2, image.height // 2))
    ).enhance(0.8),
    "turned by 2 degrees and 10 % larger": lambda image: image.rotate(2).resize((660, 500)),
}


@pytest.mark.parametrize("draw", [form, chart, slide, scene, photograph, receipt])
def test_what_may_be_a_copy_is_left_to_be_looked_at(draw: Callable[[int], Image.Image], tmp_path: Path) -> None:
    looks = looks_of(tmp_path, draw(0), *(copy(draw(0)) for copy in COPIES.values()))
    found = other_content(looks, 0, list(range(1, 1 + len(COPIES))))
    assert dict(zip(COPIES, found, strict=True)) == dict.fromkeys(COPIES, False)


@pytest.mark.parametrize("draw", [form, chart, receipt])
def test_other_pages_made_smaller_are_told_apart_and_crops_are_left(
    draw: Callable[[int], Image.Image], tmp_path: Path
) -> None:
    page, other = draw(0), draw(1)
    small = other.resize((page.width // 2, page.height // 2))
    cut = page.crop((8, 8, page.width - 8, page.height - 8))
    looks = looks_of(tmp_path, page, small, cut)
    assert other_content(looks, 0, [1, 2]) == [True, False]


@pytest.mark.parametrize("draw", [form, chart, slide, receipt])
@pytest.mark.parametrize("factor", [0.8, 1.2])
def test_other_pages_in_other_light_are_told_apart(
    draw: Callable[[int], Image.Image], factor: float, tmp_path: Path
) -> None:
    looks = looks_of(tmp_path, draw(0), ImageEnhance.Brightness(draw(1)).enhance(factor))
    assert other_content(looks, 0, [1]) == [True]


@pytest.mark.parametrize(
    ("size", "bits", "apart"), [(600, 0, False), (600, 8, False), (600, 12, True), (300, 12, False)]
)
def test_bits_and_a_window_that_hardly_differ_each_tell_apart_together(size: int, bits: int, apart: bool) -> None:
    # The window is at 0.8 of its limit, 12 bits are at three quarters of theirs; made smaller, copies differ as much.
    cells = np.zeros((48, 48), np.int8)
    cells[20:23, 20:23] = 17
    flipped = (0xFF).to_bytes() * 30 + (0xFFFF ^ (2**bits - 1)).to_bytes(2)
    plain = Look(cells=bytes(48 * 48), bits=b"\xff" * 32, paper=0.5, brightness=0.5, width=600, height=600)
    other = Look(cells=cells.tobytes(), bits=flipped, paper=0.5, brightness=0.5, width=size, height=size)
    images = [ImageRecord(id=name, path=name, dataset="d") for name in "ab"]
    looks = Looks(images, {"a": plain, "b": other})
    assert other_content(looks, 0, [1]) == [apart]


@pytest.mark.slow
def test_looks_that_are_not_kept_in_memory_are_read_again(tmp_path: Path) -> None:
    pages = [form(0), form(1), ImageEnhance.Brightness(form(0)).enhance(0.8), form(2)]
    (tmp_path / "kept").mkdir()
    kept = other_content(looks_of(tmp_path / "kept", *pages), 0, [1, 2, 3])
    assert other_content(looks_of(tmp_path, *pages, most_kept=1), 0, [1, 2, 3]) == kept == [True, False, True]


def test_pictures_with_hardly_any_contrast_are_left_to_be_looked_at(tmp_path: Path) -> None:
    blank = photograph(0).point(lambda level: 245 + level // 128)
    looks = looks_of(tmp_path, blank, jpeg(blank, 30), Image.new("RGB", blank.size, "white"))
    assert other_content(looks, 0, [1, 2]) == [False, False]


@pytest.mark.parametrize(
    ("size", "other", "in_place"),
    [
        ((850, 1100), (850, 1100), True),
        ((850, 1100), (425, 550), True),
        ((425, 550), (850, 1100), True),
        ((850, 1100), (833, 1078), False),  # a crop by 2 % of each side
        ((850, 1100), (765, 990), False),  # or by 10 %
        ((850, 1100), (1004, 1254), False),  # a border
        ((850, 1100), (1100, 850), False),
    ],
)
def test_pictures_lie_in_place_by_their_sizes(size: tuple[int, int], other: tuple[int, int], in_place: bool) -> None:
    assert lie_in_place(np.array(size), np.array(other)) == in_place


def test_a_picture_without_a_look_is_no_row_to_compare(tmp_path: Path) -> None:
    record = ImageRecord(id="gone", path="gone.png", dataset="d")
    looks = Looks([record, record], {"gone": Failure(kind="missing", message="no such file")})
    assert looks.known(np.array([0, 1])).tolist() == []
    assert other_content(looks, 0, [1]) == [False]
    assert Looks([], {}).known(np.array([], np.int64)).tolist() == []


def test_a_picture_is_decoded_once_for_its_statistics_and_its_look() -> None:
    stage = make(compose(["filtering/nsfw=none"]), "filtering")
    assert isinstance(stage, Filtering)
    (look,) = stage.dedup["phash"].looks
    assert look.decode == stage.statistics.decode  # type: ignore[union-attr]
    off = make(compose(["filtering/nsfw=none", "filtering.phash_threshold=null"]), "filtering")
    assert list(off.dedup["phash"].looks) == []
