"""A ViT of random weights through the real classes, and the two scores that filtering reads off such models."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from contracts.image_models import ImageModelContract, astronaut, drawn_images, picture_of
from contracts.tolerance import same_scores
from hydra import compose, initialize_config_dir
from PIL import Image
from tiny.vit import vit

from dcvlr.config import conf_dir, make
from dcvlr.errors import ConfigError
from dcvlr.filtering.stage import Filtering
from dcvlr.identity import identity
from dcvlr.models.image_classifier import ImageClassifier
from dcvlr.records import Failure, Picture, Score

pytestmark = pytest.mark.slow

pytest.importorskip("transformers", reason="the transformers extra is not installed")


@pytest.fixture(scope="session")
def classifier(tiny_folder: Path) -> ImageClassifier:
    return ImageClassifier(
        model=str(vit(tiny_folder)),
        model_revision="main",
        label="nsfw",
        dtype="auto",
        max_side=64,
        key="filtering.nsfw",
        batch_size=4,
        device="cpu",
    )


class TestImageClassifierLooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self, classifier: ImageClassifier) -> ImageClassifier:
        return classifier

    def is_same(self, first: Score, second: Score) -> bool:
        return same_scores(first, second)


def test_scores_are_those_of_the_librarys_own_pipeline(classifier: ImageClassifier) -> None:
    from transformers import pipeline

    images = [image.resize((64, 64)) for image in [*drawn_images(), astronaut()]]
    theirs = pipeline("image-classification", model=classifier.model, device="cpu")(images)
    expected = [next(row["score"] for row in rows if row["label"] == "nsfw") for rows in theirs]
    ours = classifier([picture_of(image, classifier.decode) for image in images])
    assert [score.value for score in ours] == pytest.approx(expected, abs=2e-4)
    assert {score.label for score in ours} == {"nsfw"}
    assert max(expected) - min(expected) > 0.1


def test_the_probabilities_of_all_classes_sum_to_one(classifier: ImageClassifier) -> None:
    picture = picture_of(astronaut(), classifier.decode)
    other = dataclasses.replace(classifier, label="normal")
    assert classifier([picture])[0].value + other([picture])[0].value == pytest.approx(1, abs=2e-4)
    assert identity(other) != identity(classifier)


def changed(classifier: ImageClassifier, folder: Path, **settings: object) -> ImageClassifier:
    """The same weights with another config.json."""
    shutil.copytree(classifier.model, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **settings}))
    return dataclasses.replace(classifier, model=str(folder))


def test_classes_that_may_all_be_true_do_not_share_one_probability(classifier: ImageClassifier, tmp_path: Path) -> None:
    several = changed(classifier, tmp_path / "several", problem_type="multi_label_classification")
    picture = picture_of(astronaut(), classifier.decode)
    both = [dataclasses.replace(several, label=label)([picture])[0].value for label in ("nsfw", "normal")]
    assert sum(both) != pytest.approx(1, abs=0.01)
    assert all(0 <= value <= 1 for value in both)


def test_a_picture_three_pixels_high_is_not_taken_for_its_channels(classifier: ImageClassifier) -> None:
    thin = Image.linear_gradient("L").convert("RGB").resize((48, 3))
    high: Sequence[Picture] = [picture_of(image, classifier.decode) for image in (thin, thin.resize((48, 48)))]
    thin_score, high_score = classifier(high)
    assert thin_score.value == pytest.approx(high_score.value, abs=0.05)


def test_an_unknown_label_is_refused_before_work_with_the_known_ones(classifier: ImageClassifier) -> None:
    with pytest.raises(ConfigError, match=r"filtering.nsfw.label='porn': the labels of '.*' are normal, nsfw"):
        dataclasses.replace(classifier, label="porn").check_ready()


def test_an_unknown_label_of_a_model_just_fetched_is_refused_when_it_is_loaded(classifier: ImageClassifier) -> None:
    wrong = dataclasses.replace(classifier, label="porn")
    with pytest.raises(ConfigError, match=r"filtering.nsfw.label='porn'"):
        wrong([picture_of(astronaut(), wrong.decode)])


def test_other_weights_in_the_same_folder_are_another_model(classifier: ImageClassifier, tmp_path: Path) -> None:
    before = changed(classifier, tmp_path / "mine")
    first = identity(before)
    with (tmp_path / "mine" / "model.safetensors").open("ab") as weights:
        weights.write(b" ")
    assert identity(dataclasses.replace(before)) != first


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_shorter_numbers_give_nearly_the_same_scores(classifier: ImageClassifier, dtype: str) -> None:
    pictures = [picture_of(image, classifier.decode) for image in drawn_images()]
    short = dataclasses.replace(classifier, dtype=dtype)
    assert identity(short) != identity(classifier)
    for ours, full in zip(short(pictures), classifier(pictures), strict=True):
        assert ours.value == pytest.approx(full.value, abs=0.05)


def test_a_score_that_is_no_number_is_a_failure_and_no_score(classifier: ImageClassifier, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    broken = changed(classifier, tmp_path / "broken")
    weights = load_file(tmp_path / "broken" / "model.safetensors")
    weights["classifier.bias"].fill_(float("inf"))  # as where a half-precision number overflowed
    save_file(weights, tmp_path / "broken" / "model.safetensors", metadata={"format": "pt"})
    (found,) = broken([picture_of(astronaut(), broken.decode)])
    assert isinstance(found, Failure)
    assert (found.kind, found.message) == ("model", "the score is not a number; dtype=float32 may help")


@pytest.mark.parametrize(("key", "value"), [("dtype", "int8"), ("max_side", 0), ("batch_size", 0)])
def test_a_setting_out_of_range_is_refused_by_name(classifier: ImageClassifier, key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"^{key}={value!r}"):
        dataclasses.replace(classifier, **{key: value})


def composed(*overrides: str) -> Filtering:
    with initialize_config_dir(config_dir=conf_dir(), version_base="1.3"):
        stage: Filtering = make(compose(overrides=["+filtering=stage", "+device=auto", *overrides]), "filtering")
    return stage


def test_one_class_gives_the_nsfw_and_the_watermark_score() -> None:
    stage = composed("filtering/nsfw=vit", "filtering/watermark=classifier", "filtering.nsfw.label=hentai")
    assert isinstance(stage.nsfw, ImageClassifier)
    assert isinstance(stage.watermark, ImageClassifier)
    assert (stage.nsfw.model, stage.nsfw.label) == ("AdamCodd/vit-base-nsfw-detector", "hentai")
    assert (stage.watermark.label, stage.watermark.key) == ("Watermark", "filtering.watermark")
    assert identity(stage.nsfw) != identity(stage.watermark)
