"""What real exporters leave: transformers' D-FINE and RT-DETR by torch.onnx, ultralytics' YOLO by its own exporter."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from binning.detector.test_onnx import detector
from contracts.image_models import ImageModelContract, astronaut, drawn_images, picture_of
from contracts.readers import RandomDetectorContract
from contracts.tolerance import same_detections
from tiny import detr as tiny
from tiny.yolo import yolo

from dcvlr.binning.detector.detr import Detr
from dcvlr.binning.detector.onnx import OnnxDetector
from dcvlr.binning.environment import environment
from dcvlr.records import Detection, Detections, Picture

pytestmark = pytest.mark.slow

for package in ("onnx", "onnxruntime", "transformers"):
    pytest.importorskip(package, reason="the extras onnx, transformers and test are needed")


def exported(folder: Path) -> Path:
    """The folder of a detection transformer as `onnx/model.onnx` in it, with its config.json beside."""
    target = folder / "onnx" / "model.onnx"
    if target.is_file():
        return target
    import torch
    from transformers import AutoModelForObjectDetection

    class Tensors(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = AutoModelForObjectDetection.from_pretrained(folder).eval()

        def forward(self, pixel_values: Any) -> Any:
            found = self.model(pixel_values=pixel_values)
            return found.logits, found.pred_boxes

    target.parent.mkdir()
    outputs = ["logits", "pred_boxes"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Tensors(),
            (torch.rand(1, 3, 64, 64),),
            str(target),
            input_names=["pixel_values"],
            output_names=outputs,
            dynamic_axes={name: {0: "batch"} for name in ("pixel_values", *outputs)},
            opset_version=16,
            dynamo=False,
        )
    return target


@pytest.fixture(scope="session")
def d_fine(tiny_folder: Path) -> OnnxDetector:
    return detector(exported(tiny.d_fine(tiny_folder)), labels=None, min_score=0.3, max_objects=300)


class TestOnnxLooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self, d_fine: OnnxDetector) -> OnnxDetector:
        return d_fine

    @pytest.fixture
    def pictures(self, model: OnnxDetector) -> Sequence[Picture]:
        return [picture_of(image, model.decode) for image in [*drawn_images(), astronaut()]]

    def is_same(self, first: Detections, second: Detections) -> bool:
        return same_detections(first, second)


class TestOnnxDetects(RandomDetectorContract):
    @pytest.fixture
    def reader(self, d_fine: OnnxDetector) -> OnnxDetector:
        return d_fine


@pytest.mark.parametrize("maker", [tiny.d_fine, tiny.rt_detr])
def test_objects_are_those_of_the_model_that_was_exported(maker: Callable[[Path], Path], tiny_folder: Path) -> None:
    """At the size of the input, where no two ways of resizing differ.

    torch's way gives a box once for each class, and as many pairs of box and class as there are queries.
    """
    folder = maker(tiny_folder)
    settings: dict[str, Any] = {"model_revision": "main", "dtype": "float32", "device": "cpu"}
    torch_one = Detr(model=str(folder), min_score=0.3, max_side=64, batch_size=4, **settings)
    ours = detector(exported(folder), labels=None, min_score=0.3, max_objects=300)
    for image in [*drawn_images()[:3], astronaut()]:
        picture = picture_of(image.resize((64, 64)), ours.decode)
        (theirs,), (found,) = torch_one([picture]), ours([picture])
        surest = {matched.box: matched for matched in reversed(theirs.objects)}.values()
        weakest = theirs.objects[-1].score + 1e-3
        assert len(surest) > 3
        assert same_detections(*(_above(weakest, objects) for objects in (found.objects, surest)))


def _above(score: float, objects: Iterable[Detection]) -> Detections:
    return Detections(width=64, height=64, objects=tuple(x for x in objects if x.score > score), labelled=True)


def exported_by_ultralytics(weights: Path, folder: Path, **options: Any) -> Path:
    pytest.importorskip("ultralytics", reason="the yolo extra is not installed")
    quiet = {"YOLO_OFFLINE": "true", "YOLO_VERBOSE": "false", "YOLO_AUTOINSTALL": "false"}
    with environment(YOLO_CONFIG_DIR=str(folder), **quiet), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ultralytics import YOLO

        return Path(YOLO(weights).export(format="onnx", imgsz=160, simplify=False, device="cpu", **options))


@pytest.mark.parametrize("options", [{}, {"nms": True, "conf": 0.02, "iou": 0.6}], ids=["yolo_v8", "yolo_v10"])
def test_yolo_finds_what_ultralytics_finds(options: dict[str, Any], tiny_folder: Path, tmp_path: Path) -> None:
    """Names and size of the input stand in the metadata that its exporter writes."""
    from ultralytics import YOLO

    weights = tmp_path / "random.pt"
    weights.write_bytes(yolo(tiny_folder).read_bytes())
    path = exported_by_ultralytics(weights, tmp_path, **options)
    reader = detector(path, labels=None, min_score=0.02)
    assert reader.network.size == (160, 160)
    picture = picture_of(astronaut().resize((160, 120)), reader.decode)
    (found,) = reader([picture])
    theirs = (
        YOLO(weights)
        .predict(
            [picture.pixels[:, :, ::-1].copy()], imgsz=160, rect=False, conf=0.02, iou=0.6, max_det=10, verbose=False
        )[0]
        .boxes.data.cpu()
        .numpy()
    )
    assert len(found.objects) == len(theirs) > 0
    for matched, row in zip(found.objects, sorted(theirs.tolist(), key=lambda row: -row[4]), strict=True):
        assert matched.label == f"thing {int(row[5])}"
        assert matched.score == pytest.approx(row[4], abs=2e-3)
        assert matched.box == pytest.approx(row[:4], abs=1.0)
