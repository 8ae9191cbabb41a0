from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from filtering.dedup.pages import chart, form, jpeg, photograph, receipt, scene, slide
from PIL import Image, ImageEnhance

from dcvlr.config import compose, make
from dcvlr.filtering.dedup.look import CloserLook, lie_in_place
from dcvlr.filtering.dedup.looks import Looks
from dcvlr.filtering.stage import Filtering
from dcvlr.identity import digest
from dcvlr.images import read_picture
from dcvlr.records import Failure, ImageRecord


def looks_of(folder: Path, *images: Image.Image) -> Looks:
    """Of files, as the memo has them measured."""
    model, signals, records = CloserLook(batch_size=4), {}, []
    for number, image in enumerate(images):
        path = folder / f"{number}.png"
        image.save(path)
        records.append(ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="d"))
        picture = read_picture(records[-1], model.decode)
        assert not isinstance(picture, Failure)
        (signals[records[-1].id],) = model([picture])
    return Looks(records, signals)


@pytest.mark.parametrize("draw", [form, chart, slide, receipt])
def test_pages_of_one_layout_are_told_apart_by_their_looks(draw: Callable[[int], Image.Image], tmp_path: Path) -> None:
    looks = looks_of(tmp_path, *(draw(seed) for seed in range(5)))
    assert [other for other in range(1, 5) if looks.other_content(0, other)] == [1, 2, 3, 4]


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG at quality 30": lambda image: jpeg(image, 30),
    "grey": lambda image: image.convert("L"),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.8),
    "lighter": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "turned by 2 degrees and 10 % larger": lambda image: image.rotate(2).resize((660, 500)),
}


@pytest.mark.parametrize("picture", [form(0), chart(0), slide(0), scene(), photograph(0), receipt(0)])
@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
def test_what_may_be_a_copy_is_left_to_be_looked_at(
    picture: Image.Image, copy: Callable[[Image.Image], Image.Image], tmp_path: Path
) -> None:
    assert not looks_of(tmp_path, picture, copy(picture)).other_content(0, 1)


@pytest.mark.parametrize("draw", [form, chart, receipt])
def test_other_pages_made_smaller_are_told_apart_and_crops_are_left(
    draw: Callable[[int], Image.Image], tmp_path: Path
) -> None:
    page, other = draw(0), draw(1)
    small = other.resize((page.width // 2, page.height // 2))
    cut = page.crop((8, 8, page.width - 8, page.height - 8))
    looks = looks_of(tmp_path, page, small, cut)
    assert (looks.other_content(0, 1), looks.other_content(0, 2)) == (True, False)


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
    assert lie_in_place(size, other) is in_place


def test_a_picture_without_a_look_is_no_row_to_compare(tmp_path: Path) -> None:
    record = ImageRecord(id="gone", path="gone.png", dataset="d")
    looks = Looks([record, record], {"gone": Failure(kind="missing", message="no such file")})
    assert looks.known(np.array([0, 1])).tolist() == []
    assert not looks.other_content(0, 1)
    assert Looks([], {}).known(np.array([], np.int64)).tolist() == []


def test_a_temporary_folder_without_space_for_the_looks_is_named(tmp_path: Path) -> None:
    code = """
import resource
from dcvlr.filtering.dedup.looks import Looks
from dcvlr.records import Failure, ImageRecord
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
Looks([ImageRecord(id="a", path="a.png", dataset="d")] * 1000, {"a": Failure(kind="missing", message="no file")})
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == (
        f"dcvlr.errors.DcvlrError: near-duplicates need 5 MB in {tmp_path} for the looks at 1,000 pictures "
        "(File too large): set TMPDIR to a larger disk"
    )


def test_a_picture_is_decoded_once_for_its_statistics_and_its_look() -> None:
    stage = make(compose(["filtering/nsfw=none"]), "filtering")
    assert isinstance(stage, Filtering)
    (look,) = stage.dedup["phash"].looks
    assert look.decode == stage.statistics.decode  # type: ignore[union-attr]
    off = make(compose(["filtering/nsfw=none", "filtering.phash_threshold=null"]), "filtering")
    assert list(off.dedup["phash"].looks) == []
