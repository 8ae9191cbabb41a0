"""`dcvlr status RUN [--json] [--watch]`: how far a run, or each job of a sweep, is, from files and SLURM's queue."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from dcvlr.cli.command_words import command_parser
from dcvlr.execution.slurm import state_of_jobs
from dcvlr.rundir.processes import has_ended
from dcvlr.runs.status import RunStatus, is_run, read_status
from dcvlr.runs.sweep import jobs_of

_SECONDS_BETWEEN_LOOKS = 2.0


def main(arguments: Sequence[str]) -> int:
    """Print the status; `--watch` prints it again until the run has ended."""
    request = _parser().parse_args(arguments)
    while True:
        in_slurm = state_of_jobs(_submissions(request.run))
        found = {run: read_status(run) if is_run(run) else None for run in _runs(request.run)}
        if request.json:
            plain = [
                {"run": str(run), "state": "not begun"} if one is None else _plain(one) for run, one in found.items()
            ]
            print(json.dumps(plain[0] if request.run in found else plain), flush=True)
        else:
            for run, one in found.items():
                print(_not_begun(run, in_slurm) if one is None else "\n".join(_lines(one)), flush=True)
        if not request.watch or _has_ended(list(found.values()), in_slurm):
            return 0
        time.sleep(_SECONDS_BETWEEN_LOOKS)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("dcvlr status", "How far a run is, from its files; SLURM is asked of jobs that wait.")
    parser.add_argument(
        "run", metavar="RUN", type=Path, help="the output_dir of a run or of a sweep, or a job's folder"
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON each time; a list for a sweep")
    parser.add_argument("--watch", action="store_true", help="again every two seconds until the run has ended")
    return parser


def _runs(folder: Path) -> list[Path]:
    """The run itself, or the jobs of a sweep; one that was submitted may not have begun. Raises `ConfigError`."""
    sweep = folder / "sweep" if (folder / "sweep").is_dir() else folder
    jobs = [] if is_run(folder) else [sweep / name for name in jobs_of(sweep)]
    if not jobs and not (folder / ".slurm").is_dir():
        read_status(folder)
    return jobs or [folder]


def _submissions(folder: Path) -> Path:
    """Where the scripts are that a run, a sweep, or the sweep of a job were submitted with."""
    folders = [folder / ".slurm", folder / "sweep" / ".slurm", folder.absolute().parent / ".slurm"]
    return next((path for path in folders if path.is_dir()), folders[0])


def _not_begun(run: Path, in_slurm: str | None) -> str:
    if in_slurm is None:
        return f"{run}: not begun"
    gone = "SLURM has no job for it any more: submit it again"
    return f"{run}: not begun; {gone if in_slurm == 'GONE' else f'its job in SLURM is {in_slurm}'}"


def _has_ended(found: Sequence[RunStatus | None], in_slurm: str | None) -> bool:
    """Whether nothing more will come: what has not begun will not where SLURM, or the process of a sweep, is gone."""
    begun = [one for one in found if one is not None]
    states = [one.state for one in begun]
    if "running" in states:
        return False
    if states.count("complete") == len(found):
        return True
    if in_slurm is not None:
        return in_slurm == "GONE"
    processes = [worker.process for one in begun for worker in one.workers]
    return len(begun) == len(found) or (bool(processes) and all(map(has_ended, processes)))


def _lines(status: RunStatus) -> Iterator[str]:
    yield f"{status.path}: {status.state}"
    for name, stage in status.stages.items():
        if stage is None:
            yield f"  {name}: not begun"
        else:
            records = f"{stage.records} in, " if stage.records else ""
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


def _plain(status: RunStatus) -> dict[str, Any]:
    return {
        "run": str(status.path),
        "state": status.state,
        "stages": msgspec.to_builtins(status.stages),
        "models": [asdict(row) for row in status.models],
        "workers": [msgspec.to_builtins(w) | {"alive": status.alive(w)} for w in status.workers],
        "locks": status.locks,
        "counts": status.counts,
    }
