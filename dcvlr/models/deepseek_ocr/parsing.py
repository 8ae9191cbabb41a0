"""The boxes in a reply of DeepSeek-OCR: `<|ref|>label<|/ref|><|det|>[[x1, y1, x2, y2], ...]<|/det|>`, then its text.

Coordinates go from 0 to 999 over the width and the height of the picture (github.com/deepseek-ai/DeepSeek-OCR,
run_dpsk_ocr_image.py). Asked for markdown, the label is a kind (`text`, `sub_title`, `image`, `table`, ...) and what
follows is the text in the boxes; asked for OCR, the label is the text itself.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

import msgspec

from dcvlr.records import Box, Record

TEXT = "text"

_OPEN = "<|ref|>"
_BLOCK = re.compile(r"(.*?)<\|/ref\|>\s*<\|det\|>(.*?)<\|/det\|>(.*)", re.DOTALL)
_FULL_SCALE = 999
_CELL = re.compile(r"</t[dh]>\s*<t[dh](?:\s[^<>]*)?>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:table|thead|tbody|tr|td|th|center|br|b|i|u|em|strong|sub|sup)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_HEADING = re.compile(r"^\s*#{1,6}\s+", re.MULTILINE)
_BOLD = re.compile(r"\*\*(\S(?:.*?\S)?)\*\*")


class PromptReply(Record, frozen=True):
    """The reply to one prompt with its tags; `is_cut` if it ended at the limit of tokens."""

    text: str
    is_cut: bool = False


class PageReplies(Record, frozen=True):
    """All replies about one picture, `width` and `height` of which are those at full size."""

    width: int
    height: int
    layout: PromptReply
    caption: PromptReply | None = None


@dataclass(frozen=True)
class Block:
    """One block of the picture: its kind, where it is in full-size pixels, and the text in it, on one line."""

    label: str
    boxes: tuple[Box, ...]
    text: str


@dataclass(frozen=True)
class PageLayout:
    """`skipped` counts the tags and boxes that could not be read; their text has no place, so it is left out too.

    `unplaced` is text in front of the first tag, all of a reply without tags.
    """

    blocks: tuple[Block, ...]
    unplaced: str
    skipped: int


def read_layout(raw: str, width: int, height: int, *, labels_are_text: bool = False) -> PageLayout:
    """The blocks of a reply about a picture of `width` x `height`; never raises, whatever the model wrote."""
    unplaced, *parts = raw.split(_OPEN)
    blocks, skipped = [], 0
    for part in parts:
        boxes: list[Box] = []
        if match := _BLOCK.fullmatch(part):
            boxes, bad = _boxes(match[2], width, height)
            skipped += bad
        else:
            skipped += 1
        if match and boxes:
            label, text = plain(match[1]), plain(match[3])
            blocks.append(Block(TEXT if labels_are_text else label, tuple(boxes), label if labels_are_text else text))
    return PageLayout(blocks=tuple(blocks), unplaced=plain(unplaced), skipped=skipped)


def plain(text: str) -> str:
    """Markdown and HTML tables as one line of text; the cells of a row stand between bars."""
    without = _TAG.sub(" ", _CELL.sub(" | ", text))
    return " ".join(html.unescape(_BOLD.sub(r"\1", _HEADING.sub("", without))).split())


def _boxes(written: str, width: int, height: int) -> tuple[list[Box], int]:
    """The readable boxes in full-size pixels, and how many were not."""
    try:
        found = msgspec.json.decode(written, type=list[Any])
    except (msgspec.DecodeError, RecursionError):
        return [], 1
    if len(found) == 4 and not any(isinstance(value, list) for value in found):
        found = [found]  # one box without the outer brackets
    placed = [_placed(box, width, height) for box in found]
    boxes = [box for box in placed if box is not None]
    return boxes, len(placed) - len(boxes) or int(not boxes)


def _placed(box: Any, width: int, height: int) -> Box | None:
    try:
        corners = msgspec.convert(box, type=tuple[float, float, float, float], strict=True)
    except msgspec.ValidationError:
        return None
    x0, y0, x1, y1 = (
        round(min(max(value, 0.0), _FULL_SCALE) / _FULL_SCALE * size, 1)
        for value, size in zip(corners, (width, height, width, height), strict=True)
    )
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None
