"""Lines of text with PaddleOCR 3 (PP-OCR, Apache-2.0): many scripts and sizes, on CPU or GPU."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from dcvlr.binning.environment import environment
from dcvlr.binning.ocr.lines import best_turned, is_tall, quad_of, result_of
from dcvlr.binning.ocr.paddle_models import PaddleModel, model_names, name_in
from dcvlr.errors import (
    ConfigError,
    MissingPackageError,
    require_package,
)
from dcvlr.execution.machine import free_cores
from dcvlr.execution.workers import device as worker_device
from dcvlr.identity import speed
from dcvlr.models.weights import path_digest
from dcvlr.records import OcrLine, OcrResult, Picture, Pixels, within_max_side
from dcvlr.settings import Count, Fraction, Side, Whole, checked

log = logging.getLogger(__name__)

_OWNER = "binning/ocr=paddleocr"
_GPU_PACKAGES = {"paddle": "paddlepaddle-gpu", "onnxruntime": "onnxruntime-gpu"}


@dataclass(frozen=True, kw_only=True)
@checked
class PaddleOcr:
    """Detection, then recognition of the lines of one picture at a time, so that a picture's company changes nothing.

    A model's name of None is what `language` and `ocr_version` say, or what its own folder says where one is given.
    Raises `ConfigError` for a setting out of range or a language that no model reads.
    """

    name: ClassVar[str] = "paddleocr"
    revision: ClassVar[int] = 2
    signal: ClassVar[type] = OcrResult
    decode = within_max_side

    language: str
    ocr_version: Literal["PP-OCRv6", "PP-OCRv5", "PP-OCRv4", "PP-OCRv3"] | None
    detection_model: str | None
    detection_model_dir: str | None
    recognition_model: str | None
    recognition_model_dir: str | None
    textline_orientation: bool
    orientation_model: str
    orientation_model_dir: str | None
    engine: Literal["onnxruntime", "paddle"]
    min_score: Fraction
    max_side: Side
    min_side: Side
    recognition_batch_size: Count
    batch_size: Count = speed()
    threads: Whole = speed()
    device: str = speed()

    def __post_init__(self) -> None:
        _ = self._models  # refuses a language that no model reads

    @cached_property
    def weights_digest(self) -> tuple[str, ...]:
        """One for each model, "" for one that paddleocr fetches by its name."""
        return tuple(path_digest(model.folder) for model in self._models.values())

    def check_ready(self) -> None:
        require_package("paddleocr", extra="paddleocr", owner=_OWNER)
        if self.engine == "onnxruntime":
            require_package("onnxruntime", extra="paddleocr", owner=_OWNER)
        elif find_spec("paddle") is None:
            raise MissingPackageError(
                f"{_OWNER} with engine=paddle needs PaddlePaddle: pip install paddlepaddle, for a GPU paddlepaddle-gpu "
                "as its own site says, or set binning.ocr.engine=onnxruntime"
            )
        self._check_device()
        for model in self._models.values():
            model.require(self.engine)

    def __call__(self, items: Sequence[Picture], /) -> list[OcrResult]:
        return [self._read(picture) for picture in items]

    @cached_property
    def _models(self) -> Mapping[str, PaddleModel]:
        """The models that are used, by the names PaddleOCR's own settings begin with."""
        models = {
            "text_detection": self._model("detection_model", 0),
            "text_recognition": self._model("recognition_model", 1),
        }
        if self.textline_orientation:
            folder = self.orientation_model_dir
            key = "orientation_model"
            models["textline_orientation"] = PaddleModel(key=key, name=self.orientation_model, folder=folder)
        return models

    def _model(self, key: str, kind: int) -> PaddleModel:
        name, folder = getattr(self, key), getattr(self, f"{key}_dir")
        found = name_in(Path(folder).expanduser()) if folder and name is None else None
        return PaddleModel(
            key=key, name=name or found or model_names(self.language, self.ocr_version)[kind], folder=folder
        )

    def _check_device(self) -> None:
        if self.device in {"auto", "cpu"}:
            if self.device == "auto" and self._sees_gpu:
                require_package("torch", extra="launch", owner="binning.ocr.device=auto")
            return
        if not self.device.startswith("cuda"):
            raise ConfigError(f"binning.ocr.device={self.device!r}: PaddleOCR runs on auto, cpu, cuda or cuda:<number>")
        if not self._sees_gpu:
            raise ConfigError(
                f"binning.ocr.device={self.device!r} with engine={self.engine} needs {_GPU_PACKAGES[self.engine]} "
                "instead of the package for CPUs; or set binning.ocr.device=cpu"
            )

    @property
    def _sees_gpu(self) -> bool:
        """Whether the engine installed is the one for GPUs, found without importing it."""
        try:
            version(_GPU_PACKAGES[self.engine])
        except PackageNotFoundError:
            return False
        return True

    @property
    def _settings(self) -> dict[str, Any]:
        """What every class of PaddleOCR takes: the engine, where it runs, and on how many threads."""
        device = worker_device(self.device, os.environ) if self._sees_gpu else "cpu"
        settings: dict[str, Any] = {"device": device.replace("cuda", "gpu"), "engine": self.engine}
        threads = self.threads or free_cores()
        if self.engine == "onnxruntime":
            settings["engine_config"] = {"intra_op_num_threads": threads, "log_severity_level": 3}
        else:
            settings["cpu_threads"] = threads
        return settings

    @cached_property
    def _pipeline(self) -> Any:
        models = {
            f"{kind}_model_{key}": value
            for kind, model in self._models.items()
            for key, value in (("name", model.name), ("dir", model.folder))
        }
        return self._loaded(
            "PaddleOCR",
            **models,
            use_doc_orientation_classify=False,
            use_doc_unwarping=False,
            use_textline_orientation=self.textline_orientation,
            text_recognition_batch_size=self.recognition_batch_size,
            text_rec_score_thresh=0.0,  # weak lines are dropped here, after tall ones were read in every way
            text_det_limit_type="min",
            text_det_limit_side_len=self.min_side,
        )

    @cached_property
    def _recogniser(self) -> Any:
        model = self._models["text_recognition"]
        return self._loaded("TextRecognition", model_name=model.name, model_dir=model.folder)

    def _loaded(self, kind: str, **options: Any) -> Any:
        fetches = [m.name for m in self._models.values() if m.folder is None and not m.is_cached(self.engine)]
        settings = self._settings
        names = ", ".join(model.name for model in self._models.values())
        log.info("%s %s on %s", "fetching and loading" if fetches else "loading", names, settings["device"])
        with ExitStack() as stack:
            stack.enter_context(environment(GLOG_minloglevel="2"))
            stack.enter_context(warnings.catch_warnings(action="ignore"))  # about compilers that nothing here needs
            import paddleocr

            logging.getLogger("paddlex").setLevel(logging.ERROR)
            if fetches:  # from one of four hosts, each with bars of its own
                stack.enter_context(redirect_stdout(StringIO()))
                stack.enter_context(redirect_stderr(StringIO()))
            try:
                return getattr(paddleocr, kind)(**options, **settings)
            except Exception as error:  # a plain Exception is what it raises where a model cannot be fetched
                raise ConfigError(
                    f"{_OWNER} cannot load {names} with engine={self.engine}: {type(error).__name__}: {error}"
                ) from error

    def _read(self, picture: Picture) -> OcrResult:
        bgr = np.ascontiguousarray(picture.pixels[:, :, ::-1])
        (found,) = self._pipeline.predict(bgr)
        lines = lines_of(found)
        if not self.textline_orientation:
            lines = [best_turned(line, bgr, self._read_line) if is_tall(line.quad) else line for line in lines]
        return result_of(lines, picture, self.min_score)

    def _read_line(self, crop: Pixels) -> tuple[str, float]:
        (found,) = self._recogniser.predict(crop)
        return found["rec_text"], float(found["rec_score"])


def lines_of(found: Mapping[str, Any]) -> list[OcrLine]:
    """A result of PaddleOCR's pipeline as lines, in pixels of what it was handed.

    Where its orientation model was asked (angle 0 or 1), a line starts where that model found it to start: a tall one
    at its upper right, since it is read as running down, and one that stands on its head (1) at the other end.
    """
    angles = found.get("textline_orientation_angles") or [-1] * len(found["rec_texts"])
    lines = []
    for text, score, corners, angle in zip(
        found["rec_texts"], found["rec_scores"], found["rec_polys"], angles, strict=True
    ):
        quad = quad_of(corners)
        turns = 0 if angle == -1 else is_tall(quad) + 2 * angle
        a, b, c, d = (quad * 2)[turns : turns + 4]
        lines.append(OcrLine(text=text.strip(), score=float(score), quad=(a, b, c, d)))
    return lines
