"""Objects of a page or picture, read off the replies of DeepSeek-OCR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dcvlr.binning.detector.boxes import detections
from dcvlr.models.deepseek_ocr import DeepseekOcr, PageReplies
from dcvlr.records import Detections, box_area
from dcvlr.settings import Fraction, SettingError, checked


@dataclass(frozen=True, kw_only=True)
@checked
class DeepseekObjects:
    """Every box whose label is not one of `text_labels`: images, tables, charts, and whatever else the model names.

    The model does not say how sure it is, so every object gets `score`. A box of more than `max_area` of the picture
    is the picture itself: a photograph is one `image` to the model.
    """

    reading: DeepseekOcr
    text_labels: Sequence[str]
    max_area: Fraction
    score: Fraction

    def __post_init__(self) -> None:
        if self.reading.labels_are_text:
            only = "the model then finds text only; markdown is allowed for a detector"
            raise SettingError("reading.prompt", self.reading.prompt, only)

    @property
    def sources(self) -> tuple[DeepseekOcr, ...]:
        return (self.reading,)

    def derive(self, replies: PageReplies) -> Detections:
        largest = self.max_area * replies.width * replies.height
        found = [
            (block.label, box)
            for block in self.reading.layout_of(replies).blocks
            if block.label and block.label not in self.text_labels
            for box in block.boxes
            if box_area(box) <= largest
        ]
        return detections(
            replies.width,
            replies.height,
            boxes=[box for _, box in found],
            scores=[self.score] * len(found),
            labels=[label for label, _ in found],
            min_score=0.0,
        )
