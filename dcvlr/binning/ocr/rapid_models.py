"""Which model rapidocr reads a language with, and whether it is there.

PP-OCRv6, which reads Latin and Chinese script and Japanese, is inside the wheel; one for another script is fetched.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from dcvlr.binning.ocr.paddle_models import model_names
from dcvlr.errors import ConfigError, MissingPackageError
from dcvlr.models.hosts import answers, is_offline
from dcvlr.settings import SettingError, within

_HOST = "https://www.modelscope.cn"
_OF_V5 = "_PP-OCRv5_mobile_rec"  # as PaddleOCR names it; rapidocr names the same model <script>_PP-OCRv5_rec_mobile


def script_of(language: str) -> str | None:
    """Rapidocr's name for the script of a language that needs a PP-OCRv5 recogniser of its own; None for PP-OCRv6.

    Raises `SettingError` for a language that neither reads.
    """
    _, name = model_names(language, None)
    if name.startswith("PP-OCRv6"):
        return None
    if not name.endswith(_OF_V5):
        raise SettingError("language", language, "rapidocr does not read it: choose binning/ocr=paddleocr")
    return name.removesuffix(_OF_V5)


def require_model(language: str, folder: Path) -> None:
    """Raise `ConfigError` unless the recogniser of a language lies in `folder` or can be fetched into it."""
    with within("binning.ocr"):
        script = script_of(language)
    file = None if script is None else folder / f"{script}_PP-OCRv5_rec_mobile.onnx"
    if script == "arabic" and find_spec("bidi") is None:
        raise MissingPackageError(f"binning.ocr.language={language!r} needs bidi: pip install python-bidi")
    if file is None or file.is_file():
        return
    what = f"binning.ocr.language={language!r}: {file.name} is not in {file.parent}"
    ways = (
        "put it there (rapidocr's default_models.yaml has its address), or choose language=en, which needs no download"
    )
    if is_offline():
        raise ConfigError(f"{what} and HF_HUB_OFFLINE is set: unset it, {ways}")
    if not answers(_HOST):
        raise ConfigError(f"{what} and {_HOST} does not answer: {ways}")


def models_folder() -> Path:
    """Where rapidocr looks for models, and puts those that it fetches."""
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise MissingPackageError('binning/ocr=rapidocr needs rapidocr: pip install "dcvlr[rapidocr]"')
    return Path(spec.origin).parent / "models"
