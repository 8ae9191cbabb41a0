"""What all runs in a folder have cost together, by all their workers, also by those that were killed.

The status file of a worker tells it while that is there; before it is removed its sum goes to `status/spent.json`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec
from msgspec import field

from dcvlr.records import Record
from dcvlr.records.status import WorkerStatus
from dcvlr.rundir.files import write_json

_FILE = "spent.json"


class Spent(Record, frozen=True):
    """`seconds` of workers; by model what it `computed`, `prompt_tokens`, `completion_tokens` and `cost`."""

    runs: int = 0
    seconds: float = 0.0
    models: dict[str, dict[str, float]] = field(default_factory=dict)


def spent_by(worker: WorkerStatus) -> Spent:
    """What one worker has spent so far."""
    models = {key: progress.counts for key, progress in worker.models.items() if progress.counts}
    return Spent(runs=int(worker.rank == 0), seconds=round(worker.updated - worker.started, 3), models=models)


def total(parts: Iterable[Spent]) -> Spent:
    """The sum."""
    runs, seconds = 0, 0.0
    models: dict[str, dict[str, float]] = {}
    for part in parts:
        runs, seconds = runs + part.runs, seconds + part.seconds
        for key, counts in part.models.items():
            mine = models.setdefault(key, {})
            for what, amount in counts.items():
                mine[what] = mine.get(what, 0) + amount
    return Spent(runs=runs, seconds=round(seconds, 3), models=models)


def settled(folder: Path) -> dict[str, Spent]:
    """What workers have spent whose status files are gone, by process and start."""
    try:
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=dict[str, Spent])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}


def settle(folder: Path, ended: Collection[WorkerStatus]) -> None:
    """Keep what `ended` workers have spent; whoever is there already is not counted again."""
    if ended:
        fresh = {f"{worker.process}@{worker.rank}@{worker.started}": spent_by(worker) for worker in ended}
        write_json(folder / _FILE, settled(folder) | fresh)
