"""Where an ONNX file is: on this machine, or in a repository of the Hugging Face hub; and the JSON files beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dcvlr.errors import ConfigError
from dcvlr.models.hub import cached_file, fetched_file, require_file
from dcvlr.models.weights import files_digest

_BESIDE = ("config.json", "preprocessor_config.json")


def is_local(model: str) -> bool:
    """Whether `model` is the path of a file; all else is a repository of the hub."""
    return model.endswith(".onnx") or Path(model).expanduser().is_file()


def require_model(model: str, file: str, revision: str, *, owner: str) -> None:
    """Raise `ConfigError` unless the file is there, or can be fetched; nothing is fetched."""
    if not is_local(model):
        require_file(model, [file], revision, owner=owner)
    elif not Path(model).expanduser().is_file():
        raise ConfigError(f"{owner}.model={model!r}: there is no such file")


def local_file(model: str, file: str, revision: str) -> Path | None:
    """The file where it is on this machine already."""
    return Path(model).expanduser() if is_local(model) else cached_file(model, [file], revision)


def model_file(model: str, file: str, revision: str) -> Path:
    """The file; fetched into the hub's cache if it is not there, with the JSON files that say how to use it."""
    if is_local(model):
        return Path(model).expanduser()
    for name in _BESIDE:
        _fetch_if_there(model, name, revision)
    return fetched_file(model, [file], revision)


def beside(model: str, revision: str, name: str) -> dict[str, Any]:
    """The JSON file `name` of the model: beside a local file or one folder up, or at the top of its repository.

    Empty where there is none, as for most files that no hub has seen.
    """
    if is_local(model):
        folder = Path(model).expanduser().absolute().parent
        found = next((path for path in (folder / name, folder.parent / name) if path.is_file()), None)
    else:
        found = cached_file(model, [name], revision)
    if found is None:
        return {}
    try:
        content = json.loads(found.read_bytes())
    except ValueError as error:
        raise ConfigError(f"{str(found)!r} is not JSON: {error}") from error
    return content if isinstance(content, dict) else {}


def local_digest(model: str) -> str:
    """Digest of a local file, of weights kept apart from it and of the JSON files beside it; "" for a repository."""
    if not is_local(model):
        return ""
    path = Path(model).expanduser().absolute()
    weights = [other for other in path.parent.glob(f"{path.stem}*") if other.suffix.startswith((".onnx", ".data"))]
    described = [folder / name for folder in (path.parent, path.parent.parent) for name in _BESIDE]
    return files_digest([*weights, *described], model)


def _fetch_if_there(model: str, name: str, revision: str) -> None:
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    try:
        fetched_file(model, [name], revision)
    except (EntryNotFoundError, LocalEntryNotFoundError):
        return
