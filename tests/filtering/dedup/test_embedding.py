from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contracts.duplicates import DuplicateFinderContract, pictures_of
from contracts.image_models import ImageModelContract
from filtering.dedup.pages import form, photograph, words
from filtering.dedup.test_phash import filtering
from PIL import Image, ImageDraw, ImageFont, ImageOps
from tiny.open_clip import open_clip

from dcvlr.config import compose, make
from dcvlr.filtering.dedup.all_sides import AllSides
from dcvlr.filtering.dedup.embedding import NearEmbeddings, nearest_before
from dcvlr.filtering.dedup.resolve import duplicates
from dcvlr.memo import Memo
from dcvlr.models.embeddings import vector

pytestmark = pytest.mark.slow

pytest.importorskip("open_clip", reason="the clip extra is not installed")


RANDOM = "filtering.dedup.embedding.min_cosine=0"  # what the cosines of random weights are says nothing


def near_embeddings(folder: Path, *overrides: str) -> NearEmbeddings:
    """As configured, with a tiny model of the real class whose weights are random."""
    key = "filtering.dedup.embedding"
    model = f"{key}.embeddings.embeddings.model=local-dir:{open_clip(folder)}"
    pretrained = f"{key}.embeddings.embeddings.pretrained=null"
    chosen = ["filtering/dedup=[embedding]", f"{model}", pretrained, "device=cpu", *overrides]
    finder = filtering(*chosen).dedup["embedding"]
    assert isinstance(finder, NearEmbeddings)
    return finder


class TestEmbedding(DuplicateFinderContract):
    @pytest.fixture
    def finder(self, tiny_folder: Path) -> NearEmbeddings:
        return near_embeddings(tiny_folder)


class TestAllSides(ImageModelContract):
    @pytest.fixture(scope="class")
    def model(self, tiny_folder: Path) -> AllSides:
        return near_embeddings(tiny_folder, "filtering.dedup.embedding.embeddings.embeddings.batch_size=16").embeddings

    def is_same(self, first: Any, second: Any) -> bool:
        return bool(np.abs(vector(first) - vector(second)).max() <= 0.001)

    def test_it_holds_fewer_pictures_at_a_time_than_the_model_itself(self, model: AllSides) -> None:
        assert (model.batch_size, dataclasses.replace(model, ways=2).batch_size) == (2, 8)

    # A batch of its own size is that of the model inside.
    def test_it_is_frozen_and_has_an_identity(self, model: AllSides) -> None:  # type: ignore[override]
        with pytest.raises(AttributeError):
            model.ways = 2  # type: ignore[misc]


def busy(seed: int) -> Image.Image:
    """A photograph with things in it that can be told from each other."""
    picture, rng = photograph(seed).copy(), np.random.default_rng(seed)
    pen = ImageDraw.Draw(picture)
    for x, y, side, *colour in rng.integers((0, 0, 12, 0, 0, 0), (560, 410, 60, 256, 256, 256), (40, 6)).tolist():
        (pen.ellipse if side % 2 else pen.rectangle)((x, y, x + side, y + side), fill=tuple(colour), outline="black")
    return picture


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "cropped": lambda image: image.crop((36, 27, 576, 432)),
    "mirrored": ImageOps.mirror,
    "upside down": lambda image: image.rotate(180),
    "turned by a quarter": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "smaller and framed": lambda image: ImageOps.expand(image.resize((450, 338)), 30, "black"),
    "turned a little": lambda image: image.rotate(2, Image.Resampling.BICUBIC),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
def test_copies_that_hashes_do_not_see_are_found(
    copy: Callable[[Image.Image], Image.Image], tiny_folder: Path, tmp_path: Path
) -> None:
    drawn = [("a.png", busy(0)), ("b.png", busy(1)), ("c.png", copy(busy(0))), ("d.png", photograph(2))]
    found = duplicates(pictures_of(tmp_path, drawn), [near_embeddings(tiny_folder, RANDOM)], Memo(tmp_path / "memo"))
    assert {index: kept for index, (kept, _) in found.items()} == {2: 0}
    assert "cosine of their embeddings is" in found[2][1].reason


def test_pages_of_one_form_stay_whatever_their_embeddings(tiny_folder: Path, tmp_path: Path) -> None:
    drawn = [(f"{seed}.png", form(seed)) for seed in range(4)]
    finder = near_embeddings(tiny_folder, RANDOM)
    assert duplicates(pictures_of(tmp_path, drawn), [finder], Memo(tmp_path / "memo")) == {}


def test_a_page_that_was_scrolled_on_is_no_copy(tiny_folder: Path, tmp_path: Path) -> None:
    import random

    rng, font = random.Random(0), ImageFont.load_default(size=22)
    page = Image.new("RGB", (640, 1400), "white")
    for row in range(40):
        ImageDraw.Draw(page).text((30, 20 + 34 * row), words(rng, 5), fill="black", font=font)
    drawn = [("top.png", page.crop((0, 0, 640, 900))), ("scrolled.png", page.crop((0, 272, 640, 1172)))]
    finder = near_embeddings(tiny_folder, RANDOM)
    assert duplicates(pictures_of(tmp_path, drawn), [finder], Memo(tmp_path / "memo")) == {}


def test_the_nearest_before_each_row_are_found_best_first_and_few() -> None:
    angles = np.radians([0, 90, 1, 2, 3, 4, 5, 60])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert nearest_before(vectors, 0.99) == [[], [], [0], [2, 0], [3, 2, 0], [4, 3, 2, 0], [5, 4, 3, 2], []]
    assert nearest_before(vectors, 0.99, first=6) == [[], [], [], [], [], [], [5, 4, 3, 2], []]


def test_another_model_can_be_chosen_and_rules_stand_together() -> None:
    overrides = [
        "filtering/dedup=[phash,exact,embedding]",
        "models@filtering.dedup.embedding.embeddings.embeddings=clip",
    ]
    stage = make(compose([*overrides, "filtering/nsfw=none"]), "filtering")
    assert list(stage.dedup) == ["phash", "exact", "embedding"]
    assert stage.dedup["embedding"].embeddings.embeddings.name == "clip_images"
