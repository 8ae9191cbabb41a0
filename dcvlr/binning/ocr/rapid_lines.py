"""Single lines read once more, from a smaller cut-out, by the recogniser that read them first."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from queue import SimpleQueue
from typing import Any, ClassVar

import numpy as np

from dcvlr.binning.ocr.lines import quad_of, smaller_cut_out
from dcvlr.binning.ocr.rapid_engines import rapid_engine, read_line, require_engine
from dcvlr.execution.machine import free_cores
from dcvlr.identity import speed
from dcvlr.images import read_picture
from dcvlr.models.onnx_network import Engine
from dcvlr.records import Decode, Failure, Picture, PrintedLine, Readings
from dcvlr.settings import Count, Side, Whole, checked


@dataclass(frozen=True, kw_only=True)
@checked
class RapidOcrLines:
    """One more look at each line, in fewer pixels. Print stays the same, a slip often does not.

    Lines of one picture that follow each other cost one decode.
    """

    name: ClassVar[str] = "rapidocr_lines"
    revision: ClassVar[int] = 2
    signal: ClassVar[type] = Readings

    engine: Engine
    language: str
    max_side: Side
    batch_size: Count = speed()
    engines: Whole = speed()

    def check_ready(self) -> None:
        require_engine(self.engine, self.language)

    def __call__(self, items: Sequence[PrintedLine], /) -> list[Readings | Failure]:
        pictures = [list(lines) for _, lines in groupby(items, key=lambda item: item.image.id)]
        with ThreadPoolExecutor(self._count, thread_name_prefix="dcvlr-lines") as pool:
            return [reading for readings in pool.map(self._of_one_picture, pictures) for reading in readings]

    @cached_property
    def _count(self) -> int:
        return self.engines or free_cores()

    @cached_property
    def _idle(self) -> SimpleQueue[Any]:
        idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(self._count):
            idle.put(rapid_engine(self.engine, self.language, self.max_side, parts=("Rec",)))
        return idle

    def _of_one_picture(self, items: Sequence[PrintedLine]) -> list[Readings | Failure]:
        picture = read_picture(items[0].image, Decode(max_side=self.max_side))
        if isinstance(picture, Failure):
            return [picture] * len(items)
        bgr, engine = np.ascontiguousarray(picture.pixels[:, :, ::-1]), self._idle.get()
        try:
            return [_readings(item, picture, bgr, engine) for item in items]
        finally:
            self._idle.put(engine)


def _readings(item: PrintedLine, picture: Picture, bgr: Any, engine: Any) -> Readings:
    rows, columns = picture.pixels.shape[:2]
    quad = quad_of([(x * columns / picture.width, y * rows / picture.height) for x, y in item.quad])
    text, score = read_line(engine, np.ascontiguousarray(smaller_cut_out(bgr, quad))) or ("", 0.0)
    return Readings(looks=((text.strip(), round(score, 4)),))
