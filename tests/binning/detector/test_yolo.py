"""The real ultralytics on tiny random weights, saved and loaded as a user's own `.pt` is."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from contracts.image_models import ImageModelContract, astronaut, drawn_images, handed, picture_of
from contracts.readers import RandomDetectorContract
from PIL import Image
from tiny.yolo import yolo as tiny_yolo

from dcvlr.binning.detector.yolo import Yolo, detections_of
from dcvlr.errors import ConfigError
from dcvlr.records import Detection, Detections

pytestmark = pytest.mark.slow

if find_spec("ultralytics") is None:
    pytest.skip("the yolo extra is not installed", allow_module_level=True)


class Same:
    def is_same(self, first: Detections, second: Detections) -> bool:
        """A batch of another size may be summed up in another order: scores differ in the fourth digit, boxes by
        a tenth of a pixel of the network's input of 160, which is a third of a pixel of a picture of 512."""
        return [detection.label for detection in first.objects] == [
            detection.label for detection in second.objects
        ] and all(
            a.score == pytest.approx(b.score, abs=2e-4) and a.box == pytest.approx(b.box, abs=0.35)
            for a, b in zip(first.objects, second.objects, strict=True)
        )


class TestYoloLooksAtPictures(Same, ImageModelContract):
    @pytest.fixture
    def model(self, yolo: Yolo) -> Yolo:
        return yolo


class TestYoloDetects(RandomDetectorContract):
    @pytest.fixture
    def reader(self, yolo: Yolo) -> Yolo:
        return yolo


@pytest.mark.parametrize("name", ["yolov10n", "yolo26n"])
def test_models_without_suppression_of_their_own_boxes_run_too(yolo: Yolo, tmp_path: Path, name: str) -> None:
    model = dataclasses.replace(yolo, model=str(tiny_yolo(tmp_path, name)), min_score=0.1)
    pictures = [picture_of(image, model.decode) for image in [*drawn_images(), astronaut()]]
    results = model(pictures)
    assert any(result.objects for result in results)
    for together, alone in zip(results, [model([picture])[0] for picture in pictures], strict=True):
        assert Same().is_same(together, alone)


def test_boxes_are_in_full_size_pixels(yolo: Yolo) -> None:
    image = astronaut()
    small = yolo([picture_of(image, yolo.decode)])[0]
    large = yolo([picture_of(image.resize((1024, 1024)), yolo.decode)])[0]
    assert (small.width, large.width) == (512, 1024)
    assert max(detection.box[2] for detection in small.objects) <= 512
    assert max(detection.box[2] for detection in large.objects) > 600


def test_a_higher_score_and_a_smaller_number_keep_the_strongest(yolo: Yolo) -> None:
    picture = picture_of(astronaut(), yolo.decode)
    objects = yolo([picture])[0].objects
    least = objects[2].score
    fewer = dataclasses.replace(yolo, max_objects=3)([picture])[0].objects
    surer = dataclasses.replace(yolo, min_score=least)([picture])[0].objects
    assert len(objects) > 3
    assert len(fewer) == 3
    assert surer
    assert all(detection.score >= least for detection in surer)


def test_a_recorded_result_becomes_objects_with_the_names_of_the_model() -> None:
    rows = np.array([[10, 10, 40, 30, 0.51236, 16], [-2, 5, 60, 30, 0.9, 0], [1, 1, 9, 9, 0.1, 0]], dtype=np.float32)
    found = detections_of(rows, {0: "person", 16: "dog"}, handed(100, 50), 0.25)
    assert found.objects == (
        Detection(label="person", score=0.9, box=(0.0, 10.0, 100.0, 50.0)),
        Detection(label="dog", score=0.5124, box=(20.0, 20.0, 80.0, 50.0)),
    )
    assert (found.width, found.height, found.labelled) == (100, 50, True)


def test_a_recorded_result_without_boxes_becomes_no_objects() -> None:
    found = detections_of(np.zeros((0, 6), dtype=np.float32), {0: "person"}, handed(100, 50), 0.25)
    assert found == Detections(width=100, height=50, objects=(), labelled=True)


@pytest.mark.parametrize("model", ["yolov7", "resnet50", "weights/best", ""])
def test_an_unknown_model_is_refused_with_examples(yolo: Yolo, model: str) -> None:
    with pytest.raises(ConfigError, match=f"^model='{model}': .*such as yolov8n, yolov9s"):
        dataclasses.replace(yolo, model=model)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("min_score", 1.5),
        ("iou", -1),
        ("image_size", 0),
        ("image_size", 100),
        ("max_objects", 0),
        ("batch_size", 0),
        ("dtype", "int8"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(yolo: Yolo, key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"^{key}={value!r}"):
        dataclasses.replace(yolo, **{key: value})


def test_half_precision_without_a_gpu_is_refused(yolo: Yolo) -> None:
    with pytest.raises(ConfigError, match=r"binning.detector.dtype='float16' needs a GPU, not cpu"):
        dataclasses.replace(yolo, dtype="float16").check_ready()


def test_it_says_nothing_asks_nobody_and_leaves_no_trace(yolo: Yolo, tmp_path: Path) -> None:
    code = f"""
import os, socket, sys
def refuse(*_, **__): raise SystemExit("it reached for the network")
socket.getaddrinfo = refuse
socket.socket.connect = refuse
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
import torch, torchvision
from contracts.image_models import drawn_images, picture_of
from dcvlr.binning.detector.yolo import Yolo
before, threads = dict(os.environ), torch.get_num_threads()
yolo = Yolo(**{ ({f.name: getattr(yolo, f.name) for f in dataclasses.fields(yolo) if f.init})!r})
yolo([picture_of(image, yolo.decode) for image in drawn_images()])
assert {{k: v for k, v in os.environ.items() if before.get(k) != v and not k.startswith("TORCH")}} == {{}}
assert torch.get_num_threads() == threads
from ultralytics.utils.events import events
assert not events.enabled
"""
    home = tmp_path / "home"
    home.mkdir()
    unset = {"YOLO_CONFIG_DIR", "YOLO_OFFLINE", "XDG_CONFIG_HOME", "PYTEST_CURRENT_TEST"}
    env = {key: value for key, value in os.environ.items() if key not in unset} | {"HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=home, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(home.iterdir()) == []


def test_pictures_are_opened_as_before_once_ultralytics_is_loaded(yolo: Yolo) -> None:
    yolo([picture_of(astronaut(), yolo.decode)])
    assert Image.open.__module__ == "PIL.Image"


def test_what_ultralytics_sets_for_the_whole_process_is_set_back(yolo: Yolo) -> None:
    code = f"""
import sys, warnings
import cv2, numpy as np, torch, torchvision
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from contracts.image_models import drawn_images, picture_of
from dcvlr.binning.detector.yolo import Yolo
cv2.setNumThreads(2)
yolo = Yolo(**{ ({f.name: getattr(yolo, f.name) for f in dataclasses.fields(yolo) if f.init})!r})
def settings(): return np.get_printoptions(), cv2.getNumThreads(), list(warnings.filters)
picture = picture_of(drawn_images()[0], yolo.decode)
before = settings()
yolo([picture])
assert settings() == before, (before, settings())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
