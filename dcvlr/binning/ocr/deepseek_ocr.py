"""Lines of text, read off the replies of DeepSeek-OCR."""

from __future__ import annotations

from dataclasses import dataclass

from dcvlr.models.deepseek_ocr import DeepseekOcr, PageReplies
from dcvlr.records import Box, OcrLine, OcrResult
from dcvlr.settings import Fraction, checked


@dataclass(frozen=True, kw_only=True)
@checked
class DeepseekText:
    """One line per box, in the model's own reading order; asked for markdown, a box holds a whole paragraph or table.

    The model does not say how sure it is, so every line gets `score`.
    """

    reading: DeepseekOcr
    score: Fraction

    @property
    def sources(self) -> tuple[DeepseekOcr, ...]:
        return (self.reading,)

    def derive(self, replies: PageReplies) -> OcrResult:
        lines = [
            OcrLine(text=block.text, score=self.score, quad=_quad(_around(block.boxes)))
            for block in self.reading.layout_of(replies).blocks
            if block.text
        ]
        return OcrResult(width=replies.width, height=replies.height, lines=tuple(lines))


def _around(boxes: tuple[Box, ...]) -> Box:
    """The box around all boxes of one text, which may go on in another column."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))


def _quad(box: Box) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]:
    x0, y0, x1, y1 = box
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
