"""Settings that somebody typed for a part that is off, where they would do nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dcvlr.settings.checking import SettingError
from dcvlr.settings.targets import class_at


def require_effect(above: str, name: str, value: Any, node: Mapping[str, Any], conf: Path) -> None:
    """Raise `SettingError` for `name` of the node `above` where the part that reads it is left out.

    A class says so in `only_with`: a setting, and the part beside it (or parts, of which one is enough) that reads it.
    """
    if parts := parts_left_out(name, node):
        raise SettingError(f"{above}.{name}", value, _remedy(above, parts[0], conf))


def parts_left_out(name: str, node: Mapping[str, Any]) -> Sequence[str]:
    """The parts that would read a setting of a node, if there are such and none of them is there."""
    only_with: Mapping[str, Sequence[str]] = getattr(class_at(node.get("_target_")), "only_with", {})
    parts = only_with.get(name, ())
    return () if any(_at(node, part) for part in parts) else parts


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
