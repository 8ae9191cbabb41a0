"""Settings that somebody typed for a part that is off, where they would do nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from pydoc import locate
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from dcvlr.settings.checking import SettingError


def require_effect(cfg: DictConfig, override: Override, conf: Path) -> None:
    """Raise `SettingError` for a value other than null where the parts that read it are all left out.

    A class says so in `only_with`: a setting, and the part beside it (or parts, of which one is enough) that reads it.
    """
    if parts := _parts_left_out(cfg, override):
        above = override.key_or_group.rpartition(".")[0]
        raise SettingError(override.key_or_group, override.value(), _remedy(above, parts[0], conf))


def in_effect(cfg: DictConfig, overrides: Sequence[str], swept: Collection[str]) -> list[str]:
    """Those of a sweep's job without settings that only its other jobs read: a part's of which `swept` holds the group.

    Where all jobs lack the part, `require_effect` finds them still.
    """
    parsed = zip(overrides, OverridesParser.create().parse_overrides(list(overrides)), strict=True)
    return [text for text, override in parsed if not _is_for_other_jobs(cfg, override, swept)]


def _is_for_other_jobs(cfg: DictConfig, override: Override, swept: Collection[str]) -> bool:
    above = override.key_or_group.rpartition(".")[0]
    groups = [f"{above}.{part}".replace(".", "/") for part in _parts_left_out(cfg, override)]
    return any(f"{group}/".startswith(f"{one}/") for group in groups for one in swept)


def _parts_left_out(cfg: DictConfig, override: Override) -> Sequence[str]:
    """The parts that would read a setting, if there are such and none of them is there."""
    if override.is_sweep_override() or override.is_delete() or override.value() is None:
        return ()
    above, _, name = override.key_or_group.rpartition(".")
    node = OmegaConf.select(cfg, above) if above else None
    if not isinstance(node, DictConfig):
        return ()
    written: Any = OmegaConf.to_container(node)  # interpolations and all
    target = written.get("_target_")
    only_with: Mapping[str, Sequence[str]] = getattr(locate(target), "only_with", {}) if isinstance(target, str) else {}
    parts = only_with.get(name, ())
    return () if any(_at(written, part) for part in parts) else parts


def _at(node: Mapping[str, Any], part: str) -> Any:
    """What stands there; an interpolation on the way, which is a text, stands for what it leads to."""
    found: Any = node
    for key in part.split("."):
        if not isinstance(found, Mapping):
            return found
        found = found.get(key)
    return found


def _remedy(above: str, part: str, conf: Path) -> str:
    group, _, option = f"{above}.{part}".replace(".", "/").rpartition("/")
    if (conf / f"{group}/{option}.yaml").is_file():  # one of several that stand together, such as dedup.phash
        return f"it does nothing without {above}.{part}: choose {group}=[{option}], or leave it out"
    options = sorted(path.stem for path in (conf / group / option).glob("*.yaml") if path.stem != "none")
    off = f"it does nothing while {above}.{part} is off"
    if not options:
        return f"{off}: leave it out"
    return f"{off}: choose {group}/{option}={options[0]} (there are {', '.join(options)}), or leave it out"
