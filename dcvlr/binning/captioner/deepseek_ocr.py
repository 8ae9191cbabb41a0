"""A caption, read off the replies of DeepSeek-OCR."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dcvlr.binning.captioner.generation import caption_of
from dcvlr.models.deepseek_ocr import Block, DeepseekOcr, PageReplies
from dcvlr.records import Caption
from dcvlr.settings import Count, checked
from dcvlr.text.plurals import plural

_TITLES = ("title", "sub_title")


@dataclass(frozen=True, kw_only=True)
@checked
class DeepseekCaption:
    """The model's own description where `reading.caption_prompt` asked for one, of at most `max_words` words.

    Without one, a sentence that names the title and counts what the model found on the page, and claims no more.
    """

    reading: DeepseekOcr
    max_words: Count

    @property
    def sources(self) -> tuple[DeepseekOcr, ...]:
        return (self.reading,)

    def derive(self, replies: PageReplies) -> Caption:
        if replies.caption is None:
            return caption_of(sentence(self.reading.layout_of(replies).blocks))
        words = replies.caption.text.split()
        if len(words) <= self.max_words and not replies.caption.is_cut:
            return caption_of(" ".join(words))
        return caption_of(_whole_sentences(words[: self.max_words]))


def sentence(blocks: Sequence[Block]) -> str:
    """What is on the page by the kinds of its blocks: `A picture titled “Menu” with 1 image and 3 texts.`"""
    title = next((block.text for block in blocks if block.label in _TITLES and block.text), "")
    counts = Counter(block.label.replace("_", " ") for block in blocks for _ in block.boxes)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{count} {label if count == 1 else plural(label)}" for label, count in ranked if label]
    called = f" titled “{title}”" if title else ""
    if not parts:
        return "A picture in which neither text nor objects were found."
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"A picture{called} with {listed}."


def _whole_sentences(words: Sequence[str]) -> str:
    """Words up to the last one that ends a sentence; all of them where none does."""
    ends = [count for count, word in enumerate(words, 1) if word[-1] in ".!?"]
    return " ".join(words[: ends[-1]] if ends else words)
