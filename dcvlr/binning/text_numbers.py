"""What bins are told of text, read off the signals of many pictures at once and kept by the memo."""

from __future__ import annotations

from collections.abc import Sequence

from dcvlr.binning.text_area import text_area_ratios
from dcvlr.memo.readings import Reading
from dcvlr.records import OcrResult, Record


class TextNumbers(Record, frozen=True, array_like=True):
    """What bins are told of a picture's text."""

    num_text_boxes: int
    text_area_ratio: float
    text: str
    unread: int


def _read(texts: Sequence[OcrResult]) -> list[TextNumbers]:
    return [
        TextNumbers(num_text_boxes=len(text.lines), text_area_ratio=ratio, text=text.text, unread=text.unread)
        for text, ratio in zip(texts, text_area_ratios(texts), strict=True)
    ]


TEXT_NUMBERS = Reading(name="text_numbers", revision=1, record=TextNumbers, read=_read)
