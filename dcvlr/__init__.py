"""dcvlr turns folders of raw pictures into vetted vision-language reasoning datasets."""

from dcvlr.api import DataSynthesisPipeline, ImageBinner
from dcvlr.config import compose
from dcvlr.errors import ConfigError, DcvlrError

__version__ = "0.1.0"  # the only place: the build reads it here

__all__ = ["ConfigError", "DataSynthesisPipeline", "DcvlrError", "ImageBinner", "__version__", "compose"]
