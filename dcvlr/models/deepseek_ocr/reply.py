"""What the model said, as it said it."""

from __future__ import annotations

from dcvlr.records import Record


class Answer(Record, frozen=True):
    """The reply to one prompt with its tags; `is_cut` if it ended at the limit of tokens."""

    text: str
    is_cut: bool = False


class Said(Record, frozen=True):
    """All replies about one picture, `width` and `height` of which are those at full size."""

    width: int
    height: int
    layout: Answer
    caption: Answer | None = None
