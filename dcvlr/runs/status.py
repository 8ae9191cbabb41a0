"""How far a run is, from the files of its directory alone, also for a run on other nodes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from dcvlr.errors import ConfigError
from dcvlr.records.status import ModelProgress, StageProgress, WorkerStatus
from dcvlr.rundir.manifest import read_manifest
from dcvlr.rundir.reader import kept_config
from dcvlr.rundir.status_file import is_alive, workers

State = Literal["running", "complete", "incomplete", "stopped"]


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """One model's part; rate and time left are None where nothing of this run is done yet."""

    key: str
    total: int
    done: int
    running: bool
    per_second: float | None
    seconds_left: float | None


@dataclass(frozen=True)
class RunStatus:
    """Raises `ConfigError` where no run was started."""

    path: Path
    now: float

    def __post_init__(self) -> None:
        if not is_run(self.path):
            raise ConfigError(f"{str(self.path)!r} is no run directory: it has neither status/ nor manifest.json")

    @cached_property
    def workers(self) -> Sequence[WorkerStatus]:
        return [status for _, status in workers(self.path / "status")]

    def alive(self, worker: WorkerStatus) -> bool:
        return is_alive(worker, self.now)

    @property
    def state(self) -> State:
        """`stopped` is a run that ended, or was ended, before its results were written."""
        if any(map(self.alive, self.workers)):
            return "running"
        status: State | None = read_manifest(self.path).get("status")
        finished = all(worker.end == "finished" for worker in self.workers)
        return status if status is not None and status != "running" and finished else "stopped"

    @property
    def stages(self) -> dict[str, StageProgress | None]:
        """Every stage in order as worker 0, or the one that is furthest, knows it; None is 'not begun'."""
        names = kept_config(self.path).get("stages", [])
        furthest = max((worker.stages for worker in self.workers), key=len, default={})
        return {name: furthest.get(name) for name in ["source", *names]}

    @property
    def models(self) -> list[ModelRow]:
        """Models that had work left when this run began."""
        rows: dict[str, tuple[float, ModelProgress]] = {}
        for worker in self.workers:
            for key, progress in worker.models.items():
                if key not in rows or rows[key][1].done <= progress.done:
                    rows[key] = (worker.updated, progress)
        return [self._row(key, progress) for key, (_, progress) in rows.items()]

    def _row(self, key: str, progress: ModelProgress) -> ModelRow:
        own = progress.done - progress.known
        rate = own / progress.seconds if own > 0 and progress.seconds > 0 else None
        left = (progress.total - progress.done) / rate if rate and progress.running else None
        return ModelRow(
            key=key,
            total=progress.total,
            done=progress.done,
            running=progress.running and self.state == "running",
            per_second=rate,
            seconds_left=left,
        )

    @property
    def counts(self) -> dict[str, float]:
        """Tokens, cost and failures by kind, of all workers together."""
        total: Counter[str] = Counter()
        for worker in self.workers:
            for progress in worker.models.values():
                for what, amount in progress.counts.items():
                    total[what] += amount  # type: ignore[assignment]  # a Counter of floats adds as one of ints does
        return dict(sorted(total.items()))

    @property
    def locks(self) -> int:
        """Chunks that workers hold just now, of all runs that share these checkpoints."""
        folders = [self.path / "checkpoints", self.path.absolute().parent.parent / "checkpoints"]
        folder = next((folder for folder in folders if folder.is_dir()), folders[0])
        return sum(1 for _ in folder.glob("*/*.lock"))


def is_run(folder: Path) -> bool:
    """Whether a run was started there."""
    return (folder / "status").is_dir() or (folder / "manifest.json").is_file()


def read_status(run: Path) -> RunStatus:
    """The status as it is now."""
    return RunStatus(run, time.time())
