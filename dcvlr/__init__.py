"""dcvlr turns folders of raw pictures into vetted vision-language reasoning datasets."""

from dcvlr.api import DataSynthesisPipeline, ImageBinner
from dcvlr.config import compose
from dcvlr.errors import ConfigError, DcvlrError

__all__ = ["ConfigError", "DataSynthesisPipeline", "DcvlrError", "ImageBinner", "compose"]
