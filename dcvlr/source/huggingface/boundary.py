"""Where a data set of strangers ends: nothing its author wrote leads to other files of this machine or of the hub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from dcvlr.errors import ConfigError

CARDS = ("README.md", ".huggingface.yaml")
_NAME_IT = "name the files you trust yourself with source.data_files=<path or address>"


def is_own_path(path: str) -> bool:
    """Whether a path that is written in a data set stays inside it: relative, no address, never upwards."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    return "://" not in path and "::" not in path and parts[:1] != ("~",) and not {"/", ".."} & set(parts)


def lies_inside(path: Path, folder: str | None) -> bool:
    """Whether a file, links followed, lies in a data set's folder or in the caches of `datasets` and of the hub.

    `folder` is None for a repository. Raises OSError where there is no such file.
    """
    from datasets import config
    from huggingface_hub import constants

    real = path.resolve(strict=True)
    caches = [config.HF_DATASETS_CACHE, config.DOWNLOADED_DATASETS_PATH, constants.HF_HUB_CACHE]
    return any(real.is_relative_to(Path(root).resolve()) for root in [*caches, *([folder] if folder else [])])


def require_own_cards(folder: str | None, dataset: str) -> None:
    """Raise `ConfigError` where the card in `folder`, if there is one, sends readers of `dataset` outside of it.

    To be asked before `datasets` reads the card, since that follows every address and path in it.
    """
    for name in CARDS if folder is not None else ():
        for config in _configs(Path(folder or "", name)):
            for path in _texts([config.get("data_files"), config.get("data_dir")]):
                if not is_own_path(path.removeprefix(f"hf://datasets/{dataset}/")):
                    raise ConfigError(f"source.dataset={dataset!r}: {name} reads {path!r}, outside of it; {_NAME_IT}")


def require_own_files(files: Mapping[str, Any], folder: str, dataset: str) -> None:
    """Raise `ConfigError` where a data file that was found in `folder` is a link that leads out of it."""
    for path in _texts(list(files.values())):
        if not lies_inside(Path(path), folder):
            raise ConfigError(f"source.dataset={dataset!r}: {path} is a link that leads out of it; {_NAME_IT}")


def _configs(card: Path) -> list[Mapping[str, Any]]:
    """The configurations that a card declares, as `datasets` reads them; a broken card is for `datasets` to name."""
    try:
        text = card.read_text(encoding="utf-8")
        declared = yaml.safe_load(text.split("---", 2)[1] if card.suffix == ".md" else text)
    except (OSError, UnicodeDecodeError, IndexError, yaml.YAMLError):
        return []
    configs = declared.get("configs") if isinstance(declared, dict) else None
    return [config for config in configs if isinstance(config, dict)] if isinstance(configs, list) else []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
