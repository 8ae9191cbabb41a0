"""DeepSeek-OCR (Wei et al. 2025, 2026): one pass over a picture gives text with boxes, objects and a description."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import ClassVar, Literal

from dcvlr.http import bearer, server_of
from dcvlr.identity import speed
from dcvlr.models.deepseek_ocr.native import Native, require_native
from dcvlr.models.deepseek_ocr.parsing import PageLayout, PageReplies, PromptReply, read_layout
from dcvlr.models.deepseek_ocr.served import Served, require_server
from dcvlr.models.weights import Dtype, folder_digest
from dcvlr.records import Failure, Picture, within_max_side
from dcvlr.settings import Count, Seconds, SettingError, Side, Timeout, Whole, checked

log = logging.getLogger(__name__)

OCR, MARKDOWN = "ocr", "markdown"
PROMPTS = {
    MARKDOWN: "<|grounding|>Convert the document to markdown.",
    OCR: "<|grounding|>OCR this image.",
}


@dataclass(frozen=True, kw_only=True)
@checked
class DeepseekOcr:
    """What the model says of each picture to the prompt for its layout and, if there is one, to that for a caption.

    Whether the weights are here or on a server (`engine`) is part of the identity, the server's address is not.
    """

    name: ClassVar[str] = "deepseek_ocr"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = PageReplies
    decode = within_max_side

    model: str
    model_revision: str
    engine: Literal["transformers", "server"]
    prompt: Literal["markdown", "ocr"]
    caption_prompt: str | None
    max_new_tokens: Count
    max_caption_tokens: Count
    size: Literal["small", "base", "dynamic"]
    max_side: Side
    no_repeat_ngram: Whole
    no_repeat_window: int
    dtype: Dtype
    batch_size: Count = speed()
    device: str = speed()
    base_url: str | None = speed()
    api_key_env: str | None = speed()
    concurrency: Count = speed()
    timeout_s: Timeout = speed()
    attempts: Count = speed()
    max_wait_s: Seconds = speed()
    max_reply_mb: Count = speed()

    def __post_init__(self) -> None:
        if self.no_repeat_window < self.no_repeat_ngram:
            least = f"a whole number from no_repeat_ngram ({self.no_repeat_ngram}) is allowed"
            raise SettingError("no_repeat_window", self.no_repeat_window, least)
        if self.caption_prompt is not None and not self.caption_prompt.strip():
            raise SettingError("caption_prompt", self.caption_prompt, "a request or null is allowed")

    @cached_property
    def weights_digest(self) -> str:
        return folder_digest(self.model) if self.engine == "transformers" else ""

    def check_ready(self) -> None:
        if self.engine == "server":
            require_server(self.base_url, self.api_key_env, "deepseek_ocr")
        else:
            require_native(self.model, self.model_revision, "deepseek_ocr")

    def __call__(self, items: Sequence[Picture], /) -> list[PageReplies | Failure]:
        if not items:
            return []
        layouts = self._reader.ask(items, PROMPTS[self.prompt], self.max_new_tokens)
        captions: Sequence[PromptReply | Failure | None] = [None] * len(items)
        if self.caption_prompt is not None:
            captions = self._reader.ask(items, self.caption_prompt, self.max_caption_tokens)
        replies = [_joined(*each) for each in zip(items, layouts, captions, strict=True)]
        self._log_trouble([each for each in replies if isinstance(each, PageReplies)])
        return replies

    @property
    def labels_are_text(self) -> bool:
        """Whether what it calls a block is the text in it."""
        return self.prompt == OCR

    def layout_of(self, replies: PageReplies) -> PageLayout:
        """The page as blocks in full-size pixels."""
        return read_layout(replies.layout.text, replies.width, replies.height, labels_are_text=self.labels_are_text)

    @cached_property
    def _reader(self) -> Native | Served:
        if self.engine == "transformers":
            return Native(
                model=self.model,
                revision=self.model_revision,
                size=self.size,
                ngram=self.no_repeat_ngram,
                window=self.no_repeat_window,
                dtype=self.dtype,
                device=self.device,
            )
        require_server(self.base_url, self.api_key_env, "deepseek_ocr")
        server = server_of(self, partial(bearer, self.api_key_env, "deepseek_ocr"))
        return Served(model=self.model, server=server, ngram=self.no_repeat_ngram, window=self.no_repeat_window)

    def _log_trouble(self, replies: Sequence[PageReplies]) -> None:
        layouts = [self.layout_of(each) for each in replies]
        trouble = {
            "replies cut at max_new_tokens": sum(each.layout.is_cut for each in replies),
            "tags or boxes that could not be read": sum(layout.skipped for layout in layouts),
            "replies with text that has no box": sum(bool(layout.unplaced) for layout in layouts),
        }
        if warning := ", ".join(f"{what}: {count}" for what, count in trouble.items() if count):
            log.warning("deepseek_ocr: of %d pictures, %s", len(replies), warning)


def _joined(
    item: Picture, layout: PromptReply | Failure, caption: PromptReply | Failure | None
) -> PageReplies | Failure:
    for reply in (layout, caption):
        if isinstance(reply, Failure):
            return reply
    assert isinstance(layout, PromptReply)
    assert not isinstance(caption, Failure)
    return PageReplies(width=item.width, height=item.height, layout=layout, caption=caption)
