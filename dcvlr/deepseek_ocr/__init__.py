"""One DeepSeek-OCR pass for whoever reads it: text, objects and caption."""

from dcvlr.deepseek_ocr.layout import Block, Layout, read_layout
from dcvlr.deepseek_ocr.model import DeepseekOcr
from dcvlr.deepseek_ocr.said import Answer, Said

__all__ = ["Answer", "Block", "DeepseekOcr", "Layout", "Said", "read_layout"]
