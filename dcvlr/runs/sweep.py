"""The jobs of a sweep: how their folders are called, and what each of them gave, in one table."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dcvlr.errors import ConfigError
from dcvlr.export.csv import defused
from dcvlr.identity import digest
from dcvlr.rundir.files import atomic_write, write_json
from dcvlr.rundir.manifest import read_manifest
from dcvlr.rundir.reader import kept_overrides
from dcvlr.runs.status import is_run, read_status
from dcvlr.settings.changed import flat

PLANNED = "jobs.json"
_LONGEST_VALUE = 24  # characters of one override in a folder's name; what is longer ends in a digest of all of it
_LONGEST_NAME = 120
_UNSAFE = re.compile(r"[^A-Za-z0-9._=,+-]+")


def job_name(overrides: Iterable[str], constant: Iterable[str]) -> str:
    """A folder name of the overrides that vary: those that are not among the `constant` ones of the command line.

    Safe for shells and file systems, and short; equal for equal overrides, different for different ones.
    """
    varied = sorted(set(overrides) - set(constant))
    name = ",".join(map(_short, varied)) or "single"
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME - 9].rstrip(',')}-{_tag(','.join(varied))}"
    return name


def _short(override: str) -> str:
    key, _, value = override.partition("=")
    safe = _UNSAFE.sub("_", value).strip("_")
    if safe != value or len(safe) > _LONGEST_VALUE:
        safe = f"{safe[:_LONGEST_VALUE]}-{_tag(value)}"
    return f"{_UNSAFE.sub('.', key).strip('.')}={safe}"


def _tag(text: str) -> str:
    return digest(text.encode())[:8]


@dataclass(frozen=True, kw_only=True)
class JobRow:
    """One job; `overrides` holds what it was started with, counts and seconds are empty where it made no results."""

    name: str
    state: str
    overrides: dict[str, str]
    counts: dict[str, float]
    seconds: float | None
    reason: str


def plan_jobs(sweep_dir: Path, jobs: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Remember which jobs the sweep has, beside those of earlier sweeps in the folder."""
    path = sweep_dir / PLANNED
    known = json.loads(path.read_bytes()) if path.is_file() else {}
    planned = known | {name: list(overrides) for name, overrides in jobs}
    if planned != known:
        write_json(path, planned)


def read_sweep(sweep_dir: Path) -> list[JobRow]:
    """Every job that is planned or has a folder, by name. Raises `ConfigError` where there was no sweep."""
    jobs = jobs_of(sweep_dir)
    if not jobs:
        raise ConfigError(f"{str(sweep_dir)!r} holds no sweep: give the folder sweep/ of an output_dir")
    return [_row(sweep_dir / name, overrides) for name, overrides in jobs.items()]


def jobs_of(sweep_dir: Path) -> dict[str, Sequence[str]]:
    """The overrides of every job that is planned or has a folder, by name, as far as they are known."""
    path = sweep_dir / PLANNED
    planned = json.loads(path.read_bytes()) if path.is_file() else {}
    found = {config.parent.parent.name for config in sweep_dir.glob("*/.hydra/config.yaml")}
    return {name: planned.get(name, []) for name in sorted(planned.keys() | found)}


def is_planned(job_dir: Path) -> bool:
    """Whether a sweep has planned `job_dir`, an absolute path, which may not be there yet."""
    path = job_dir.parent / PLANNED
    return path.is_file() and job_dir.name in json.loads(path.read_bytes())


def is_last_of_sweep(job_dir: Path) -> bool:
    """Whether `job_dir` is that of a planned job, and no job of its sweep is at work or still to begin."""
    if not is_planned(job_dir):
        return False
    return all(row.state not in ("running", "missing") for row in read_sweep(job_dir.parent))


def _row(folder: Path, planned: Sequence[str]) -> JobRow:
    saved = folder / ".hydra" / "overrides.yaml"
    words = kept_overrides(folder) if saved.is_file() else planned
    overrides = {key: value for key, _, value in (word.partition("=") for word in words)}
    if not saved.is_file() or not is_run(folder):
        return JobRow(name=folder.name, state="missing", overrides=overrides, counts={}, seconds=None, reason="")
    status = read_status(folder)
    failed = next((worker for worker in status.workers if worker.end == "failed"), None)
    counts: dict[str, float] = {}
    seconds = None
    if status.state in ("complete", "incomplete"):
        manifest = read_manifest(folder)
        counts, seconds = dict(flat(manifest["counts"])), sum(manifest["seconds"].values())
        counts |= {"cost": status.counts["cost"]} if "cost" in status.counts else {}
    return JobRow(
        name=folder.name,
        state="failed" if failed else status.state,
        overrides=overrides,
        counts=counts,
        seconds=seconds,
        reason=failed.reason if failed else "",
    )


def varied(rows: Sequence[JobRow]) -> list[str]:
    """Keys whose values are not the same in all jobs, sorted."""
    keys = sorted({key for row in rows for key in row.overrides})
    return [key for key in keys if len({row.overrides.get(key) for row in rows}) > 1 and key != "output_dir"]


def counted(rows: Sequence[JobRow]) -> list[str]:
    """The counts that any job has, in the order of the pipeline."""
    return list(dict.fromkeys(name for row in rows for name in row.counts))


def table(rows: Sequence[JobRow]) -> list[list[str]]:
    """A heading and a line per job: state, what varied, counts, seconds, why one failed, and its folder."""
    keys, names = varied(rows), counted(rows)
    lines = [["state", *keys, *names, "seconds", "reason", "job"]]
    for row in rows:
        counts = [_rounded(row.counts.get(name)) for name in names]
        settings = [row.overrides.get(key, "") for key in keys]
        lines.append([row.state, *settings, *counts, _rounded(row.seconds), row.reason, row.name])
    return lines


def write_table(sweep_dir: Path, lines: Sequence[Sequence[str]]) -> Path:
    """`sweep.csv`; a cell that a spreadsheet would take for a formula gets an apostrophe."""
    path, text = sweep_dir / "sweep.csv", io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[defused(cell) for cell in line] for line in lines])
    with atomic_write(path) as file:
        file.write(text.getvalue().encode())
    return path


def _rounded(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}" if value == int(value) else f"{value:.4g}"
