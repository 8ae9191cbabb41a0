"""Where the files of a two-tower model are: a folder or a repository of the hub, laid out as transformers.js does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dcvlr.errors import ConfigError, require_package
from dcvlr.models.hub import cached_file, fetched_file, require_file
from dcvlr.models.onnx_network.graph import Engine, require_engine_package
from dcvlr.models.weights import files_digest, is_path

PROCESSOR = "preprocessor_config.json"
_WHOLE_PROCESSOR = "processor_config.json"  # as transformers 5 writes it, with that of the pictures inside


def require_files(model: str, files: Sequence[str], revision: str, *, engine: Engine, owner: str) -> None:
    """Raise `ConfigError` unless all of them are there or can be fetched, and what computes them is installed."""
    for package in ("onnxruntime", "tokenizers", "huggingface_hub"):
        require_package(package, extra="onnx", owner=owner)
    require_engine_package(engine, f"{owner} with engine=openvino", "engine")
    for file in files:
        names = [file] if file != PROCESSOR else [PROCESSOR, _WHOLE_PROCESSOR]
        if not is_path(model):
            require_file(model, names, revision, owner=owner)
        elif not any(_local(model, name).is_file() for name in names):
            missing = str(_local(model, file))
            raise ConfigError(f"{owner}: there is no {missing!r}; give a folder that holds {', '.join(files)}")


def files_state(model: str, files: Sequence[str], revision: str) -> str:
    """Whether all of them are on this machine, in words."""
    if is_path(model):
        return f"in {Path(model).expanduser()}"
    found = [cached_file(model, [file], revision) for file in files]
    return f"in {found[0]}" if all(found) else f"to be fetched from {model}"


def model_file(model: str, file: str, revision: str) -> Path:
    """The file; fetched into the hub's cache if it is not there."""
    return _local(model, file) if is_path(model) else fetched_file(model, [file], revision)


def json_file(model: str, file: str, revision: str) -> dict[str, Any]:
    """What a JSON file of the model says; empty where the model has none."""
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    try:
        content: dict[str, Any] = json.loads(model_file(model, file, revision).read_bytes())
    except (FileNotFoundError, EntryNotFoundError, LocalEntryNotFoundError):
        return {}
    except ValueError as error:
        raise ConfigError(f"{file} of {model!r} is not JSON: {error}") from error
    return content


def processor(model: str, revision: str) -> dict[str, Any]:
    """How pictures become the input of their tower, as transformers states it."""
    whole: dict[str, Any] = json_file(model, _WHOLE_PROCESSOR, revision).get("image_processor") or {}
    return json_file(model, PROCESSOR, revision) or whole


def folder_digest(model: str, file: str) -> str:
    """Digest of a tower in a folder and of what it is used with; "" for a repository of the hub."""
    if not is_path(model):
        return ""
    path = _local(model, file)
    weights = [other for other in path.parent.glob(f"{path.stem}*") if other.suffix.startswith((".onnx", ".data"))]
    return files_digest([*weights, *Path(model).expanduser().glob("*.json")], model)


def _local(model: str, file: str) -> Path:
    return Path(model).expanduser() / file
