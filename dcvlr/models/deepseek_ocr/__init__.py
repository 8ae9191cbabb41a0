"""One DeepSeek-OCR pass for whoever reads it: text, objects and caption."""

from dcvlr.models.deepseek_ocr.model import DeepseekOcr
from dcvlr.models.deepseek_ocr.parsing import Block, PageLayout, PageReplies, PromptReply, read_layout

__all__ = ["Block", "DeepseekOcr", "PageLayout", "PageReplies", "PromptReply", "read_layout"]
