"""The options of conf/, and how each is chosen on the command line."""

from __future__ import annotations

from pathlib import Path

from dcvlr.config import conf_dir

CONF = Path(conf_dir())
FILES = sorted(path.relative_to(CONF).with_suffix("") for path in CONF.rglob("*.yaml"))
SHARED = [path for path in FILES if path.parts[0] == "models"]  # parts of options, never chosen themselves
OPTIONS = [path for path in FILES if len(path.parts) > 1 and path not in SHARED]
SWITCHED_ON = {  # stages that are off by default, and what they need besides
    "decontamination": [
        "stages=[filtering,decontamination,binning,synthesis,validation,selection]",
        "decontamination.packs=[a]",
    ],
}


def group_of(option: Path) -> str:
    return option.parent.as_posix()


def stands_with_others(option: Path) -> bool:
    """Whether its group takes a list, because its files carry their own key."""
    return option.parts[0] in ("export", "trackers") or group_of(option).endswith(("bins", "checks", "scores", "dedup"))


def overrides(*options: Path) -> list[str]:
    """What chooses an option, or several options of a group that takes a list."""
    group, names = group_of(options[0]), ",".join(option.name for option in options)
    if group in ("llm", "synthesis/prompt"):  # parts of a writer
        return ["synthesis/generator=openai", f"{group}@synthesis.generator.{group.split('/')[-1]}={names}"]
    if group == "binning/bins":  # the last one takes the rest, so no bin stands alone
        return ["binning/bins=[A,B,C]"]
    if group == "binning/detector/verify_with":
        return ["binning/detector=onnx", f"{group}={names}"]
    if group == "selection/teacher":
        return ["selection=student", f"{group}={names}"]
    return [f"{group}=[{names}]" if stands_with_others(options[0]) else f"{group}={names}", *SWITCHED_ON.get(group, [])]
