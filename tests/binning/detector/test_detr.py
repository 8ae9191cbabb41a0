"""Detection transformers of random weights, saved and loaded as a user's own folder is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from contracts.image_models import ImageModelContract, astronaut, drawn_images, handed, picture_of
from contracts.readers import RandomDetectorContract
from contracts.tolerance import same_detections
from PIL import Image
from tiny import detr as tiny

from dcvlr.binning.detector.detr import Detr, detections_of
from dcvlr.errors import ConfigError
from dcvlr.records import Detection, Detections, Picture

pytestmark = pytest.mark.slow

pytest.importorskip("transformers", reason="the transformers extra is not installed")


def detector(folder: Path) -> Detr:
    return Detr(
        model=str(folder),
        model_revision="main",
        min_score=0.3,
        dtype="float32",
        max_side=128,
        batch_size=4,
        device="cpu",
    )


@pytest.fixture(scope="session", params=[tiny.rt_detr, tiny.d_fine, tiny.detr], ids=lambda maker: maker.__name__)
def detr(request: pytest.FixtureRequest, tiny_folder: Path) -> Detr:
    maker: Callable[[Path], Path] = request.param
    return detector(maker(tiny_folder))


@pytest.fixture(scope="session")
def d_fine(tiny_folder: Path) -> Detr:
    return detector(tiny.d_fine(tiny_folder))


class TestDetrLooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self, detr: Detr) -> Detr:
        return detr

    @pytest.fixture
    def pictures(self, model: Detr) -> Sequence[Picture]:
        """Some of one size, some not: facebook's DETR keeps the shape of pictures."""
        images = [*drawn_images(), astronaut(), astronaut().rotate(90)]
        return [picture_of(image, model.decode) for image in images]

    def is_same(self, first: Detections, second: Detections) -> bool:
        return same_detections(first, second)


class TestDetrDetects(RandomDetectorContract):
    @pytest.fixture
    def reader(self, d_fine: Detr) -> Detr:
        return d_fine


def test_objects_are_those_of_the_librarys_own_pipeline(detr: Detr) -> None:
    from transformers import pipeline

    images = [image.resize((120, 90)) for image in drawn_images()[:3]]
    theirs = pipeline("object-detection", model=detr.model, device="cpu", threshold=detr.min_score)
    for image in images:
        rows = [(row["label"], *row["box"].values(), round(row["score"], 3)) for row in theirs(image)]
        (ours,) = detr([picture_of(image, detr.decode)])
        # The pipeline cuts decimals off and clips nothing.
        expected = sorted(
            (label, max(x0, 0), max(y0, 0), min(x1, 120), min(y1, 90)) for label, x0, y0, x1, y1, _ in rows
        )
        found = sorted((detection.label or "", *map(int, detection.box)) for detection in ours.objects)
        assert len(found) <= len(expected)  # what is clipped to nothing is dropped
        for label, *box in found:
            assert any(label == other and box == pytest.approx(corners, abs=1) for other, *corners in expected)


def test_boxes_are_in_full_size_pixels(d_fine: Detr) -> None:
    (small,) = d_fine([picture_of(astronaut(), d_fine.decode)])
    (large,) = d_fine([picture_of(astronaut().resize((1024, 1024)), d_fine.decode)])
    assert (small.width, large.width) == (512, 1024)
    assert max(detection.box[2] for detection in small.objects) <= 512
    assert max(detection.box[2] for detection in large.objects) > 600


def test_a_picture_three_pixels_high_is_not_taken_for_its_channels(d_fine: Detr) -> None:
    thin = Image.linear_gradient("L").convert("RGB").resize((100, 3))
    (found,) = d_fine([picture_of(thin, d_fine.decode)])
    assert (found.width, found.height) == (100, 3)


def test_weak_objects_are_dropped(d_fine: Detr) -> None:
    picture = picture_of(astronaut(), d_fine.decode)
    everything = d_fine([picture])[0].objects
    middle = sum(detection.score for detection in everything) / len(everything)
    surer = dataclasses.replace(d_fine, min_score=middle)([picture])[0].objects
    assert surer == tuple(detection for detection in everything if detection.score >= middle)
    assert 0 < len(surer) < len(everything)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_shorter_numbers_run(detr: Detr, dtype: str) -> None:
    short = dataclasses.replace(detr, dtype=dtype, min_score=0.0)
    (found,) = short([picture_of(astronaut(), short.decode)])
    assert found.objects


def test_a_recorded_result_becomes_objects_with_the_names_of_the_model() -> None:
    raw = {
        "scores": np.array([0.51236, 0.9, 0.1], dtype=np.float32),
        "labels": np.array([16, 0, 0]),
        "boxes": np.array([[20.0, 20.0, 80.0, 60.04], [-4, 10, 120, 60], [2, 2, 18, 18]], dtype=np.float32),
    }
    found = detections_of(raw, {0: "person", 16: "dog"}, handed(100, 80), 0.25)
    assert found.objects == (
        Detection(label="person", score=0.9, box=(0.0, 10.0, 100.0, 60.0)),
        Detection(label="dog", score=0.5124, box=(20.0, 20.0, 80.0, 60.0)),
    )
    assert (found.width, found.height, found.labelled) == (100, 80, True)


def test_a_recorded_result_without_objects_becomes_no_objects() -> None:
    raw = {"scores": np.zeros(0), "labels": np.zeros(0), "boxes": np.zeros((0, 4))}
    assert detections_of(raw, {0: "person"}, handed(100, 80), 0.25).objects == ()


@pytest.mark.parametrize(("key", "value"), [("min_score", 1.5), ("dtype", "int8"), ("max_side", 0), ("batch_size", 0)])
def test_a_setting_out_of_range_is_refused_by_name(d_fine: Detr, key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"^{key}={value!r}"):
        dataclasses.replace(d_fine, **{key: value})
