"""What a similarity of the binning stage must do, through a memo as in a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from contracts.image_models import drawn_images
from contracts.readers import saved

from dcvlr.memo import Memo
from dcvlr.protocols import Similarity
from dcvlr.records import Caption, Failure, ImageRecord

TEXTS = ("a page of text", "two shapes on green", "noise", "a white wall", "a black dot")


class SimilarityContract:
    @pytest.fixture
    def similarity(self) -> Similarity:
        raise NotImplementedError

    @pytest.fixture
    def images(self, tmp_path: Path) -> list[ImageRecord]:
        return saved(tmp_path / "pictures", drawn_images())

    @pytest.fixture
    def captions(self, images: list[ImageRecord]) -> dict[str, Caption | Failure]:
        return {image.id: Caption(text=text) for image, text in zip(images, TEXTS, strict=True)}

    def test_every_picture_has_a_cosine_to_four_decimals(
        self, similarity: Similarity, images: list[ImageRecord], captions: dict[str, Caption | Failure], tmp_path: Path
    ) -> None:
        found = similarity(images, captions, Memo(tmp_path / "checkpoints"))
        values = [found[image.id] for image in images]
        assert all(isinstance(value, float) and -1 <= value <= 1 and round(value, 4) == value for value in values)
        assert len(set(values)) > 1
        assert (list(found), len(found)) == ([image.id for image in images], 5)
        assert found.get("no picture") is None

    def test_a_picture_fits_one_caption_better_than_another(
        self, similarity: Similarity, images: list[ImageRecord], tmp_path: Path
    ) -> None:
        memo, picture = Memo(tmp_path / "checkpoints"), images[:1]
        values = {similarity(picture, {picture[0].id: Caption(text=text)}, memo)[picture[0].id] for text in TEXTS}
        assert len(values) == len(TEXTS)

    def test_another_caption_costs_no_look_at_the_picture(
        self, similarity: Similarity, images: list[ImageRecord], captions: dict[str, Caption | Failure], tmp_path: Path
    ) -> None:
        root = tmp_path / "checkpoints"
        similarity(images, captions, Memo(root))
        memo = Memo(root)
        similarity(images, {**captions, images[0].id: Caption(text="another caption")}, memo)
        assert sorted(memo.computed.values()) == [0, 1]

    def test_a_rerun_computes_nothing_and_gives_the_same(
        self, similarity: Similarity, images: list[ImageRecord], captions: dict[str, Caption | Failure], tmp_path: Path
    ) -> None:
        root = tmp_path / "checkpoints"
        first = dict(similarity(images, captions, Memo(root)))
        memo = Memo(root)
        assert dict(similarity(images[::-1], captions, memo)) == first
        assert set(memo.computed.values()) == {0}

    def test_a_caption_that_pictures_share_is_read_once(
        self, similarity: Similarity, images: list[ImageRecord], tmp_path: Path
    ) -> None:
        memo = Memo(tmp_path / "checkpoints")
        similarity(images, {image.id: Caption(text="a picture") for image in images}, memo)
        assert sorted(memo.computed.values()) == [1, 5]

    def test_a_picture_without_a_caption_has_its_failure_and_is_not_looked_at(
        self, similarity: Similarity, images: list[ImageRecord], captions: dict[str, Caption | Failure], tmp_path: Path
    ) -> None:
        memo, lost = Memo(tmp_path / "checkpoints"), Failure(kind="timeout", message="try again")
        found = similarity(images, {**captions, images[2].id: lost}, memo)
        assert found[images[2].id] == lost
        assert sorted(memo.computed.values()) == [4, 4]

    def test_no_pictures_have_no_similarities(self, similarity: Similarity, tmp_path: Path) -> None:
        assert dict(similarity([], {}, Memo(tmp_path / "checkpoints"))) == {}
