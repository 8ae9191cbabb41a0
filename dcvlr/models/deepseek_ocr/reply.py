"""What the model replied, word for word."""

from __future__ import annotations

from dcvlr.records import Record


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
