"""Results that belong together: what an earlier run with other settings left is moved aside, never mixed or deleted."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from dcvlr.identity import describe, digest

log = logging.getLogger(__name__)

PREVIOUS = "previous"
DATASET = "synthetic_qa_dataset.jsonl"
REPORT = "report.html"
LEDGER = "rejected.jsonl"
COUNTS = "pipeline_results.json"
AUDIT = "audit.json"
_FILES = (DATASET, REPORT, LEDGER, COUNTS, AUDIT)
_OTHER = {"source": "other pictures"}
_EXPORT = "export."  # begins the name of an exporter among the steps of a run
_PATHS = frozenset({"images_dir", "folder"})  # of a source: settings that say where, which `location` says

Settings = Mapping[str, str]


def result_settings(
    location: str, source: Any, stages: Mapping[str, Any], exporters: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """All settings that can change a result, as plain values, by step: the source, the stages and `export.<name>`.

    Those of speed, of the runtime and of what is shown are none. Where the pictures lie counts as `location`, however
    that was typed.
    """
    parts = {"source": {"location": location, **_without_paths(describe(source))}}
    parts |= {name: describe(stage) for name, stage in stages.items()}
    return parts | {f"{_EXPORT}{name}": describe(exporter) for name, exporter in exporters.items()}


def _without_paths(value: Any) -> Any:
    """A described source, and those that stand in it, without the settings that say where."""
    if not isinstance(value, Mapping):
        return value
    if value.keys() >= {"name", "fields"}:
        fields = {name: inner for name, inner in value["fields"].items() if name not in _PATHS}
        return {**value, "fields": {name: _without_paths(inner) for name, inner in fields.items()}}
    return {name: _without_paths(inner) for name, inner in value.items()}


def without_location(parts: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The `result_settings` without what tells of this machine."""
    return {step: {name: v for name, v in part.items() if name != "location"} for step, part in parts.items()}


def settings_of(parts: Mapping[str, Any]) -> dict[str, str]:
    """A digest of the `result_settings` of each step; in order."""
    return {name: digest(msgspec.json.encode(part, order="sorted"))[:16] for name, part in parts.items()}


def changes(theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Each key at which two `result_settings` differ, with both values; `stages`, `export` for steps of one."""
    for key, is_step in (("stages", _is_stage), ("export", _is_export)):
        here, there = ([name.removeprefix(_EXPORT) for name in parts if is_step(name)] for parts in (mine, theirs))
        if here != there:
            yield key, there, here
    for step in theirs:
        if step in mine:
            old, new = dict(_by_key(step, theirs[step])), dict(_by_key(step, mine[step]))
            yield from ((key, old.get(key), new.get(key)) for key in old | new if old.get(key) != new.get(key))


def _is_export(step: str) -> bool:
    return step.startswith(_EXPORT)


def _is_stage(step: str) -> bool:
    return step != "source" and not _is_export(step)


def _by_key(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The values inside a described part by the keys of the config; a part itself by its name."""
    if not isinstance(value, Mapping):
        yield key, value
    elif "fields" in value and "name" in value:
        yield key, value["name"]
        for name in value.keys() - {"name", "fields"}:
            yield from _by_key(f"{key}.{name}", value[name])
        for name, inner in value["fields"].items():
            yield from _by_key(f"{key}.{name}", inner)
    else:
        for name, inner in value.items():
            yield from _by_key(f"{key}.{name}", inner)


def changed_at(old: Settings, new: Settings) -> int | None:
    """The first of the earlier run's steps whose settings are not those of the run that begins; None where all fit.

    Nothing rests on an export, so those are left out.
    """
    changed = (name in new and old[name] != new[name] and not _is_export(name) for name in old)
    return next((i for i, is_other in enumerate(changed) if is_other), None)


def make_room(run_dir: Path, old: Settings, new: Settings, made_anew: Collection[str]) -> dict[str, str]:
    """Move aside what is `stale`; the settings that the results in `run_dir` rest on from now on."""
    move_aside(run_dir, stale(run_dir, old, new, made_anew), old)
    is_part = changed_at(old, new) is None  # what this run leaves out still belongs to the rest
    return {**old, **new} if is_part else dict(new)


def make_room_for_others(run_dir: Path, old: Settings, new: Settings) -> dict[str, str]:
    """Move aside all results, which are about other pictures; the settings of those that come."""
    move_aside(run_dir, stale(run_dir, {"source": "", **old, **_OTHER}, new, ()), old)
    return dict(new)


def stale(run_dir: Path, old: Settings, new: Settings, made_anew: Collection[str]) -> list[str]:
    """Names below `run_dir` of results that rest on other settings and that the run that begins does not make anew.

    Of a stage that it leaves out the results stay where the settings of all before it are equal.
    """
    changed = changed_at(old, new)
    if changed is None:
        return []
    stages = (path for path in sorted(run_dir.glob("intermediate/stage[1-9]*")) if _position(path.name, old) >= changed)
    results = [*stages, *sorted(run_dir.glob("export/[!.]*")), *(run_dir / name for name in _FILES)]
    names = [path.relative_to(run_dir).as_posix() for path in results if path.exists()]
    return [name for name in names if name not in made_anew]


def _position(folder: str, old: Settings) -> int:
    """Where the stage of a folder such as `stage2_binning` stands in the order of the earlier run."""
    name, order = folder.partition("_")[2], list(old)
    return order.index(name) if name in order else len(order)


def move_aside(run_dir: Path, names: Sequence[str], old: Settings) -> Path | None:
    """Move `names` to `previous/<digest of the old settings>`; what lies there from before is replaced by nothing."""
    if not names:
        return None
    target = run_dir / PREVIOUS / digest(msgspec.json.encode(dict(old)))[:16]
    while target.exists():
        target = target.with_name(f"{target.name}+")
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (run_dir / name).rename(target / name)
    log.warning("settings differ from those of the last run: its %s are now in %s", ", ".join(names), target)
    return target
