"""What is wrong with the words of a command line that Hydra could not compose, with what may have been meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from dcvlr.settings import did_you_mean

_NOISE = ("To append to your config use", "Config search path:", "\tprovider=")


def mistyped(words: Sequence[str], conf: Path) -> str | None:
    """The first key, group or option among `words` that `conf` does not have; None where all are known."""
    try:
        parsed = OverridesParser.create().parse_overrides([w for w in words if "=" in w and w[:1] not in "-+~"])
    except (HydraException, OmegaConfBaseException, ValueError):
        return None
    groups = _groups(conf)
    for override in parsed:
        name = override.get_key_element().partition("@")[0]
        if name.startswith("hydra"):
            continue
        if name in groups:
            if wrong := _wrong_option(override, name, groups[name]):
                return wrong
        elif "/" in name:
            return f"{name!r} is no config group{did_you_mean(name, groups)}"
        elif wrong := _wrong_key(name, [word for word in words if _group_of(word) in groups], groups, conf):
            return wrong
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
        if isinstance(option, str) and option not in options:
            return f"{group}={option!r}: one of {', '.join(options)} is allowed{did_you_mean(option, options)}"
    return None


def _group_of(word: str) -> str:
    return word.lstrip("+").partition("=")[0].partition("@")[0]


def _wrong_key(name: str, chosen: Sequence[str], groups: dict[str, list[str]], conf: Path) -> str | None:
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(config_dir=str(conf), version_base="1.3"):
            config = compose("config", list(chosen))
    except (HydraException, OmegaConfBaseException, ValueError):
        return None  # a group that follows is wrong, and says so
    if _has(config, name):
        return None
    if listed := _not_listed(name, config, groups):
        return listed
    known = list(_keys("", OmegaConf.to_container(config)))
    if deeper := [key for key in known if _is_within(name.split("."), key.split("."))]:
        return f"there is no key {name!r}; did you mean {min(deeper, key=len)!r}?"
    return f"there is no key {name!r}{did_you_mean(name, known)}"


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
