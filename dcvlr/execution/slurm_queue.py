"""What SLURM's queue says of tasks, and of the runs that they carry out; sacct is not needed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dcvlr.errors import ConfigError
from dcvlr.settings.typed import text_of

GONE = "GONE"  # of what squeue does not know, or knows to have ended

# States of squeue in which a task may still run: SLURM's job state codes, squeue(1).
ALIVE = frozenset(
    (
        *("PENDING", "RUNNING", "COMPLETING", "CONFIGURING", "REQUEUED", "SUSPENDED", "PREEMPTED", "STOPPED"),
        *("SIGNALING", "RESIZING", "STAGE_OUT", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT"),
    )
)
_TASK = re.compile(r"^  (\d+)\) command=\((.*?)\) ;;$", re.MULTILINE | re.DOTALL)  # as `Slurm.script` writes it
_RUN_DIR = "hydra.run.dir="  # of a job of a sweep
RUN_OVERRIDES = "overrides.json"  # beside the scripts of `dcvlr submit`, which are all of one run


@dataclass(frozen=True)
class TaskState:
    """A state of squeue and, of a task that waits, SLURM's reason: job reason codes, squeue(1)."""

    name: str
    reason: str | None = None

    def __str__(self) -> str:
        return self.name if self.reason is None else f"{self.name} ({self.reason})"


def task_states(job_id: str) -> dict[int, TaskState] | None:
    """SLURM's state of each task by number, empty once it has forgotten the job; None where it does not answer."""
    answer = ask(["squeue", "--noheader", "--array", "--jobs", job_id, "--states", "all", "--format", "%K|%T|%r"])
    if answer.returncode == 0:
        rows = [line.strip().split("|", 2) for line in answer.stdout.splitlines()]
        return {int(row[0]): _state(*row[1:]) for row in rows if len(row) == 3 and row[0].isdecimal()}
    return {} if "Invalid job id" in answer.stderr else None


def _state(name: str, reason: str) -> TaskState:
    return TaskState(name, reason if name == "PENDING" and reason != "None" else None)


def states_of_runs(folder: Path) -> dict[Path, TaskState]:
    """SLURM's state of what was submitted with the scripts in `folder`, by resolved run directory, else `GONE`.

    Without runs of which nobody can tell: squeue is not here, or does not answer for a script that may have one.
    """
    states: dict[Path, TaskState] = {}
    unanswered: set[Path] = set()
    scripts = [path for path in sorted(folder.glob("*.sbatch")) if path.stem.isdecimal()]
    for script in scripts if shutil.which("squeue") else ():
        tasks = task_states(script.stem)
        for task, run in _runs_of(script):
            if tasks is None:
                unanswered.add(run)
            elif (state := tasks.get(task)) is not None and state.name in ALIVE:
                states[run] = state
            else:
                states.setdefault(run, TaskState(GONE))
    return {run: state for run, state in states.items() if state.name != GONE or run not in unanswered}


def _runs_of(script: Path) -> Iterator[tuple[int, Path]]:
    """The tasks of a script and where each has its results: beside the script's folder in a sweep, else around it."""
    folder = script.resolve().parent
    in_sweep = not (folder / RUN_OVERRIDES).exists()
    for task, command in _TASK.findall(script.read_text(encoding="utf-8")):
        job = next((word for word in shlex.split(command) if in_sweep and word.startswith(_RUN_DIR)), None)
        yield int(task), folder.parent if job is None else folder.parent / Path(text_of(job)).name


def ask(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """What a program of SLURM's answers. Raises `ConfigError` where it is not on this machine."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ConfigError(
            f"{command[0]} is not on this machine: submit from a login node of a SLURM cluster, or leave out "
            "hydra/launcher=slurm to run the jobs here"
        ) from error
