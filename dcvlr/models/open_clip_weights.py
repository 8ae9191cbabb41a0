"""Which files a model of open_clip is made of: found before work starts, never a pickle that could run code."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dcvlr.errors import ConfigError, require_package
from dcvlr.models.hub import cached_file, fetched_file, require_file
from dcvlr.models.weights import files_digest
from dcvlr.settings import SettingError

LOCAL_DIR, HF_HUB = "local-dir:", "hf-hub:"

_CONFIG = "open_clip_config.json"
_WEIGHTS = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
_SUFFIXES = (".safetensors", ".pt", ".pth", ".bin")
_TOKENIZER = ("tokenizer_config.json", "tokenizer.json")
_PREPROCESSING = ("mean", "std", "interpolation", "resize_mode")


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What `open_clip.create_model` is given, so that it need not ask the hub itself."""

    name: str
    file: str | None = None
    quick_gelu: bool = False
    preprocessing: dict[str, Any] = field(default_factory=dict)


def require_names(model: str, pretrained: str | None) -> None:
    """Raise `SettingError` unless `pretrained` is given where `model` names an architecture, and only there."""
    with_weights = model.startswith((LOCAL_DIR, HF_HUB))
    if with_weights and pretrained is not None:
        raise SettingError("pretrained", pretrained, f"null is allowed, since {model!r} has weights of its own")
    if not with_weights and not pretrained:
        needed = f"a tag of open_clip, such as openai, or the path of a checkpoint for the architecture {model!r}"
        raise SettingError("pretrained", pretrained, f"{needed} is needed")


def require_checkpoint(model: str, pretrained: str | None, revision: str, *, owner: str) -> None:
    """Raise `ConfigError` unless all files are there or can be fetched; nothing is loaded or fetched."""
    require_package("open_clip", extra="clip", owner=owner)
    if model.startswith(LOCAL_DIR):
        _require_folder(_local_folder(model), owner)
    elif model.startswith(HF_HUB):
        for names in ((_CONFIG,), _WEIGHTS):
            require_file(model.removeprefix(HF_HUB), names, revision, owner=owner)
    else:
        _require_architecture(model, owner)
        assert pretrained is not None
        if is_path(pretrained):
            if not Path(pretrained).expanduser().is_file():
                raise ConfigError(f"{owner}: there is no checkpoint {pretrained!r}")
        else:
            require_file(*_repository_file(_tag(model, pretrained, owner)), revision, owner=owner)
        _require_text_files(model, owner)


def checkpoint(model: str, pretrained: str | None, revision: str) -> Checkpoint:
    """The files, fetched into the hub's cache if they are not there."""
    if model.startswith(LOCAL_DIR):
        return Checkpoint(name=f"{LOCAL_DIR}{_local_folder(model)}")
    if model.startswith(HF_HUB):
        return Checkpoint(name=f"{LOCAL_DIR}{_hub_folder(model.removeprefix(HF_HUB), revision)}")
    assert pretrained is not None
    if is_path(pretrained):
        return Checkpoint(name=model, file=str(Path(pretrained).expanduser()))
    tag = _tag(model, pretrained, "open_clip embeddings")
    return Checkpoint(
        name=model,
        file=str(fetched_file(*_repository_file(tag), revision)),
        # The weights of OpenAI and others were trained with another activation than the architecture of that name has.
        quick_gelu=bool(tag.get("quick_gelu")),
        preprocessing={key: tag[key] for key in _PREPROCESSING if key in tag},
    )


def local_digest(model: str, pretrained: str | None) -> str:
    """Digest of weights and settings on this machine; "" for those of the hub, and for a path where nothing is."""
    files: list[Path] = []
    if model.startswith(LOCAL_DIR) and _local_folder(model).is_dir():
        files = [path for path in _local_folder(model).glob("*") if path.suffix in (*_SUFFIXES, ".json")]
    elif pretrained is not None and is_path(pretrained) and Path(pretrained).expanduser().is_file():
        files = [Path(pretrained).expanduser()]
    return files_digest(files, model)


def is_path(pretrained: str) -> bool:
    """Whether `pretrained` is a file of the user's, not a tag."""
    return pretrained.endswith(_SUFFIXES) or "/" in pretrained


def _local_folder(model: str) -> Path:
    return Path(model.removeprefix(LOCAL_DIR)).expanduser()


def _require_folder(folder: Path, owner: str) -> None:
    if not folder.is_dir():
        raise ConfigError(f"{owner}: there is no folder {str(folder)!r}")
    if not (folder / _CONFIG).is_file() or not any(path.suffix in _SUFFIXES for path in folder.iterdir()):
        raise ConfigError(f"{owner}: {str(folder)!r} does not hold both {_CONFIG} and weights ({', '.join(_SUFFIXES)})")


def _require_architecture(model: str, owner: str) -> None:
    names = sorted(path.stem for path in _configs().glob("*.json"))
    if model not in names:
        near = get_close_matches(model, names, n=5, cutoff=0.4) or names[:5]
        raise ConfigError(
            f"{owner}: open_clip knows no architecture {model!r}; near are {', '.join(near)}; a model of the hub is "
            f"{HF_HUB}<repository>, a local one {LOCAL_DIR}<folder>"
        )


def _configs() -> Path:
    spec = find_spec("open_clip")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "model_configs"


def _tag(model: str, pretrained: str, owner: str) -> dict[str, Any]:
    """What open_clip knows of a tag: where its weights are and how pictures are prepared for them."""
    from open_clip import get_pretrained_cfg, list_pretrained_tags_by_model

    found: dict[str, Any] = get_pretrained_cfg(model, pretrained)
    if not found:
        known = ", ".join(list_pretrained_tags_by_model(model)) or "none"
        raise ConfigError(f"{owner}: open_clip knows no weights {pretrained!r} of {model!r}; there are {known}")
    return found


def _repository_file(tag: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Repository and file names, safe ones first, of `organization/repository/` or `organization/repository/file`."""
    repository, _, name = tag["hf_hub"].rpartition("/")
    if not name:
        return repository, _WEIGHTS
    return repository, (f"{Path(name).stem}.safetensors", name)


def _require_text_files(model: str, owner: str) -> None:
    """Some architectures have the tokenizer, and the layout of the text tower, of another repository of the hub."""
    text = json.loads((_configs() / f"{model}.json").read_bytes())["text_cfg"]
    for key, names in (("hf_tokenizer_name", _TOKENIZER), ("hf_model_name", ("config.json",))):
        if repository := text.get(key):
            require_file(repository, names, "main", owner=owner)


def _hub_folder(repository: str, revision: str) -> Path:
    """The snapshot with config, weights and, where it has one, tokenizer."""
    from huggingface_hub import snapshot_download

    config = cached_file(repository, (_CONFIG,), revision)
    if config is None or cached_file(repository, _WEIGHTS, revision) is None:
        snapshot_download(repository, revision=revision, allow_patterns=["*.json", "*.txt", "*.model"])
    fetched_file(repository, _WEIGHTS, revision)
    return fetched_file(repository, (_CONFIG,), revision).parent
