"""Lines of text with the PP-OCRv6 models that ship inside the rapidocr wheel: no download, no GPU."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from queue import SimpleQueue
from typing import Any, ClassVar

import numpy as np

from dcvlr.binning.ocr.legibility import Legible, legible
from dcvlr.binning.ocr.lines import best_turned, is_tall, quad_of, read_again, result_of
from dcvlr.binning.ocr.rapid_engines import rapid_engine, read_line, require_engine
from dcvlr.binning.ocr.rapid_lines import RapidOcrLines
from dcvlr.execution.machine import free_cores
from dcvlr.identity import speed
from dcvlr.models.onnx_network import Engine
from dcvlr.records import OcrLine, OcrResult, Picture, Pixels, within_max_side
from dcvlr.settings import Count, Fraction, Side, Whole, checked

_LINES = 256  # read again at a time


@dataclass(frozen=True, kw_only=True)
@checked
class RapidOcr:
    """Detection once per picture, then recognition of its lines, by several one-thread engines side by side.

    Both engines run the same models; a line of fifty differs. Raises `ConfigError` for a score outside [0, 1], a count
    that cannot be meant, or a language that no model reads.
    """

    name: ClassVar[str] = "rapidocr"
    revision: ClassVar[int] = 9
    signal: ClassVar[type] = OcrResult
    decode = within_max_side

    engine: Engine
    language: str
    min_score: Fraction
    max_side: Side
    batch_size: Count = speed()
    engines: Whole = speed()

    @property
    def again(self) -> RapidOcrLines:
        """What reads single lines of the same pictures once more."""
        return RapidOcrLines(
            engine=self.engine,
            language=self.language,
            max_side=self.max_side,
            batch_size=_LINES,
            engines=self.engines,
        )

    def check_ready(self) -> None:
        require_engine(self.engine, self.language)

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
        idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(self._count):
            idle.put(rapid_engine(self.engine, self.language, self.max_side))
        return idle

    def _read(self, picture: Picture) -> OcrResult:
        engine = self._idle.get()
        try:
            found = _lines(engine, np.ascontiguousarray(picture.pixels[:, :, ::-1]))
        finally:
            self._idle.put(engine)
        return result_of(found.lines, picture, self.min_score, found.unread)


def _lines(engine: Any, bgr: Pixels) -> Legible:
    """The lines of a picture that are readings, as found, in pixels of `bgr`."""
    # The three switches stick to an engine, so every call names them.
    found = engine(bgr, use_det=True, use_cls=False, use_rec=True)
    # Where no text is found, rapidocr gives None, or an object without the fields of a full result.
    boxes, texts = getattr(found, "boxes", None), getattr(found, "txts", None)
    if boxes is None or texts is None:
        return Legible([], 0)

    def read(crop: Pixels) -> tuple[str, float] | None:
        return read_line(engine, crop)

    lines = []
    for corners, text, score in zip(boxes, texts, found.scores, strict=True):
        line = OcrLine(text=text.strip(), score=float(score), quad=quad_of(corners))
        lines.append(best_turned(line, bgr, read) if is_tall(line.quad) else line)
    return legible(lines, lambda line: read_again(line, bgr, read), math.prod(bgr.shape[:2]))
