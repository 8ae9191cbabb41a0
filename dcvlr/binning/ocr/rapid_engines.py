"""rapidocr's engines, each on one thread, as the readers of whole pictures and of single lines use them."""

from __future__ import annotations

from typing import Any, Literal

from dcvlr.binning.ocr.rapid_models import models_folder, require_model, script_of
from dcvlr.errors import require_package
from dcvlr.execution.denormals import denormals_as_zero
from dcvlr.models.onnx_network.graph import Engine, hush_openvino, require_engine_package

EnginePart = Literal["Det", "Rec"]


def require_engine(engine: Engine, language: str) -> None:
    """Raise `ConfigError` where a package or model is missing; another one is never taken in its place."""
    for package in ("rapidocr", "onnxruntime"):  # rapidocr itself needs onnxruntime, whatever engine it uses
        require_package(package, extra="rapidocr", owner="binning/ocr=rapidocr")
    require_engine_package(engine, "binning.ocr.engine=openvino", "binning.ocr.engine")
    require_model(language, models_folder())


def rapid_engine(engine: Engine, language: str, max_side: int, parts: tuple[EnginePart, ...] = ("Det", "Rec")) -> Any:
    """A `rapidocr.RapidOCR` that belongs to one thread at a time, since its switches stick to it.

    Its models are loaded when they are first used; detection, and those of OpenVINO, at once if `parts` names them.
    """
    from rapidocr import EngineType, ModelType, OCRVersion, RapidOCR

    settings: dict[str, Any] = {
        "Global.log_level": "critical",
        "Global.text_score": 0.0,  # weak lines are dropped later, after tall ones were read in every way
        "Global.max_side_len": max_side,
        # One line at a time: as fast on a CPU, and a line is not padded to the width of another, which eats spaces.
        "Rec.rec_batch_num": 1,
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
    if engine == "openvino":
        hush_openvino()
        settings |= {f"{part}.engine_type": EngineType.OPENVINO for part in ("Det", "Cls", "Rec")}
    if script := script_of(language):
        settings |= {
            "Rec.ocr_version": OCRVersion.PPOCRV5,
            "Rec.lang_type": script,
            "Rec.model_type": ModelType.MOBILE,
        }
    made = RapidOCR(params=settings)
    if engine == "openvino":
        _compile_for_one_thread(made, parts)
    elif "Det" in parts:
        _flush_denormals_in_detection(made)
    return made


def read_line(engine: Any, bgr: Any) -> tuple[str, float] | None:
    """Text and score of a cut-out that holds one line; None where nothing is read."""
    found = engine(bgr, use_det=False, use_cls=False, use_rec=True)
    return (found.txts[0], float(found.scores[0])) if found.txts else None


def _compile_for_one_thread(engine: Any, parts: tuple[EnginePart, ...]) -> None:
    """Compile an engine's OpenVINO models again in full precision, which rapidocr has no setting for.

    Left alone, OpenVINO computes in bfloat16 on processors that have it, and other processors would read other text.
    """
    from openvino import Core

    core = Core()
    options = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
    for part in parts:
        loaded = engine._load_det_model() if part == "Det" else engine._load_rec_model()
        session = loaded.session
        session.session = core.compile_model(session.model, "CPU", options).create_infer_request()


def _flush_denormals_in_detection(engine: Any) -> None:
    """OpenVINO does so by itself, and recognition has hardly any."""
    detector = engine._load_det_model()
    network = detector.session

    def flushed(batch: Any) -> Any:
        with denormals_as_zero():
            return network(batch)

    detector.session = flushed
