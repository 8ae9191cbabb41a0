"""Lines of text with the PP-OCRv6 models that ship inside the rapidocr wheel: no download, no GPU."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from queue import SimpleQueue
from typing import Any, ClassVar, Literal

import numpy as np

from dcvlr.binning.ocr.cores import free_cores
from dcvlr.binning.ocr.legibility import Legible, legible
from dcvlr.binning.ocr.lines import Pixels, best_turned, is_tall, quad_of, read_again, result_of
from dcvlr.errors import require_package
from dcvlr.identity import speed
from dcvlr.records import Decode, OcrLine, OcrResult, Picture
from dcvlr.settings import Count, Fraction, Side, Whole, checked

Engine = Literal["onnxruntime", "openvino"]
_INSTEAD = "binning.ocr.engine=onnxruntime needs nothing more"


@dataclass(frozen=True, kw_only=True)
@checked
class RapidOcr:
    """Detection once per picture, then recognition of its lines, by several one-thread engines side by side.

    Both engines run the same models; a line of fifty differs. Raises `ConfigError` for a score outside [0, 1] or a
    count that cannot be meant.
    """

    name: ClassVar[str] = "rapidocr"
    revision: ClassVar[int] = 2
    signal: ClassVar[type] = OcrResult

    engine: Engine
    min_score: Fraction
    max_side: Side
    batch_size: Count = speed()
    engines: Whole = speed()

    @property
    def decode(self) -> Decode:
        return Decode(max_side=self.max_side)

    def check_ready(self) -> None:
        for package in ("rapidocr", "onnxruntime"):  # rapidocr itself needs onnxruntime, whatever engine it uses
            require_package(package, extra="rapidocr", owner="binning/ocr=rapidocr")
        if self.engine == "openvino":
            require_package("openvino", extra="openvino", owner="binning.ocr.engine=openvino", instead=_INSTEAD)

    def __call__(self, items: Sequence[Picture], /) -> list[OcrResult]:
        if not items:
            return []
        return list(self._threads.map(self._read, items))

    @cached_property
    def _count(self) -> int:
        return self.engines or free_cores()

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._count, thread_name_prefix="dcvlr-ocr")

    @cached_property
    def _idle(self) -> SimpleQueue[Any]:
        """Engines without work; an engine belongs to one thread at a time, since its settings stick to it."""
        from rapidocr import EngineType, RapidOCR

        settings: dict[str, Any] = {
            "Global.log_level": "critical",
            "Global.text_score": 0.0,  # weak lines are dropped here, after tall ones were read in every way
            "Global.max_side_len": self.max_side,
            # One line at a time: as fast on a CPU, and a line is not padded to the width of another, which eats spaces.
            "Rec.rec_batch_num": 1,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
        if self.engine == "openvino":
            settings |= {f"{part}.engine_type": EngineType.OPENVINO for part in ("Det", "Cls", "Rec")}
        idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(self._count):
            engine = RapidOCR(params=settings)
            if self.engine == "openvino":
                _compile_for_one_thread(engine)
            idle.put(engine)
        return idle

    def _read(self, picture: Picture) -> OcrResult:
        engine = self._idle.get()
        try:
            found = _lines(engine, np.ascontiguousarray(picture.pixels[:, :, ::-1]))
        finally:
            self._idle.put(engine)
        return result_of(found.lines, picture, self.min_score, found.unread)


def _compile_for_one_thread(engine: Any) -> None:
    """Compile an engine's OpenVINO models again in full precision, which rapidocr has no setting for.

    Left alone, OpenVINO computes in bfloat16 on processors that have it, and other processors would read other text.
    """
    from openvino import Core

    core = Core()
    options = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
    for part in (engine._load_det_model(), engine._load_rec_model()):  # rapidocr loads them when they are first used
        session = part.session
        session.session = core.compile_model(session.model, "CPU", options).create_infer_request()


def _lines(engine: Any, bgr: Pixels) -> Legible:
    """The lines of a picture that are readings, as found, in pixels of `bgr`."""
    # The three switches stick to an engine, so every call names them.
    found = engine(bgr, use_det=True, use_cls=False, use_rec=True)
    # Where no text is found, rapidocr gives None, or an object without the fields of a full result.
    boxes, texts = getattr(found, "boxes", None), getattr(found, "txts", None)
    if boxes is None or texts is None:
        return Legible([], 0)

    def read(crop: Pixels) -> tuple[str, float] | None:
        again = engine(crop, use_det=False, use_cls=False, use_rec=True)
        return (again.txts[0], float(again.scores[0])) if again.txts else None

    lines = []
    for corners, text, score in zip(boxes, texts, found.scores, strict=True):
        line = OcrLine(text=text.strip(), score=float(score), quad=quad_of(corners))
        lines.append(best_turned(line, bgr, read) if is_tall(line.quad) else line)
    return legible(lines, lambda line: read_again(line, bgr, read))
