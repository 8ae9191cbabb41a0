"""A Grounding DINO of random weights, saved and loaded as a user's own folder is."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from contracts.image_models import ImageModelContract, astronaut, drawn_images, handed, picture_of
from contracts.readers import RandomDetectorContract
from contracts.tolerance import same_detections
from tiny.grounding_dino import grounding_dino

from dcvlr.binning.detector.grounding_dino import GroundingDino, detections_of, label_of
from dcvlr.errors import ConfigError
from dcvlr.identity import identity
from dcvlr.records import Detection, Detections, Picture

pytestmark = pytest.mark.slow

pytest.importorskip("transformers", reason="the transformers extra is not installed")


@pytest.fixture(scope="session")
def dino(tiny_folder: Path) -> GroundingDino:
    return GroundingDino(
        model=str(grounding_dino(tiny_folder)),
        model_revision="main",
        labels=["Cat", "hot dog", "bus"],
        min_score=0.3,
        text_threshold=0.1,
        dtype="float32",
        max_side=128,
        batch_size=4,
        device="cpu",
    )


class TestGroundingDinoLooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self, dino: GroundingDino) -> GroundingDino:
        return dino

    @pytest.fixture
    def pictures(self, model: GroundingDino) -> Sequence[Picture]:
        """Three of one size, which run together, among others, which must not be padded to theirs."""
        images = [astronaut(), *drawn_images(), astronaut().rotate(90), astronaut().rotate(180)]
        return [picture_of(image, model.decode) for image in images]

    def is_same(self, first: Detections, second: Detections) -> bool:
        return same_detections(first, second)


class TestGroundingDinoDetects(RandomDetectorContract):
    @pytest.fixture
    def reader(self, dino: GroundingDino) -> GroundingDino:
        return dino


def test_boxes_and_scores_are_those_of_the_librarys_own_pipeline(dino: GroundingDino) -> None:
    from transformers import pipeline

    image = astronaut().resize((128, 100))
    theirs = pipeline("zero-shot-object-detection", model=dino.model, device="cpu")
    # It asks for one label at a time, and leaves the full stop to whoever calls it.
    rows = theirs(image, candidate_labels=["hot dog."], threshold=dino.min_score)
    alone = dataclasses.replace(dino, labels=["hot dog"])
    (ours,) = alone([picture_of(image, alone.decode)])
    assert len(ours.objects) == len(rows) > 3
    for detection, row in zip(ours.objects, sorted(rows, key=lambda row: -row["score"]), strict=True):
        assert detection.score == pytest.approx(row["score"], abs=2e-4)
    boxes = [tuple(row["box"].values()) for row in rows]
    assert all(any(detection.box == pytest.approx(box, abs=1) for box in boxes) for detection in ours.objects)


def test_every_object_has_one_of_the_labels_as_they_were_written(dino: GroundingDino) -> None:
    pictures = [picture_of(image, dino.decode) for image in [*drawn_images(), astronaut()]]
    labels = {detection.label for found in dino(pictures) for detection in found.objects}
    assert labels
    assert labels <= {"Cat", "hot dog", "bus"}


def test_other_labels_are_another_model(dino: GroundingDino) -> None:
    assert identity(dataclasses.replace(dino, labels=["cat"])) != identity(dino)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_shorter_numbers_run(dino: GroundingDino, dtype: str) -> None:
    short = dataclasses.replace(dino, dtype=dtype, min_score=0.0)
    assert short([picture_of(astronaut(), short.decode)])[0].objects


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("hot dog", "hot dog"),
        ("dog", "dog"),
        ("hot", "hot dog"),
        ("hot dog [SEP]", "hot dog"),
        ("##board", "skateboard"),
        ("t - shirt", "T-shirt"),
        ("zebra", None),
        (".", None),
        ("", None),
    ],
)
def test_words_of_the_prompt_become_the_label_they_are_part_of(words: str, label: str | None) -> None:
    assert label_of(words, ["hot dog", "dog", "skateboard", "T-shirt"]) == label


def test_a_recorded_result_becomes_objects_and_the_nameless_are_dropped() -> None:
    raw = {
        "scores": np.array([0.51236, 0.9, 0.8], dtype=np.float32),
        "boxes": np.array([[20.0, 20.0, 80.0, 60.04], [-4, 10, 120, 60], [2, 2, 18, 18]], dtype=np.float32),
        "text_labels": ["hot", "cat", ""],
    }
    found = detections_of(raw, ["Cat", "hot dog"], handed(100, 80), 0.25)
    assert found.objects == (
        Detection(label="Cat", score=0.9, box=(0.0, 10.0, 100.0, 60.0)),
        Detection(label="hot dog", score=0.5124, box=(20.0, 20.0, 80.0, 60.0)),
    )


def test_a_recorded_result_without_objects_becomes_no_objects() -> None:
    raw: dict[str, object] = {"scores": [], "boxes": [], "text_labels": []}
    assert detections_of(raw, ["cat"], handed(100, 80), 0.25).objects == ()


@pytest.mark.parametrize("labels", [[], [""], ["a cat. a dog"], ["cat", "Cat "]])
def test_labels_that_cannot_be_asked_for_are_refused(dino: GroundingDino, labels: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"^labels=\["):
        dataclasses.replace(dino, labels=labels)


def test_more_labels_than_the_model_reads_are_refused(dino: GroundingDino) -> None:
    many = dataclasses.replace(dino, labels=[f"cat {'dog ' * i}" for i in range(9)])
    with pytest.raises(ConfigError, match=r"binning.detector.labels: \d\d tokens of text, .* reads 32"):
        many([picture_of(astronaut(), many.decode)])


@pytest.mark.parametrize(("key", "value"), [("min_score", 1.5), ("text_threshold", -1), ("dtype", "int8")])
def test_a_setting_out_of_range_is_refused_by_name(dino: GroundingDino, key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"^{key}={value!r}"):
        dataclasses.replace(dino, **{key: value})
