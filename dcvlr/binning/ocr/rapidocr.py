"""Lines of text with the PP-OCRv6 models that ship inside the rapidocr wheel: no download, no GPU."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from queue import SimpleQueue
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dcvlr.binning.ocr.reading_order import reading_order
from dcvlr.errors import require_package, require_range, require_whole
from dcvlr.identity import speed
from dcvlr.records import Decode, OcrLine, OcrResult, Picture, Point

Quad = tuple[Point, Point, Point, Point]


@dataclass(frozen=True, kw_only=True)
class RapidOcr:
    """Detection once per picture, then recognition of its lines, by several one-thread engines side by side.

    Raises `ConfigError` for a score outside [0, 1] or a count that cannot be meant.
    """

    name: ClassVar[str] = "ocr"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = OcrResult

    min_score: float
    max_side: int
    batch_size: int = speed()
    engines: int = speed()

    def __post_init__(self) -> None:
        require_range("binning.ocr.min_score", self.min_score, 0, 1)
        for key, least in (("max_side", 32), ("batch_size", 1), ("engines", 0)):
            require_whole(f"binning.ocr.{key}", getattr(self, key), least)

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
        return self.engines or _free_cores()

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
        kept = [_placed(line, picture) for line in lines if line.score >= self.min_score]
        ordered = tuple(kept[i] for i in reading_order([line.quad for line in kept]))
        return OcrResult(width=picture.width, height=picture.height, lines=ordered)


def _lines(engine: Any, bgr: NDArray[np.uint8]) -> list[OcrLine]:
    """All lines of a picture, as found, in pixels of `bgr`."""
    # The three switches stick to an engine, so every call names them.
    found = engine(bgr, use_det=True, use_cls=False, use_rec=True)
    # Where no text is found, rapidocr gives None, or an object without the fields of a full result.
    boxes, texts = getattr(found, "boxes", None), getattr(found, "txts", None)
    if boxes is None or texts is None:
        return []
    lines = []
    for corners, text, score in zip(boxes, texts, found.scores, strict=True):
        line = OcrLine(text=text.strip(), score=float(score), quad=_quad(corners))
        lines.append(_best_turned(engine, bgr, line) if _is_tall(line) else line)
    return [line for line in lines if line.text]


def _best_turned(engine: Any, bgr: NDArray[np.uint8], line: OcrLine) -> OcrLine:
    """A tall line read in all three ways it may stand, the surest one kept.

    rapidocr reads a tall box as text that runs down. The label of a chart's axis runs up, and a lone `1` stands
    upright. Its own angle model sees the first, but turns one short number in a hundred upside down (99.80, 08.66).
    """
    from rapidocr.utils.process_img import get_rotate_crop_image

    a, b, c, d = line.quad
    down = get_rotate_crop_image(bgr, np.array(line.quad, dtype=np.float32))
    ways = [OcrLine(text=line.text, score=line.score, quad=(b, c, d, a))]
    for crop, quad in ((np.rot90(down, 2), (d, a, b, c)), (np.rot90(down, -1), line.quad)):
        read = engine(np.ascontiguousarray(crop), use_det=False, use_cls=False, use_rec=True)
        if read.txts:
            ways.append(OcrLine(text=read.txts[0].strip(), score=float(read.scores[0]), quad=quad))
    return max(ways, key=lambda way: way.score)


def _is_tall(line: OcrLine) -> bool:
    """Whether rapidocr turned the line to read it: its own rule, on the lengths of the box's sides."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = line.quad
    width = max(math.hypot(ax - bx, ay - by), math.hypot(cx - dx, cy - dy))
    height = max(math.hypot(ax - dx, ay - dy), math.hypot(bx - cx, by - cy))
    return height >= 1.5 * width


def _quad(corners: Any) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    return (a, b, c, d)


def _placed(line: OcrLine, picture: Picture) -> OcrLine:
    """The line in full-size pixels, clipped to the picture, to one decimal."""
    a, b, c, d = (_clipped(picture.to_full_size(x, y), picture) for x, y in line.quad)
    return OcrLine(text=line.text, score=round(line.score, 4), quad=(a, b, c, d))


def _clipped(point: Point, picture: Picture) -> Point:
    x, y = point
    return (round(min(max(x, 0.0), picture.width), 1), round(min(max(y, 0.0), picture.height), 1))


def _free_cores() -> int:
    """Cores this process may use: its share where a launcher gave it one, else those it may run on."""
    share = os.environ.get("OMP_NUM_THREADS", "")
    return int(share) if share.isdecimal() and int(share) > 0 else len(os.sched_getaffinity(0))
