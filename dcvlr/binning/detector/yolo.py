"""Objects of the classes a YOLO model knows (COCO's 80 for the official ones), with ultralytics.

ultralytics and its weights are AGPL-3.0: what is built on them and offered to others, also over a network, falls under
that licence unless ultralytics sold another. binning/detector=detr is Apache-2.0.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from msgspec import Meta

from dcvlr.binning.detector.boxes import detections
from dcvlr.binning.detector.yolo_weights import (
    download_target,
    find_weights,
    is_path,
    official_name,
    require_known,
    require_weights,
)
from dcvlr.binning.environment import environment
from dcvlr.errors import ConfigError, first_line, require_package
from dcvlr.execution.workers import device as worker_device
from dcvlr.identity import speed
from dcvlr.models.weights import path_digest
from dcvlr.records import Decode, Detections, Picture
from dcvlr.settings import Count, Fraction, checked

log = logging.getLogger(__name__)

_OWNER = "binning/detector=yolo"


@dataclass(frozen=True, kw_only=True)
@checked
class Yolo:
    """Every picture lies on a square of `image_size`, so that its company in a batch changes nothing.

    Raises `ConfigError` for a setting out of range and for a name that ultralytics does not have.
    """

    name: ClassVar[str] = "yolo"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Detections

    model: str
    min_score: Fraction
    iou: Fraction
    image_size: Annotated[int, Meta(ge=32, multiple_of=32)]
    max_objects: Count
    dtype: Literal["auto", "float32", "float16"]
    weights_dir: str | None = speed()
    download: bool = speed()
    safe_load: bool = speed()
    batch_size: Count = speed()
    device: str = speed()

    def __post_init__(self) -> None:
        require_known(self.model)

    @cached_property
    def weights_digest(self) -> str:
        return path_digest(self.model if is_path(self.model) else None)

    @property
    def decode(self) -> Decode:
        return Decode(max_side=self.image_size)

    def check_ready(self) -> None:
        instead = "it is AGPL-3.0; or choose binning/detector=detr (Apache-2.0) or faces"
        for package in ("ultralytics", "torch"):
            require_package(package, extra="yolo", owner=_OWNER, instead=instead)
        if self.dtype == "float16":
            self._require_gpu(self.device)
        require_weights(self.model, self.weights_dir, download=self.download)

    def __call__(self, items: Sequence[Picture], /) -> list[Detections]:
        if not items:
            return []
        found = self._network.predict(
            [np.ascontiguousarray(item.pixels[:, :, ::-1]) for item in items], **self._settings
        )
        return [
            detections_of(result.boxes.data.cpu().numpy(), result.names, item, self.min_score)
            for result, item in zip(found, items, strict=True)
        ]

    @cached_property
    def _settings(self) -> dict[str, Any]:
        return {
            "predictor": _patient(),
            "rect": False,  # each on a square, whatever the others' shapes
            "conf": self.min_score,
            "iou": self.iou,
            "imgsz": self.image_size,
            "max_det": self.max_objects,
            "device": self._torch_device,
            "quantize": 16 if self._is_half else None,
            "verbose": False,
            "save": False,
        }

    @cached_property
    def _torch_device(self) -> Any:
        import torch

        return torch.device(worker_device(self.device, os.environ))

    @property
    def _is_half(self) -> bool:
        if self.dtype == "float16":
            self._require_gpu(self._torch_device.type)
        return self.dtype != "float32" and self._torch_device.type == "cuda"

    @staticmethod
    def _require_gpu(device: str) -> None:
        if device in {"cpu", "mps"}:
            raise ConfigError(f"binning.detector.dtype='float16' needs a GPU, not {device}; auto is float32 there")

    @cached_property
    def _network(self) -> Any:
        import torch
        import torchvision  # noqa: F401  ultralytics has another non-maximum suppression for where nobody loaded it

        device, threads = self._torch_device, torch.get_num_threads()
        weights = find_weights(self.model, self.weights_dir) or self._fetched()
        with _quietly():
            from ultralytics import YOLO
            from ultralytics.nn.tasks import torch_safe_load

            log.info("loading %s on %s", weights, device)
            try:
                if self.safe_load:
                    torch_safe_load(str(weights), safe_only=True)  # raises for any class that no model needs
                network = YOLO(str(weights))
            except Exception as error:  # an unpickler raises what it likes
                raise ConfigError(f"{_OWNER} cannot load {str(weights)!r}: {_advice(error, self.safe_load)}") from error
            if network.task != "detect":
                raise ConfigError(
                    f"binning.detector.model={self.model!r} is for the task {network.task!r}, not 'detect'"
                )
            network.predict([np.zeros((32, 32, 3), dtype=np.uint8)], **self._settings)
        # The first prediction on a CPU took a core away from all models of this process.
        torch.set_num_threads(threads)
        return network

    def _fetched(self) -> Path:
        require_weights(self.model, self.weights_dir, download=self.download)  # they may have gone since the start
        with _quietly():
            from ultralytics.utils.downloads import attempt_download_asset

        target = download_target(self.model, self.weights_dir)
        log.info("fetching %s.pt into %s", official_name(self.model), target.parent.absolute())
        try:
            return Path(attempt_download_asset(target, progress=False))
        except Exception as error:  # it has no type of its own for what may go wrong on the way
            raise ConfigError(f"{_OWNER} cannot fetch {target.name}: {type(error).__name__}: {error}") from error


def detections_of(
    rows: Sequence[Sequence[float]], names: Mapping[int, str], picture: Picture, min_score: float
) -> Detections:
    """Rows `x0, y0, x1, y1, score, class` in pixels of what the network was handed, as objects of the picture."""
    boxes = [picture.box_to_full_size(tuple(map(float, row[:4]))) for row in rows]
    scores, labels = [float(row[4]) for row in rows], [names[int(row[5])] for row in rows]
    return detections(picture.width, picture.height, boxes, scores, labels, min_score)


def _patient() -> Any:
    """ultralytics' predictor, with non-maximum suppression of one picture at a time.

    Of a batch that takes more than two seconds and a little, ultralytics returns the rest without any box.
    """
    from ultralytics.models.yolo.detect import DetectionPredictor

    class Patient(DetectionPredictor):  # type: ignore[misc]
        def postprocess(self, preds: Any, img: Any, orig_imgs: Any, **options: Any) -> list[Any]:
            found = preds[0] if isinstance(preds, list | tuple) else preds
            return [
                result
                for i, picture in enumerate(orig_imgs)
                for result in DetectionPredictor.postprocess(
                    self, found[i : i + 1], img[i : i + 1], [picture], **options
                )
            ]

    return Patient


@contextmanager
def _quietly() -> Iterator[None]:
    """What ultralytics reads while it is imported: no telemetry, no settings of its own, no pip, no chatter.

    What it sets for the whole process is set back: how numpy writes numbers, which warnings are shown, and that
    OpenCV, which readers of text use too, has one thread.
    """
    switches = {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false", "YOLO_VERBOSE": "false"}
    with (
        TemporaryDirectory() as folder,
        environment(YOLO_CONFIG_DIR=folder, **switches),
        np.printoptions(),
        warnings.catch_warnings(),
    ):
        import cv2  # it changes the environment, too

        threads = cv2.getNumThreads()
        try:
            yield
        finally:
            cv2.setNumThreads(threads)


def _advice(error: Exception, safe_load: bool) -> str:
    message = f"{type(error).__name__}: {first_line(error)}"
    return f"{message}; safe_load=false loads it without restraint, if you trust the file" if safe_load else message
