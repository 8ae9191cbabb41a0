"""What a caller from Python says of a run: overrides, a config or a file, and values beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from dcvlr.config import compose
from dcvlr.errors import ConfigError
from dcvlr.records import to_json
from dcvlr.settings.mistyped import without_noise
from dcvlr.settings.typed import quoted


def words(overrides: Any) -> list[str]:
    """The overrides, each one a text; raises `ConfigError` for anything else."""
    if isinstance(overrides, str | DictConfig) or not isinstance(overrides, Iterable):
        raise ConfigError(f"overrides={overrides!r}: a list such as ['seed=1', 'stages=[filtering]'] is needed")
    given = list(overrides)
    if not all(isinstance(word, str) for word in given):
        raise ConfigError(f"overrides={overrides!r}: a list such as ['seed=1', 'stages=[filtering]'] is needed")
    return given


def as_words(values: Mapping[str, Any]) -> list[str]:
    """`values` as they are typed on the command line."""
    return [
        quoted(key, value) if isinstance(value, str) else f"{key}={to_json(value).decode()}"
        for key, value in _plain(values)
    ]


def _plain(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, given in values.items():
        value = given.tolist() if isinstance(given, np.ndarray | np.generic) else given
        listed = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else value
        yield key, str(value) if isinstance(value, Path) else listed


def composed(overrides: Sequence[str], config: Any, config_path: Any) -> DictConfig:
    """The config that one of the three describes; raises `ConfigError` for two of them."""
    if config is None:
        return compose(overrides) if config_path is None else _from_file(config_path, overrides)
    if overrides or config_path is not None:
        raise ConfigError("give overrides, config_path or config, not two of them: compose(overrides) makes a config")
    if not isinstance(config, DictConfig):
        raise ConfigError(f"config={config!r}: what compose(['seed=1', …]) gives is needed")
    return config


def _from_file(config_path: Any, overrides: Sequence[str]) -> DictConfig:
    """The config that a run kept, or the usual one with the keys of the file."""
    try:
        loaded: Any = OmegaConf.load(Path(config_path))
    except (OSError, TypeError, YAMLError) as error:
        raise ConfigError(f"config_path={str(config_path)!r} cannot be read as YAML: {error}") from error
    if not isinstance(loaded, DictConfig):
        raise ConfigError(f"config_path={str(config_path)!r}: keys and values are needed, such as seed: 1")
    if OmegaConf.is_missing(loaded, "source") or not isinstance(loaded.get("source"), DictConfig):
        return compose([*_leaves("", OmegaConf.to_container(loaded)), *overrides])
    if overrides:
        raise ConfigError(f"config_path={str(config_path)!r} is a whole config, which overrides cannot be added to")
    return loaded


def _leaves(prefix: str, values: Any) -> list[str]:
    """Overrides that set what a nested mapping holds; a list or a text for a group chooses its options."""
    if isinstance(values, dict):
        return [word for key, value in values.items() for word in _leaves(f"{prefix}.{key}" if prefix else key, value)]
    return as_words({prefix: values})


def with_values(config: DictConfig, values: Mapping[str, Any]) -> DictConfig:
    """A copy of `config` with those `values`."""
    changed = config.copy()
    for key, value in _plain(values):
        try:
            OmegaConf.update(changed, key, value)
        except OmegaConfBaseException as error:
            raise ConfigError(f"{key}={value!r} is no value of a config: {without_noise(str(error))}") from error
    return changed
