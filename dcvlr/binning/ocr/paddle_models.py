"""Which PP-OCR models PaddleOCR 3.7 reads a language with, where it keeps them, and whether they are there.

The tables are those of PaddleOCR itself (`PaddleOCR._get_ocr_model_names`), so that a wrong language is refused without
importing it. They are a copy on purpose: a later PaddleOCR must not change what a setting means.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dcvlr.errors import ConfigError
from dcvlr.models.hosts import answers, is_offline
from dcvlr.settings import SettingError

VERSIONS = ("PP-OCRv6", "PP-OCRv5", "PP-OCRv4", "PP-OCRv3")

_DETECTORS = {
    "PP-OCRv6": "PP-OCRv6_medium_det",
    "PP-OCRv5": "PP-OCRv5_server_det",
    "PP-OCRv4": "PP-OCRv4_mobile_det",
    "PP-OCRv3": "PP-OCRv3_mobile_det",
}
_SCRIPTS = {  # a language of two scripts belongs to the one that comes last
    "devanagari": "ang bgc bh bho gom hi mah mai mr ne new sa sck",
    "cyrillic": "abq ady ava ba be bg bua che cv dar inh kaa kbd kk kv ky lbe lez mhr mk mn mo os rs_cyrillic ru sah "
    "tab tg tt tyv udm uk xal",
    "arabic": "ar bal fa ku ps sd ug ur",
    "eslav": "be ru uk",
    "latin": "af az bs ca cs cy da de es et eu fi fr french ga german gl hr hu id is it ku la lb lt lv mi ms mt nl no "
    "oc pi pl pt qu rm ro rs_latin sk sl sq sv sw tl tr uz vi",
}
_OWN_V3 = ("en", "korean", "japan", "chinese_cht", "te", "ka", "ta")
_OWN_V5 = ("en", "korean", "th", "el", "te", "ta")

_FILES = {"paddle": ("inference.pdiparams", "inference.yml"), "onnxruntime": ("inference.onnx", "inference.yml")}


def model_names(language: str, version: str | None) -> tuple[str, str]:
    """Names of the detection and recognition models; of the newest version that knows the language for None.

    Raises `SettingError` for a language that the version does not know.
    """
    for candidate in VERSIONS if version is None else (version,):
        if recogniser := _recognisers(candidate).get(language):
            return _DETECTORS[candidate], recogniser
    known = sorted({name for candidate in VERSIONS for name in _recognisers(candidate)})
    if language not in known:
        raise SettingError("language", language, f"one of {', '.join(known)} is allowed")
    versions = [candidate for candidate in VERSIONS if language in _recognisers(candidate)]
    raise SettingError("ocr_version", version, f"null or one of {versions} knows language {language!r}")


def _recognisers(version: str) -> Mapping[str, str]:
    """Recognition model by language."""
    if version == "PP-OCRv6":
        languages = set(_SCRIPTS["latin"].split()) - {"pi"} | {"ch", "chinese_cht", "en", "japan"}
        return dict.fromkeys(languages, "PP-OCRv6_medium_rec")
    if version == "PP-OCRv4":
        return {"ch": "PP-OCRv4_mobile_rec", "en": "en_PP-OCRv4_mobile_rec"}
    scripts = {
        language: f"{script}_{version}_mobile_rec"
        for script, languages in _SCRIPTS.items()
        if script != "eslav" or version == "PP-OCRv5"
        for language in languages.split()
    }
    if version == "PP-OCRv3":
        own = {language: f"{language}_PP-OCRv3_mobile_rec" for language in _OWN_V3}
        return {**scripts, **own, "ch": "PP-OCRv3_mobile_rec"}
    own = {language: f"{language}_PP-OCRv5_mobile_rec" for language in _OWN_V5}
    return {**scripts, **own, **dict.fromkeys(("ch", "chinese_cht", "japan"), "PP-OCRv5_server_rec")}


@dataclass(frozen=True, kw_only=True)
class PaddleModel:
    """One model: its official name, and the folder that holds it, or None for PaddleOCR's own cache.

    `key` is its setting, for messages.
    """

    key: str
    name: str
    folder: str | None

    def require(self, engine: str) -> None:
        """Raise `ConfigError` unless the model is in its folder, in the cache, or can be fetched."""
        if self.folder is not None:
            self._require_folder(Path(self.folder).expanduser(), engine)
        elif self.is_cached(engine):
            self._require_whole(cache_folder() / self._packed(engine), engine)
        else:
            self._require_fetchable(engine)

    def is_cached(self, engine: str) -> bool:
        """Whether PaddleOCR takes the model from its cache, whole or not."""
        return (cache_folder() / self._packed(engine)).is_dir()

    def _packed(self, engine: str) -> str:
        return self.name if engine == "paddle" else f"{self.name}_onnx"

    def _require_folder(self, folder: Path, engine: str) -> None:
        if missing := _missing(folder, engine):
            raise ConfigError(
                f"binning.ocr.{self.key}_dir={self.folder!r}: engine={engine} needs {' and '.join(_FILES[engine])} "
                f"there, {' and '.join(missing)} is missing"
            )
        found = name_in(folder)
        if found is None:
            raise ConfigError(f"binning.ocr.{self.key}_dir={self.folder!r}: its inference.yml has no Global.model_name")
        if found != self.name:
            raise ConfigError(
                f"binning.ocr.{self.key}={self.name!r}, but {folder / 'inference.yml'} is that of {found!r}; "
                "null takes the name from there"
            )

    def _require_whole(self, folder: Path, engine: str) -> None:
        if missing := _missing(folder, engine):
            raise ConfigError(
                f"binning/ocr=paddleocr: {folder} lacks {' and '.join(missing)}, since a download was cut off there: "
                "remove the folder, and it is fetched again"
            )

    def _require_fetchable(self, engine: str) -> None:
        what = f"binning/ocr=paddleocr: {self._packed(engine)} is not in {cache_folder()}"
        ways = (
            f"set binning.ocr.{self.key}_dir to a folder that holds {' and '.join(_FILES[engine])}, or choose "
            "preset=embedded, which needs no download"
        )
        if engine != "paddle" and ("PP-OCRv3" in self.name or "PP-OCRv4" in self.name):
            raise ConfigError(
                f"{what} and is published for engine=paddle only: choose that, a newer version, or {ways}"
            )
        if is_offline():
            raise ConfigError(f"{what} and HF_HUB_OFFLINE is set: unset it, {ways}")
        if not any(answers(host) for host in _hosts()):
            raise ConfigError(f"{what} and none of its hosts answers ({', '.join(_hosts())}): {ways}")


def cache_folder() -> Path:
    """Where PaddleOCR looks for models, and puts those that it fetches."""
    return Path(os.environ.get("PADDLE_PDX_CACHE_HOME") or Path.home() / ".paddlex").expanduser() / "official_models"


def name_in(folder: Path) -> str | None:
    """The model's name by the folder's own inference.yml, None where it has none.

    The file ends with a dictionary of thousands of characters that takes a YAML reader a second, so it is not parsed.
    """
    try:
        text = (folder / "inference.yml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    found = re.search(r"^\s*['\"]?model_name['\"]?:\s*['\"]?([^\s'\",]+)", text, re.MULTILINE)
    return found.group(1) if found else None


def _missing(folder: Path, engine: str) -> list[str]:
    return [name for name in _FILES[engine] if not (folder / name).is_file()]


def _hosts() -> tuple[str, ...]:
    """Where PaddleOCR fetches from, in its order."""
    first = os.environ.get("PADDLE_PDX_HUGGING_FACE_ENDPOINT", "https://huggingface.co")
    others = ("https://aistudio.baidu.com", "https://modelscope.cn", "https://paddle-model-ecology.bj.bcebos.com")
    return (first, *others)
