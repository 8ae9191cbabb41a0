"""What a worker leaves behind about itself while it works: `status/rank<rank>-<process>.json`, for `dcvlr status`."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
from msgspec import field
from msgspec.structs import replace

from dcvlr.execution.workers import Worker
from dcvlr.records import Record
from dcvlr.records.status import ModelProgress, StageProgress, WorkerEnd, WorkerStatus
from dcvlr.rundir.files import remove_stale_temporaries, write_json
from dcvlr.rundir.processes import has_ended, this_process
from dcvlr.rundir.progress import Reporter

_SPENT_FILE = "spent.json"
_SECONDS_BETWEEN_BEATS = 5.0
_SILENT_S = 12 * _SECONDS_BETWEEN_BEATS  # a worker of another host that said nothing for so long is taken for dead


class StatusFile:
    """Writes every few seconds what it hears, and hands it on to `shown`; use as a context manager.

    Worker 0 of a new run removes what workers that have ended left there, but not what they have spent.
    """

    def __init__(self, folder: Path, worker: Worker, shown: Reporter) -> None:
        self._path = folder / f"rank{worker.rank}-{this_process()}.json"
        self._shown = shown
        self._mutex = threading.Lock()
        self._pause = threading.Event()
        self._begun: dict[str, tuple[float, ModelProgress]] = {}
        now = time.time()
        self._status = WorkerStatus(
            process=this_process(),
            host=socket.gethostname(),
            rank=worker.rank,
            size=worker.size,
            started=now,
            updated=now,
        )

    def __enter__(self) -> StatusFile:
        if self._status.rank == 0:
            remove_stale_temporaries(self._path.parent)
            gone = {path: w for path, w in workers(self._path.parent) if w.end is not None or has_ended(w.process)}
            settle(self._path.parent, gone.values())
            for path in gone:
                path.unlink(missing_ok=True)
        self._write()
        threading.Thread(target=self._beat, name="dcvlr-status", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pause.set()
        end: WorkerEnd = "finished" if kind is None else "failed"
        if kind is not None and issubclass(kind, KeyboardInterrupt | SystemExit):
            end = "interrupted"
        with self._mutex:
            self._status = replace(self._status, end=end, stage=None, reason=str(error or ""))
        self._write()

    def stage_begun(self, name: str, records: int) -> None:
        with self._mutex:
            stages = self._status.stages | {name: StageProgress(records=records)}
            self._status = replace(self._status, stage=name, stages=stages)
        self._shown.stage_begun(name, records)

    def stage_ended(self, name: str, kept: int) -> None:
        with self._mutex:
            stages = self._status.stages | {name: replace(self._status.stages[name], kept=kept)}
            self._status = replace(self._status, stages=stages)
        self._shown.stage_ended(name, kept)

    def begin(self, key: str, total: int, done: int) -> None:
        with self._mutex:
            before = self._status.models.get(key, ModelProgress())
            self._begun[key] = (time.monotonic(), before)
            self._set(
                key,
                replace(
                    before,
                    total=before.total + total,
                    done=before.done + done,
                    known=before.known + done,
                    running=True,
                ),
            )
        self._shown.begin(key, total, done)

    def advance(self, key: str, done: int) -> None:
        with self._mutex:
            start, before = self._begun[key]
            seconds = before.seconds + time.monotonic() - start
            self._set(key, replace(self._status.models[key], done=before.done + done, seconds=round(seconds, 3)))
        self._shown.advance(key, done)

    def count(self, key: str, what: str, amount: float) -> None:
        with self._mutex:
            model = self._status.models[key]
            counts = model.counts | {what: model.counts.get(what, 0) + amount}
            self._set(key, replace(model, counts=counts))
        if what == "computed" and self._status.size > 1:
            self._write()  # what another worker may build on from now on is in what all have spent
        self._shown.count(key, what, amount)

    def spent(self) -> dict[str, Any]:
        """By all workers of all runs in the folder, see `dcvlr.rundir.status_file.Spent`."""
        self._write()
        folder = self._path.parent
        now = [spent_by(worker) for _, worker in workers(folder)]
        return dict(msgspec.to_builtins(total([*settled(folder).values(), *now])))

    def end(self, key: str) -> None:
        with self._mutex:
            self._begun.pop(key, None)
            self._set(key, replace(self._status.models[key], running=False))
        self._write()  # worker 0 may be about to sum up
        self._shown.end(key)

    def _set(self, key: str, progress: ModelProgress) -> None:
        self._status = replace(self._status, models=self._status.models | {key: progress})

    def _beat(self) -> None:
        while not self._pause.wait(_SECONDS_BETWEEN_BEATS):
            try:
                self._write()
            except OSError:  # a full disk ends the run where results are written, with its own words
                continue

    def _write(self) -> None:
        with self._mutex:
            self._status = replace(self._status, updated=time.time())
            status = self._status
        write_json(self._path, status)


def is_alive(worker: WorkerStatus, now: float) -> bool:
    """Certain on this host; of other hosts, whether the worker was heard of within a minute."""
    return worker.end is None and not has_ended(worker.process) and now - worker.updated < _SILENT_S


def workers(folder: Path) -> Iterator[tuple[Path, WorkerStatus]]:
    """What each worker last said of itself, by rank; a file of another version is passed over."""
    for path in sorted(folder.glob("rank*.json")):
        try:
            yield path, msgspec.json.decode(path.read_bytes(), type=WorkerStatus)
        except (FileNotFoundError, msgspec.DecodeError):
            continue


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
        return msgspec.json.decode((folder / _SPENT_FILE).read_bytes(), type=dict[str, Spent])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}


def settle(folder: Path, ended: Collection[WorkerStatus]) -> None:
    """Keep what `ended` workers have spent; whoever is there already is not counted again."""
    if ended:
        fresh = {f"{worker.process}@{worker.rank}@{worker.started}": spent_by(worker) for worker in ended}
        write_json(folder / _SPENT_FILE, settled(folder) | fresh)
