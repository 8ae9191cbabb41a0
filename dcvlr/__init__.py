"""dcvlr turns folders of raw pictures into vetted vision-language reasoning datasets."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcvlr.api import DataSynthesisPipeline, ImageBinner
    from dcvlr.config import compose
    from dcvlr.errors import ConfigError, DcvlrError

__version__ = "0.1.0"  # the only place: the build reads it here

__all__ = ["ConfigError", "DataSynthesisPipeline", "DcvlrError", "ImageBinner", "__version__", "compose"]


def __getattr__(name: str) -> object:
    """Load a name of the face when it is asked for: the command line needs none, and starts without them."""
    if name not in __all__:
        raise AttributeError(f"module 'dcvlr' has no attribute {name!r}")
    home = "errors" if name.endswith("Error") else "config" if name == "compose" else "api"
    return getattr(import_module(f"dcvlr.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
