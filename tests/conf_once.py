"""Hydra's work on conf/ done once for each choice of options, of which hundreds of configurations share a few.

Of the quarter of a second that composing takes, nine tenths are reading the YAML files that are chosen and merging
them. That is remembered for files of conf/ alone, for each part of a configuration by itself; values are parsed and
set by Hydra itself each time.
"""

from __future__ import annotations

import pickle  # copies a DictConfig in a tenth of the time that deepcopy takes
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any

import pytest
from hydra._internal import defaults_list
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import ConfigRepository
from omegaconf import OmegaConf, flag_override

from dcvlr.config import conf_dir

_OWN = {f"file://{conf_dir()}", "pkg://hydra.conf", "structured://"}


@contextmanager
def conf_once() -> Iterator[None]:
    """Until the block ends."""
    with pytest.MonkeyPatch.context() as patch:
        _choose_once(patch)
        _merge_once(patch)
        _read_once(patch)
        yield


def _choose_once(patch: pytest.MonkeyPatch) -> None:
    list_options, map_choices = defaults_list._create_defaults_list, defaults_list._create_interpolation_map
    listed: dict[str, bytes] = {}

    def listing(repo: Any, name: Any, overrides: Any, prepend_hydra: bool, skip_missing: bool) -> Any:
        chosen = {key: value for key, value in vars(overrides).items() if key != "config_overrides"}
        key = repr((name, prepend_hydra, skip_missing, chosen))
        if not _is_own(repo):
            return list_options(repo, name, overrides, prepend_hydra, skip_missing)
        if key not in listed:
            found = list_options(repo, name, overrides, prepend_hydra, skip_missing)
            listed[key] = pickle.dumps((found, chosen))  # what was chosen, with the marks that listing left
        found, marked = pickle.loads(listed[key])
        vars(overrides).update(marked)
        return found

    def mapping(overrides: Any, defaults: list[Any], self_added: bool) -> Any:
        """Only an option that is written with `${...}` looks for the others."""
        is_read = any(one.is_interpolation() for one in defaults)
        return map_choices(overrides, defaults, self_added) if is_read else None

    patch.setattr(defaults_list, "_create_defaults_list", listing)
    patch.setattr(defaults_list, "_create_interpolation_map", mapping)


def _merge_once(patch: pytest.MonkeyPatch) -> None:
    merge = ConfigLoaderImpl._compose_config_from_defaults_list
    merged: dict[str, bytes] = {}

    def merging(self: ConfigLoaderImpl, defaults: list[Any], repo: Any) -> Any:
        if not _is_own(repo):
            return merge(self, defaults, repo)
        whole = OmegaConf.create()
        with flag_override(whole, "no_deepcopy_set_nodes", True):
            for _, part in groupby(defaults, lambda one: str(one.package).partition(".")[0]):
                whole.merge_with(merged_part(self, list(part), repo))
        return whole

    def merged_part(loader: ConfigLoaderImpl, defaults: list[Any], repo: Any) -> Any:
        key = repr(defaults)
        if key not in merged:
            merged[key] = pickle.dumps(merge(loader, defaults, repo))
        return pickle.loads(merged[key])

    patch.setattr(ConfigLoaderImpl, "_compose_config_from_defaults_list", merging)


def _read_once(patch: pytest.MonkeyPatch) -> None:
    load, loaded = ConfigRepository.load_config, dict[str, bytes]()

    def loading(self: ConfigRepository, config_path: str) -> Any:
        if not _is_own(self):
            return load(self, config_path)
        if config_path not in loaded:
            loaded[config_path] = pickle.dumps(load(self, config_path))
        return pickle.loads(loaded[config_path])

    patch.setattr(ConfigRepository, "load_config", loading)


def _is_own(repo: Any) -> bool:
    return all(source.full_path() in _OWN for source in repo.get_sources())
