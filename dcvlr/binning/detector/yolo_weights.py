"""Which file a name of a YOLO model stands for, and where it lies."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

from dcvlr.errors import ConfigError
from dcvlr.models.hosts import answers
from dcvlr.settings import SettingError

_SIZES = {  # the smallest first: what a name without a size stands for
    "yolov3": ("", "-tiny", "-spp"),
    "yolov5": tuple("nsmlx"),
    "yolov8": tuple("nsmlx"),
    "yolov9": tuple("tsmce"),
    "yolov10": tuple("nsmblx"),
    "yolo11": tuple("nsmlx"),
    "yolo12": tuple("nsmlx"),
    "yolo26": tuple("nsmlx"),
}
_RELEASES = "https://github.com/ultralytics/assets/releases"


def is_path(model: str) -> bool:
    """Whether `model` is a file of the user's, not a name of ultralytics."""
    return official_name(model) is None and model.endswith(".pt")


def official_name(model: str) -> str | None:
    """The name ultralytics gives the weights that `model` means, without `.pt`; None where it has none.

    `yolov11s` and `yolo8n` are written both ways by people, ultralytics itself writes yolo11s and yolov8n.
    """
    found = re.fullmatch(r"yolo[-_]?v?(\d+)([a-z-]*?)(?:\.pt)?", model.lower())
    if found is None:
        return None
    version, size = found.groups()
    family = f"yolov{version}" if int(version) < 11 else f"yolo{version}"
    sizes = _SIZES.get(family, ())
    old = family in {"yolov3", "yolov5"}  # their weights for today's ultralytics end with a u
    size = size.removesuffix("u") if old else size
    if not size and sizes:
        size = sizes[0]
    return f"{family}{size}{'u' if old else ''}" if size in sizes else None


def require_known(model: str) -> None:
    """Raise `SettingError` unless `model` is a name of ultralytics or a path to a `.pt` file."""
    if official_name(model) is None and not is_path(model):
        known = "a path to a .pt file or a detection model of ultralytics is allowed, such as yolov8n, yolov9s"
        raise SettingError("model", model, f"{known}, yolov10m, yolo11s, yolo12x or yolo26n")


def find_weights(model: str, weights_dir: str | None) -> Path | None:
    """The file, or None if it is not there."""
    return next((path for path in _paths(model, weights_dir) if path.is_file()), None)


def require_weights(model: str, weights_dir: str | None, *, download: bool) -> None:
    """Raise `ConfigError` unless the weights are there, or may and can be fetched."""
    if find_weights(model, weights_dir) is not None:
        return
    looked = ", ".join(str(path) for path in _paths(model, weights_dir))
    what = f"binning/detector=yolo: the weights of {model!r} are not at {looked}"
    ways = "set binning.detector.model to the path of a .pt file, or choose preset=embedded, which needs no download"
    if is_path(model):
        raise ConfigError(f"{what}: correct the path, or give a name such as yolo11s")
    if not download:
        raise ConfigError(
            f"{what}: put {official_name(model)}.pt there ({_RELEASES}), let ultralytics fetch it with "
            f"binning.detector.download=true, or {ways}"
        )
    if not answers(_RELEASES):
        raise ConfigError(f"{what} and cannot be fetched, {_RELEASES} does not answer: {ways}")


def download_target(model: str, weights_dir: str | None) -> Path:
    """Where the weights are put by a download: in `weights_dir`, or in the current folder as ultralytics does."""
    return Path(weights_dir or ".").expanduser() / f"{official_name(model)}.pt"


def _paths(model: str, weights_dir: str | None) -> list[Path]:
    if is_path(model):
        return [Path(model).expanduser()]
    folders = [weights_dir, _own_weights_dir(), "."]
    paths = [Path(folder).expanduser() / f"{official_name(model)}.pt" for folder in folders if folder]
    return list(dict.fromkeys(paths))


def _own_weights_dir() -> str | None:
    """The folder of weights in the user's settings of ultralytics, which are read here and never written."""
    if configured := os.environ.get("YOLO_CONFIG_DIR"):
        config = Path(configured).expanduser()
    elif sys.platform == "darwin":
        config = Path.home() / "Library" / "Application Support"
    else:
        config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    try:
        settings = json.loads((config / "Ultralytics" / "settings.json").read_bytes())
    except (OSError, ValueError):
        return None
    found = settings.get("weights_dir") if isinstance(settings, dict) else None
    return found if isinstance(found, str) else None
