"""SAM and SAM 2 of random weights, saved and loaded as a user's own folder is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from contracts.image_models import ImageModelContract, astronaut, drawn_images, handed, picture_of
from contracts.readers import RandomDetectorContract
from contracts.tolerance import same_detections
from PIL import Image
from tiny.sam import sam, sam2
from tiny.vit import vit

from dcvlr.binning.detector.sam import Sam, detections_of, points_on_input
from dcvlr.errors import ConfigError
from dcvlr.records import Detection, Detections, Picture

pytestmark = pytest.mark.slow

pytest.importorskip("transformers", reason="the transformers extra is not installed")


def detector(folder: Path) -> Sam:
    return Sam(
        model=str(folder),
        model_revision="main",
        points_per_side=4,
        min_score=0.0,
        min_stability=0.0,
        max_overlap=0.9,
        min_area=0.002,
        max_area=1.0,
        max_objects=20,
        dtype="auto",
        max_side=128,
        points_per_batch=5,
        batch_size=4,
        device="cpu",
    )


@pytest.fixture(scope="session", params=[sam, sam2], ids=["sam", "sam2"])
def any_sam(request: pytest.FixtureRequest, tiny_folder: Path) -> Sam:
    maker: Callable[[Path], Path] = request.param
    return detector(maker(tiny_folder))


@pytest.fixture(scope="session")
def sam_2(tiny_folder: Path) -> Sam:
    return detector(sam2(tiny_folder))


class TestSamLooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self, any_sam: Sam) -> Sam:
        return any_sam

    @pytest.fixture
    def pictures(self, model: Sam) -> Sequence[Picture]:
        return [picture_of(image, model.decode) for image in drawn_images()]

    def is_same(self, first: Detections, second: Detections) -> bool:
        return same_detections(first, second)


class TestSamDetects(RandomDetectorContract):
    @pytest.fixture
    def reader(self, sam_2: Sam) -> Sam:
        return sam_2


def test_a_square_picture_gives_the_boxes_of_the_librarys_own_pipeline(any_sam: Sam) -> None:
    from transformers import pipeline

    limits = {"pred_iou_thresh": 0.05, "stability_score_thresh": 0.5, "crops_nms_thresh": 0.9}
    model = dataclasses.replace(any_sam, min_score=0.05, min_stability=0.5, max_overlap=0.9, min_area=0.0)
    theirs = pipeline("mask-generation", model=model.model, device="cpu")
    for image in (drawn.resize((128, 128)) for drawn in drawn_images()[:3]):
        found = theirs(image, points_per_crop=4, output_bboxes_mask=True, **limits)
        boxes = [(x0, y0, x1 + 1, y1 + 1) for x0, y0, x1, y1 in found["bounding_boxes"].tolist()]
        (ours,) = model([picture_of(image, model.decode)])
        assert sorted(detection.box for detection in ours.objects) == sorted(boxes) != []


def test_a_video_model_is_used_for_its_pictures(tiny_folder: Path) -> None:
    """Meta's own SAM 2.1 are such."""
    model = detector(sam2(tiny_folder, of_video=True))
    model.check_ready()
    first, second = model([picture_of(image, model.decode) for image in drawn_images()[:2]])
    assert first.objects
    assert first.objects != second.objects


@pytest.mark.parametrize(("maker", "processor"), [(sam, "SamProcessor"), (sam2, "Sam2Processor")])
def test_the_points_cover_the_whole_of_an_oblong_picture(
    tiny_folder: Path, maker: Callable[[Path], Path], processor: str
) -> None:
    import transformers

    image = Image.new("RGB", (100, 40), "white")
    pictures = transformers.AutoImageProcessor.from_pretrained(maker(tiny_folder))
    theirs = getattr(transformers, processor)(pictures)
    theirs.target_size = 64 if maker is sam else 128
    cells = [[[25.0, 10.0]], [[75.0, 10.0]], [[25.0, 30.0]], [[75.0, 30.0]]]
    expected = theirs(images=image, input_points=[cells], input_labels=[[[1]] * 4], return_tensors="pt")["input_points"]
    ours = points_on_input(2, pictures(images=[image], return_tensors="pt"), 0)
    assert ours.flatten().tolist() == pytest.approx(expected.flatten().tolist(), abs=0.5)


def test_small_and_large_masks_and_weak_ones_are_dropped(sam_2: Sam) -> None:
    page = picture_of(drawn_images()[0], sam_2.decode)

    def found(**changes: float) -> int:
        model = dataclasses.replace(sam_2, max_overlap=1.0, **changes)
        return len(model([page])[0].objects)

    assert found() == 20  # max_objects
    assert found(max_objects=2) == 2
    everything = found(max_objects=99)
    assert 20 < everything <= 48  # three masks at each of 16 points
    assert 0 < found(max_objects=99, max_area=0.3) < everything
    assert 0 < found(max_objects=99, min_area=0.3) < everything
    assert 0 < found(max_objects=99, min_score=0.5) < everything
    assert found(min_score=1.0) == found(max_area=0.0) == found(min_stability=1.0) == 0


def test_how_many_points_run_at_once_changes_nothing(sam_2: Sam) -> None:
    picture = picture_of(astronaut(), sam_2.decode)
    at_once = dataclasses.replace(sam_2, points_per_batch=64)
    assert same_detections(sam_2([picture])[0], at_once([picture])[0])


def test_boxes_are_in_full_size_pixels(sam_2: Sam) -> None:
    (small,) = sam_2([picture_of(astronaut(), sam_2.decode)])
    (large,) = sam_2([picture_of(astronaut().resize((1024, 1024)), sam_2.decode)])
    assert max(detection.box[2] for detection in small.objects) <= 512
    assert max(detection.box[2] for detection in large.objects) > 600


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_the_encoder_runs_with_shorter_numbers(any_sam: Sam, dtype: str) -> None:
    short = dataclasses.replace(any_sam, dtype=dtype)
    (found,) = short([picture_of(astronaut(), short.decode)])
    assert found.objects


def test_recorded_boxes_become_objects_without_labels() -> None:
    found = detections_of([[10, 10, 40, 30], [0, 5, 50, 25]], [0.91236, 0.95], handed(100, 50))
    assert found.objects == (
        Detection(label=None, score=0.95, box=(0.0, 10.0, 100.0, 50.0)),
        Detection(label=None, score=0.9124, box=(20.0, 20.0, 80.0, 50.0)),
    )
    assert not found.labelled
    assert detections_of([], [], handed(100, 50)).objects == ()


def test_a_model_of_another_kind_is_refused_before_work(sam_2: Sam, tiny_folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"binning.detector.model='.*' is of type 'vit', not of sam, sam2"):
        dataclasses.replace(sam_2, model=str(vit(tiny_folder))).check_ready()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("min_score", 1.5),
        ("min_stability", -1),
        ("max_overlap", 2),
        ("min_area", -0.1),
        ("max_area", 7),
        ("points_per_side", 0),
        ("points_per_batch", 0),
        ("max_objects", 0),
        ("max_side", 0),
        ("batch_size", 0),
        ("dtype", "int8"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(sam_2: Sam, key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"^{key}={value!r}"):
        dataclasses.replace(sam_2, **{key: value})
