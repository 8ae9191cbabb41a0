"""What is wrong with the words of a command line that Hydra could not compose, with what may have been meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from dcvlr.settings import did_you_mean

_PLUGINS = {  # of Hydra, by the word that chooses what is in them
    "hydra/sweeper=optuna": "hydra-optuna-sweeper",
    "hydra/sweeper=ax": "hydra-ax-sweeper",
    "hydra/sweeper=nevergrad": "hydra-nevergrad-sweeper",
    "hydra/launcher=joblib": "hydra-joblib-launcher",
    "hydra/launcher=submitit_local": "hydra-submitit-launcher",
    "hydra/launcher=submitit_slurm": "hydra-submitit-launcher",
}
_NOISE = ("To append to your config use", "Config search path:", "\tprovider=")


def mistyped(words: Sequence[str], conf: Path) -> str | None:
    """The first key, group or option among `words` that `conf` does not have; None where all are known."""
    if wrong := _no_override(words):
        return wrong
    try:
        parsed = OverridesParser.create().parse_overrides([w for w in words if "=" in w and w[:1] not in "-+~"])
    except (HydraException, OmegaConfBaseException, ValueError):
        return None
    groups = _groups(conf)
    for override in parsed:
        name = override.get_key_element().partition("@")[0]
        if name.startswith("hydra"):
            if wrong := _wrong_hydra_key(override, words, conf):
                return wrong
        elif name in groups:
            if wrong := _wrong_option(override, name, groups[name]):
                return wrong
        elif "/" in name:
            return f"{name!r} is no config group{did_you_mean(name, groups)}"
        elif wrong := _wrong_key(override, [word for word in words if _group_of(word) in groups], groups, conf):
            return wrong
    return None


def one_for_several(cfg: DictConfig, words: Sequence[str]) -> str | None:
    """The first group among `words` of which several options were chosen where `cfg` holds one: Hydra mixes them."""
    for override in OverridesParser.create().parse_overrides(list(words)):
        value = None if override.is_sweep_override() or override.package is not None else override.value()
        node = OmegaConf.select(cfg, override.key_or_group.replace("/", "."))
        if isinstance(value, list) and len(value) > 1 and isinstance(node, DictConfig) and "_target_" in node:
            return f"{override.key_or_group}=[{','.join(map(str, value))}]: one of them is allowed"
    return None


def options_for(key: str, value: Any, conf: Path) -> str:
    """How the part at `key` is chosen, for somebody who gave it `value`."""
    groups, name = _groups(conf), key.rpartition(".")[2]
    group = key.replace(".", "/") if key.replace(".", "/") in groups else f"{name}@{key}"
    options = groups.get(group.partition("@")[0])
    if not options:
        return "it is a part of its own, chosen with a slash: see docs/options.md"
    example = value if value in options else options[0]
    return f"it is chosen as {group}={example}; there are {', '.join(options)}"


def flag_for_key(words: Sequence[str], conf: Path) -> str | None:
    """The first flag among `words` that is no flag but a key of the config, as the old command line had them."""
    keys = OmegaConf.load(conf / "config.yaml")
    for word, value in pairwise([*words, "<value>"]):
        flag, _, given = word.partition("=")
        key = flag.removeprefix("--").replace("-", "_")
        if word.startswith("--") and key in keys:
            return f"{word!r} is no flag: settings are typed as {key}={given or value}"
    return None


def _no_override(words: Sequence[str]) -> str | None:
    """The first word that is neither a flag, nor what follows one, nor a key with a value."""
    for before, word in pairwise(["", *words]):
        if word[:1] in ("-", "~") or before[:1] == "-":
            continue
        if not word.partition("=")[0].strip("+ ") or "=" not in word:
            return f"{word!r} is no override: <key>=<value> is needed, in quotes as a whole where it has spaces"
    return None


def without_noise(message: str) -> str:
    """Hydra's own words, less those that lead to a config with a key that nothing reads."""
    return "\n".join(line for line in message.splitlines() if not line.startswith(_NOISE)).strip()


def _groups(conf: Path) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for path in sorted(conf.rglob("*.yaml")):
        groups.setdefault(path.parent.relative_to(conf).as_posix(), []).append(path.stem)
    groups.pop(".")
    return groups


def _wrong_option(override: Override, group: str, options: Sequence[str]) -> str | None:
    value = override.value()
    for option in value if isinstance(value, list) else [value]:
        if isinstance(option, str | int | float | None) and option not in options:
            typed = "null" if option is None else repr(option)
            if options == ["stage"]:
                return f"{group}={typed}: a stage is left out by naming the others, as stages=[filtering,binning]"
            meant = did_you_mean(str(option).lower(), options)
            return f"{group}={typed}: one of {', '.join(options)} is allowed{meant}"
    return None


def _group_of(word: str) -> str:
    return word.lstrip("+").partition("=")[0].partition("@")[0]


def _wrong_key(override: Override, chosen: Sequence[str], groups: dict[str, list[str]], conf: Path) -> str | None:
    name = override.get_key_element().partition("@")[0]
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(config_dir=str(conf), version_base="1.3"):
            config = compose("config", list(chosen))
    except (HydraException, OmegaConfBaseException, ValueError):
        return None  # a group that follows is wrong, and says so
    if _has(config, name):
        return _wrong_kind(name, override.value(), OmegaConf.select(config, name), groups)
    if listed := _not_listed(name, config, groups):
        return listed
    known = list(_keys("", OmegaConf.to_container(config)))
    if deeper := [key for key in known if _is_within(name.split("."), key.split("."))]:
        return f"there is no key {name!r}; did you mean {min(deeper, key=len)!r}?"
    return f"there is no key {name!r}{did_you_mean(name, known)}"


def _wrong_hydra_key(override: Override, words: Sequence[str], conf: Path) -> str | None:
    """For a key of Hydra's own, such as one of the launcher that `words` choose, or what a plug-in that lacks has."""
    name = override.get_key_element()
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(config_dir=str(conf), version_base="1.3"):
            config = compose("config", [w for w in words if w.startswith("hydra/")], return_hydra_config=True)
    except (HydraException, OmegaConfBaseException, ValueError):
        plugin = _PLUGINS.get(f"{name}={override.get_value_element_as_str()}")
        return (
            f"{name} has no {override.value()!r} without a plug-in of Hydra: pip install {plugin}" if plugin else None
        )
    if "/" in name or OmegaConf.select(config, name, default=config) is not config:
        return None
    parent = name.rpartition(".")[0]
    node = OmegaConf.select(config, parent)
    if isinstance(node, DictConfig) and not node:
        return f"there is no key {name!r} yet: +{name}=… adds it"
    known = [f"{parent}.{key!s}" for key in node if key != "_target_"] if isinstance(node, DictConfig) else []
    chosen = "" if any(w.startswith("hydra/launcher=") for w in words) else ": hydra/launcher=… chooses one that has it"
    is_of_launcher = parent == "hydra.launcher"
    return f"there is no key {name!r}{did_you_mean(name, known) or (chosen if is_of_launcher else '')}"


def _wrong_kind(name: str, value: Any, node: Any, groups: dict[str, list[str]]) -> str | None:
    """Hydra merges a mapping with a mapping alone, and puts a list in the place of a list."""
    if isinstance(value, dict) and isinstance(node, ListConfig):
        return f"{name}={value!r}: a list is needed, such as {OmegaConf.to_container(node)!r}"
    if not isinstance(value, list) or not isinstance(node, DictConfig):
        return None
    if (group := name.replace(".", "/")) in groups:
        return f"{name}={value!r}: options are chosen with a slash, {group}=[{','.join(map(str, value))}]"
    return f"{name}={value!r}: a mapping is needed{_such_as(node)}"


def _such_as(node: DictConfig) -> str:
    keys = [str(key) for key in node if key != "_target_"]
    return f", with keys such as {', '.join(keys)}" if keys else ""


def _not_listed(name: str, config: DictConfig, groups: dict[str, list[str]]) -> str | None:
    """For a key of an option of a list of options (checks, exporters, …) that the command does not name."""
    parts = name.split(".")
    for end in range(1, len(parts)):
        group, option = "/".join(parts[:end]), parts[end]
        node = OmegaConf.select(config, ".".join(parts[:end])) or {}
        if option in groups.get(group, ()) and option not in node and all(one in groups[group] for one in node):
            return f"there is no key {name!r}: {group} does not have {option!r}; +{group}=[{option}] adds it"
    return None


def _is_within(parts: Sequence[str], key: Sequence[str]) -> bool:
    """Whether `key` has all `parts` in their order, with others between them."""
    rest = iter(key)
    return all(part in rest for part in parts)


def _has(config: DictConfig, name: str) -> bool:
    node: Any = OmegaConf.to_container(config)
    for part in name.split("."):
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    return True


def _keys(prefix: str, node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, part in node.items():
            if name != "_target_":
                yield f"{prefix}{name}"
                yield from _keys(f"{prefix}{name}.", part)
