"""Weights of a folder or of the Hugging Face hub: found before work starts, safetensors only, no foreign code."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from dcvlr.errors import ConfigError, first_line, require_package
from dcvlr.execution.workers import device as worker_device
from dcvlr.identity import digest, file_digest
from dcvlr.models.hub import files_of

log = logging.getLogger(__name__)

Dtype = Literal["auto", "float32", "bfloat16", "float16"]

_FETCHED = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]
_NOT_FETCHED = ["onnx/*", "openvino/*", "original/*", "*fp16*", "*.h5", "*.bin"]
# One of these is part of every model; a program that loaded the network alone leaves a cache without them.
_PREPARES = (
    "preprocessor_config.json",
    "processor_config.json",
    "tokenizer_config.json",
    "tokenizer.json",
    "tokenizer.model",
    "vocab.json",
    "vocab.txt",
)
_SECONDS_TO_ASK = 10.0


def require_weights(model: str, revision: str, *, owner: str) -> None:
    """Raise `ConfigError` unless the weights are in the folder `model`, in the hub's cache, or can be fetched.

    `model` is a folder or a repository of the hub, `revision` its branch, tag or commit (a folder has none). Nothing
    is loaded or fetched. `owner` is how a user chose it: `binning/captioner=blip`.
    """
    for package in ("transformers", "torch"):
        require_package(package, extra="transformers", owner=owner)
    if is_path(model):
        _require_folder(Path(model).expanduser(), owner)
    elif _cached(model, revision) is None:
        _require_fetchable(model, revision, owner)


def stated_weights(part: Any) -> str:
    """`weights_state` of a part by its settings, or its own where its files are elsewhere; empty for one without."""
    if own := getattr(part, "weights_state", ""):
        return str(own)
    model = getattr(part, "model", None)
    return weights_state(model, part.model_revision) if model and hasattr(part, "model_revision") else ""


def weights_state(model: str, revision: str) -> str:
    """Whether the weights are on this machine, in words; of those that are not also the size, where the hub says it.

    Empty for a name that is neither a folder nor a repository of the hub: such a model knows itself where to look.
    """
    if not is_path(model) and "/" not in model:
        return ""
    if is_path(model):
        return f"in {Path(model).expanduser()}"
    if (cached := _cached(model, revision)) is not None:
        return f"in {cached}"
    return f"to be fetched from {model}{_size_on_the_hub(model, revision)}"


def _size_on_the_hub(model: str, revision: str) -> str:
    from huggingface_hub import HfApi, constants
    from huggingface_hub.utils import filter_repo_objects  # type: ignore[attr-defined]  # it does not re-export it

    if constants.HF_HUB_OFFLINE:
        return ""
    try:
        about = HfApi().model_info(model, revision=revision, timeout=_SECONDS_TO_ASK, files_metadata=True)
    except Exception as error:  # noqa: BLE001  the hub's client raises errors of its own and of its HTTP library
        log.debug("the hub does not say how large %s is: %s", model, first_line(error))
        return ""
    sizes = {file.rfilename: file.size or 0 for file in about.siblings or []}
    fetched = filter_repo_objects(sizes, allow_patterns=_FETCHED, ignore_patterns=_NOT_FETCHED)
    return f", {sum(sizes[name] for name in fetched) / 1e9:.2f} GB"


def weights_folder(model: str, revision: str) -> str:
    """The folder that holds the weights; fetched into the hub's cache if they are not there."""
    if is_path(model):
        return str(Path(model).expanduser())
    if cached := _cached(model, revision):
        return cached
    from huggingface_hub import snapshot_download

    log.info("fetching the weights of %s at %s", model, revision)
    fetched = snapshot_download(model, revision=revision, allow_patterns=_FETCHED, ignore_patterns=_NOT_FETCHED)
    return str(fetched)


def folder_digest(model: str) -> str:
    """Digest of the weights and settings in the folder `model`; "" for a repository of the hub, or an empty path.

    A training that writes other weights into the same folder has made another model: part of a model's identity.
    """
    if not is_path(model):
        return ""
    folder = Path(model).expanduser()
    return files_digest({file for pattern in _FETCHED for file in folder.glob(pattern)}, str(folder))


def _digest_of_weights(part: Any) -> str:
    return folder_digest(part.model)


digest_of_weights: cached_property[str] = cached_property(_digest_of_weights)
"""The `weights_digest` of a part whose setting `model` says where its weights are."""


def files_digest(files: Iterable[Path], origin: str) -> str:
    """Digest of the names and bytes of files, whatever their order; "" where none is there. `origin` is for errors.

    A file is read once per process, and again only when its size or its time of change is another.
    """
    try:
        parts = [f"{file.name} {_digest_now(file)}" for file in sorted(files) if file.is_file()]
    except OSError as error:
        raise ConfigError(f"{origin!r} cannot be read: {error}") from error
    return digest("\n".join(parts).encode()) if parts else ""


def _digest_now(file: Path) -> str:
    status = file.stat()
    return digest_of_version(str(file.resolve()), status.st_size, status.st_mtime_ns)


# The one cache of this package that belongs to no object: six models of a run name one folder of gigabytes and know
# nothing of each other. It cannot be stale, since a changed file is another argument.
@lru_cache(maxsize=4096)
def digest_of_version(path: str, size: int, mtime_ns: int) -> str:
    """Digest of the file that had this size and time of change when the caller looked."""
    return file_digest(Path(path))


def local_config(model: str, revision: str) -> dict[str, Any] | None:
    """The config.json of weights that are on this machine; None of those that must be fetched first.

    Lets a setting be checked against the model before work starts, and before anything heavy is imported.
    """
    folder = str(Path(model).expanduser()) if is_path(model) else _cached(model, revision)
    file = Path(folder or "") / "config.json"
    if folder is None or not file.is_file():
        return None
    try:
        config: dict[str, Any] = json.loads(file.read_bytes())
    except ValueError as error:
        raise ConfigError(f"{str(file)!r} is not JSON: {error}") from error
    return config


def load_model(kind: str, model: str, revision: str, *, device: str, dtype: str, **options: Any) -> Any:
    """A model of the class `kind` of transformers, ready to infer; see `torch_device` and `torch_dtype`."""
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    target = torch_device(device)
    precision = torch_dtype(dtype, target)
    log.info("loading %s on %s as %s", model, target, str(precision).removeprefix("torch."))
    cls, folder = getattr(transformers, kind), weights_folder(model, revision)
    return cls.from_pretrained(folder, use_safetensors=True, dtype=precision, **options).to(target).eval()


def load_processor(kind: str, model: str, revision: str, **options: Any) -> Any:
    """A processor or tokenizer of the class `kind` of transformers."""
    import transformers

    transformers.utils.logging.set_verbosity_error()
    return getattr(transformers, kind).from_pretrained(weights_folder(model, revision), **options)


def pad_left(tokenizer: Any) -> None:
    """Make the tokenizer pad on the left: a decoder goes on from the last token, which must not be padding."""
    tokenizer.padding_side = "left"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token


def torch_device(requested: str) -> Any:
    """`requested`, or for "auto" this worker's own GPU, or the CPU where there is none."""
    import torch

    return torch.device(worker_device(requested, os.environ))


def torch_dtype(requested: str, device: Any) -> Any:
    """`requested`, or for "auto" bfloat16 on a GPU that has it, float16 on one that has not, float32 elsewhere."""
    import torch

    if requested != "auto":
        return getattr(torch, requested)
    if device.type != "cuda":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def is_path(model: str) -> bool:
    """Whether `model` is meant as a folder; all else is a repository of the hub."""
    return Path(model).expanduser().is_dir() or model.startswith((".", "/", "~")) or model.count("/") > 1


def _require_folder(folder: Path, owner: str) -> None:
    if not folder.is_dir():
        raise ConfigError(f"{owner}: there is no folder {str(folder)!r}; give a folder or a repository of the hub")
    if not _is_complete(folder):
        raise ConfigError(
            f"{owner}: {str(folder)!r} holds no config.json with all of its .safetensors "
            "(pickled weights are not loaded)"
        )


def _cached(model: str, revision: str) -> str | None:
    """The snapshot in the hub's cache, if all of it is there."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = snapshot_download(model, revision=revision, local_files_only=True, allow_patterns=_FETCHED)
    except (LocalEntryNotFoundError, HFValidationError):
        return None
    prepares = any(Path(folder, name).is_file() for name in _PREPARES)
    return str(folder) if prepares and _is_complete(Path(folder)) else None


def _is_complete(folder: Path) -> bool:
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        shards = set(json.loads(index.read_bytes())["weight_map"].values())
        return (folder / "config.json").is_file() and all((folder / shard).is_file() for shard in shards)
    return (folder / "config.json").is_file() and any(folder.glob("*.safetensors"))


def _require_fetchable(model: str, revision: str, owner: str) -> None:
    from huggingface_hub import constants
    from huggingface_hub.errors import HFValidationError

    what = f"{owner}: the weights of {model!r} at revision {revision!r} are not in {constants.HF_HUB_CACHE}"
    ways = "give a folder that holds them, or choose preset=embedded, which needs no download"
    try:
        names = files_of(model, revision, what=what, ways=ways)
    except HFValidationError as error:
        raise ConfigError(f"{owner}: {model!r} is neither a folder nor a repository of the hub: {error}") from error
    if not any(name.endswith(".safetensors") for name in names):
        raise ConfigError(
            f"{owner}: {model!r} at revision {revision!r} has no .safetensors (pickled weights are not loaded); "
            "choose a revision that has them, often refs/pr/<number>"
        )


def path_digest(location: str | None) -> str:
    """Digest of a file, or of the files directly in a folder; "" for None and for a path where nothing is.

    A training that writes another `best.pt` over the last one has made another model.
    """
    if location is None:
        return ""
    path = Path(location).expanduser()
    return files_digest(path.glob("*") if path.is_dir() else [path], location)
