"""One DeepSeek-OCR pass for whoever reads it: text, objects and caption."""

from dcvlr.models.deepseek_ocr.model import DeepseekOcr
from dcvlr.models.deepseek_ocr.parsing import Block, Layout, read_layout
from dcvlr.models.deepseek_ocr.reply import Answer, Said

__all__ = ["Answer", "Block", "DeepseekOcr", "Layout", "Said", "read_layout"]
