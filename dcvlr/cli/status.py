"""`dcvlr status RUN [--json] [--watch]`: how far a run, or each job of a sweep, is, from its files alone."""

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
from dcvlr.runs.status import RunStatus, is_run, read_status
from dcvlr.runs.sweep import jobs_of

_SECONDS_BETWEEN_LOOKS = 2.0


def main(arguments: Sequence[str]) -> int:
    """Print the status; `--watch` prints it again until the run has ended."""
    request = _parser().parse_args(arguments)
    while True:
        found = {run: read_status(run) if is_run(run) else None for run in _runs(request.run)}
        if request.json:
            plain = [
                {"run": str(run), "state": "not begun"} if one is None else _plain(one) for run, one in found.items()
            ]
            print(json.dumps(plain[0] if request.run in found else plain), flush=True)
        else:
            for run, one in found.items():
                print(f"{run}: not begun" if one is None else "\n".join(_lines(one)), flush=True)
        if not request.watch or all(one is not None and one.state != "running" for one in found.values()):
            return 0
        time.sleep(_SECONDS_BETWEEN_LOOKS)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("dcvlr status", "How far a run is, from its files alone.")
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
