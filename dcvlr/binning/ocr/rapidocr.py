"""Lines of text with the PP-OCRv6 models that ship inside the rapidocr wheel: no download, no GPU."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from queue import SimpleQueue
from typing import Any, ClassVar

import numpy as np

from dcvlr.binning.ocr.cores import free_cores
from dcvlr.binning.ocr.lines import Pixels, best_turned, is_tall, quad_of, result_of
from dcvlr.errors import require_package
from dcvlr.identity import speed
from dcvlr.records import Decode, OcrLine, OcrResult, Picture
from dcvlr.settings import Count, Fraction, Side, Whole, checked


@dataclass(frozen=True, kw_only=True)
@checked
class RapidOcr:
    """Detection once per picture, then recognition of its lines, by several one-thread engines side by side.

    Raises `ConfigError` for a score outside [0, 1] or a count that cannot be meant.
    """

    name: ClassVar[str] = "rapidocr"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = OcrResult

    min_score: Fraction
    max_side: Side
    batch_size: Count = speed()
    engines: Whole = speed()

    @property
    def decode(self) -> Decode:
        return Decode(max_side=self.max_side)

    def check_ready(self) -> None:
        for package in ("rapidocr", "onnxruntime"):
            require_package(package, extra="rapidocr", owner="binning/ocr=rapidocr")

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
        from rapidocr import RapidOCR

        settings = {
            "Global.log_level": "critical",
            "Global.text_score": 0.0,  # weak lines are dropped here, after tall ones were read in every way
            "Global.max_side_len": self.max_side,
            # One line at a time: as fast on a CPU, and a line is not padded to the width of another, which eats spaces.
            "Rec.rec_batch_num": 1,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
        idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(self._count):
            idle.put(RapidOCR(params=settings))
        return idle

    def _read(self, picture: Picture) -> OcrResult:
        engine = self._idle.get()
        try:
            lines = _lines(engine, np.ascontiguousarray(picture.pixels[:, :, ::-1]))
        finally:
            self._idle.put(engine)
        return result_of(lines, picture, self.min_score)


def _lines(engine: Any, bgr: Pixels) -> list[OcrLine]:
    """All lines of a picture, as found, in pixels of `bgr`."""
    # The three switches stick to an engine, so every call names them.
    found = engine(bgr, use_det=True, use_cls=False, use_rec=True)
    # Where no text is found, rapidocr gives None, or an object without the fields of a full result.
    boxes, texts = getattr(found, "boxes", None), getattr(found, "txts", None)
    if boxes is None or texts is None:
        return []

    def read(crop: Pixels) -> tuple[str, float] | None:
        again = engine(crop, use_det=False, use_cls=False, use_rec=True)
        return (again.txts[0], float(again.scores[0])) if again.txts else None

    lines = []
    for corners, text, score in zip(boxes, texts, found.scores, strict=True):
        line = OcrLine(text=text.strip(), score=float(score), quad=quad_of(corners))
        lines.append(best_turned(line, bgr, read) if is_tall(line.quad) else line)
    return lines
