"""`dcvlr status RUN [--json] [--watch]`: how far a run, or each job of a sweep, is, from files and SLURM's queue."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from dcvlr.cli.command_words import command_parser
from dcvlr.execution.slurm_queue import GONE, TaskState, states_of_runs
from dcvlr.rundir.processes import has_ended
from dcvlr.runs.status import RunStatus, is_run, read_status
from dcvlr.runs.sweep import is_planned, jobs_of

_SECONDS_BETWEEN_LOOKS = 2.0

# A run, its status once it has begun, and what SLURM says of its job, None where it was asked of none or is silent.
SeenRun = tuple[Path, RunStatus | None, TaskState | None]


def main(arguments: Sequence[str], *, pause: Callable[[float], None] = time.sleep) -> int:
    """Print the status; `--watch` prints it again until the run has ended."""
    request = _parser().parse_args(arguments)
    while True:
        in_slurm = states_of_runs(_submissions(request.run))
        found = [(run, _read(run), in_slurm.get(run.resolve())) for run in _runs(request.run)]
        if request.json:
            plain = [_plain(*one) for one in found]
            print(json.dumps(plain[0] if found[0][0] == request.run else plain), flush=True)
        else:
            for one in found:
                print("\n".join(_lines(*one)), flush=True)
        if not request.watch or _has_ended(found):
            return 0
        pause(_SECONDS_BETWEEN_LOOKS)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("dcvlr status", "How far a run is, from its files; SLURM is asked of jobs that wait.")
    parser.add_argument(
        "run", metavar="RUN", type=Path, help="the output_dir of a run or of a sweep, or a job's folder"
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON each time; a list for a sweep")
    parser.add_argument("--watch", action="store_true", help="again every two seconds until the run has ended")
    return parser


def _runs(folder: Path) -> list[Path]:
    """The run itself, or the jobs of a sweep; one that is planned may not have begun. Raises `ConfigError`."""
    sweep = folder / "sweep" if (folder / "sweep").is_dir() else folder
    jobs = [] if is_run(folder) else [sweep / name for name in jobs_of(sweep)]
    if not jobs and not (folder / ".slurm").is_dir() and not is_planned(folder.absolute()):
        read_status(folder)
    return jobs or [folder]


def _submissions(folder: Path) -> Path:
    """Where the scripts are that a run, a sweep, or the sweep of a job were submitted with."""
    folders = [folder / ".slurm", folder / "sweep" / ".slurm", folder.absolute().parent / ".slurm"]
    return next((path for path in folders if path.is_dir()), folders[0])


def _read(run: Path) -> RunStatus | None:
    return read_status(run) if is_run(run) else None


def _has_ended(found: Sequence[SeenRun]) -> bool:
    """Whether nothing more will come: what has not begun will not where SLURM, or the process of a sweep, is gone."""
    begun = [status for _, status, _ in found if status is not None]
    if any(status.state == "running" for status in begun):
        return False
    open_ones = [(status, in_slurm) for _, status, in_slurm in found if status is None or status.state != "complete"]
    if any(map(_is_awaited, (in_slurm for _, in_slurm in open_ones))):
        return False
    if (None, None) not in open_ones:
        return True
    processes = [worker.process for status in begun for worker in status.workers]
    return bool(processes) and all(map(has_ended, processes))


def _is_awaited(in_slurm: TaskState | None) -> bool:
    return in_slurm is not None and in_slurm.name != GONE


def _lines(run: Path, status: RunStatus | None, in_slurm: TaskState | None) -> Iterator[str]:
    waits = f"; its job in SLURM is {in_slurm}" if _is_awaited(in_slurm) else ""
    if status is None:
        gone = "; SLURM has no job for it any more: submit it again" if in_slurm is not None else ""
        yield f"{run}: not begun{waits or gone}"
        return
    yield f"{run}: {status.state}{'' if status.state == 'running' else waits}"
    for name, stage in status.stages.items():
        if stage is None:
            yield f"  {name}: not begun"
        else:
            records = "" if name == "source" else f"{stage.records} in, "
            yield f"  {name}: {records}{'at work' if stage.kept is None else f'{stage.kept} out'}"
    for row in status.models:
        rate = "" if row.per_second is None else f", {row.per_second:.3g}/s"
        left = "" if row.seconds_left is None else f", {row.seconds_left:.0f} s left"
        yield f"  {row.key.rpartition('-')[0]}: {row.done} of {row.total}{rate}{left}"
    for worker in status.workers:
        word = worker.end or ("alive" if status.alive(worker) else "dead")
        reason = f": {worker.reason}" if worker.reason else ""
        yield f"  worker {worker.rank} of {worker.size} on {worker.host}: {word}{reason}"
    yield f"  chunks held: {status.locks}"
    yield from (f"  {what.replace('_', ' ')}: {amount:,.10g}" for what, amount in status.counts.items())


def _plain(run: Path, status: RunStatus | None, in_slurm: TaskState | None) -> dict[str, Any]:
    in_queue = {
        "slurm": None if in_slurm is None else in_slurm.name,
        "slurm_reason": None if in_slurm is None else in_slurm.reason,
    }
    if status is None:
        return {"run": str(run), "state": "not begun", **in_queue}
    return {
        "run": str(run),
        "state": status.state,
        **in_queue,
        "stages": msgspec.to_builtins(status.stages),
        "models": [asdict(row) for row in status.models],
        "workers": [msgspec.to_builtins(w) | {"alive": status.alive(w)} for w in status.workers],
        "locks": status.locks,
        "counts": status.counts,
    }
