"""Commands as the tasks of one SLURM array: a readable sbatch script, no pickles, and no sacct to follow it."""

from __future__ import annotations

import secrets
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.execution.ray import ONE_DRIVER, Ray
from dcvlr.execution.runtime import Runtime
from dcvlr.execution.slurm_queue import ALIVE, GONE, ask, task_states
from dcvlr.settings import Count, SettingError, Whole, checked

_LOOKS_BEFORE_LOST = 3  # a shared file system may show an exit file late

_SCRIPT = r"""#!/bin/bash
{directives}
# Written by dcvlr. A task is a plain command: to repeat one by hand, type it.
task=$SLURM_ARRAY_TASK_ID
case $task in
{commands}
esac
exit_file={folder}/${{SLURM_ARRAY_JOB_ID}}_$task.exit
rm -f -- "$exit_file"  # of a task that had ended and was requeued
{setup}
requeue=0
before_the_limit() {{  # the tasks are asked to stop; what they have finished is kept
  [ "${{SLURM_RESTART_COUNT:-0}}" -lt {max_requeues} ] && requeue=1
  scancel --signal=TERM "$SLURM_JOB_ID"
}}
trap before_the_limit USR1
srun {srun_args}"${{command[@]}}" &
child=$!
while :; do wait "$child"; code=$?; kill -0 "$child" 2>/dev/null || break; done
if [ "$requeue" = 1 ] && [ "$code" != 0 ]; then
  echo "dcvlr: the time limit is near: requeued, restart $((${{SLURM_RESTART_COUNT:-0}} + 1)) of at most {max_requeues}"
  exec scontrol requeue "$SLURM_JOB_ID"
fi
echo "$code" > "$exit_file.tmp" && mv -- "$exit_file.tmp" "$exit_file"
exit "$code"
"""


@dataclass(frozen=True, kw_only=True)
@checked
class Slurm:
    """What is asked of SLURM for each command; see conf/hydra/launcher/slurm.yaml for each setting."""

    folder: str
    job_name: str
    partition: str | None
    account: str | None
    time: str | Count | None
    nodes: Count
    gpus_per_node: Whole | None
    tasks_per_node: Count | None
    cpus_per_task: Count
    array_parallelism: Count
    requeue: bool
    max_requeues: Whole
    signal_before_end_s: Count
    setup: list[str]
    sbatch: Mapping[str, str | int | float | bool | None]
    srun_args: list[str]
    wait: bool
    poll_s: Annotated[float, Meta(gt=0)]

    def __post_init__(self) -> None:
        limit_s = _seconds(str(self.time or 0))
        if self.requeue and 0 < limit_s <= self.signal_before_end_s:
            asked = (
                f"a time above signal_before_end_s={self.signal_before_end_s} is needed, else jobs stop as they begin"
            )
            raise SettingError("time", self.time, f"{asked}; lower that, or set requeue=false")

    @property
    def ranks(self) -> int:
        """Processes of each command."""
        return self.nodes * self._tasks_per_node

    def require_ranks_for(self, runtime: Runtime) -> None:
        """Raise `ConfigError` where ranks would not share the work of a run but each begin it."""
        if isinstance(runtime, Ray) and self.ranks > 1:
            raise ConfigError(f"{self.ranks} ranks a job: {ONE_DRIVER}, or set nodes=1 tasks_per_node=1")

    def script(self, commands: Mapping[int, Sequence[str]]) -> str:
        """The sbatch script that runs `commands`, by task number, from the folder it is submitted in."""
        cases = [f"{task}) command=({shlex.join(command)}) ;;" for task, command in sorted(commands.items())]
        return _SCRIPT.format(
            directives="\n".join(self._directives(sorted(commands))),
            commands="\n".join(f"  {case}" for case in cases),
            folder=shlex.quote(str(self._folder)),
            setup="\n".join(self.setup),
            max_requeues=self.max_requeues if self.requeue else 0,
            srun_args="".join(f"{shlex.quote(word)} " for word in self.srun_args),
        )

    def submit(self, commands: Mapping[int, Sequence[str]]) -> Submission:
        """Hand `commands` to sbatch. Raises `DcvlrError` where there is no sbatch or it refuses."""
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f"{secrets.token_hex(4)}.sbatch"
        draft.write_text(self.script(commands), encoding="utf-8")
        try:
            answer = ask(["sbatch", "--parsable", str(draft)])
            job_id = "refused" if answer.returncode else answer.stdout.strip().split(";")[0]
            script = draft.rename(self._folder / f"{job_id}.sbatch")  # SLURM has its own copy
        finally:
            draft.unlink(missing_ok=True)
        if answer.returncode:
            raise DcvlrError(f"sbatch refused {script}: {answer.stderr.strip() or answer.stdout.strip()}")
        return Submission(job_id=job_id, script=script, tasks=tuple(sorted(commands)), run=self._folder.parent)

    def ends(self, submission: Submission) -> Iterator[End]:
        """Each task as it ends, for good: a task that is requeued has not ended."""
        waiting, lost = set(submission.tasks), dict.fromkeys(submission.tasks, 0)
        while waiting:
            states = task_states(submission.job_id)
            for task in sorted(waiting) if states is not None else ():
                state = states[task].name if states and task in states else GONE
                if state in ALIVE:
                    lost[task] = 0
                    continue
                code = self._exit_code(submission, task)
                lost[task] += 1
                if code is not None or lost[task] >= _LOOKS_BEFORE_LOST:
                    waiting.discard(task)
                    yield End(task=task, state=state, exit_code=code, log=self.log(submission, task))
            if waiting:
                time.sleep(self.poll_s)

    def log(self, submission: Submission, task: int) -> Path:
        return self._folder / f"{submission.job_id}_{task}.log"

    @property
    def _folder(self) -> Path:
        return Path(self.folder).absolute()

    @property
    def _tasks_per_node(self) -> int:
        return self.tasks_per_node or self.gpus_per_node or 1

    def _exit_code(self, submission: Submission, task: int) -> int | None:
        try:
            return int((self._folder / f"{submission.job_id}_{task}.exit").read_text())
        except FileNotFoundError:
            return None

    def _directives(self, tasks: Sequence[int]) -> Iterator[str]:
        options: dict[str, object] = {
            "job-name": self.job_name,
            "array": f"{tasks[0]}-{tasks[-1]}%{self.array_parallelism}",
            "partition": self.partition,
            "account": self.account,
            "time": self.time,
            "nodes": self.nodes,
            "gpus-per-node": self.gpus_per_node,
            "ntasks-per-node": self._tasks_per_node,
            "cpus-per-task": self.cpus_per_task,
            "signal": f"B:USR1@{self.signal_before_end_s}" if self.requeue else None,
            "open-mode": "append",
            "output": f"{self._folder}/%A_%a.log",
            **self.sbatch,
        }
        yield "#SBATCH --requeue" if self.requeue else "#SBATCH --no-requeue"
        for name, value in options.items():
            if value is True:
                yield f"#SBATCH --{name}"
            elif value is not None and value is not False:
                yield f"#SBATCH --{name}={shlex.quote(str(value))}"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A job array that SLURM has taken; `tasks` are its task numbers, and `run` is what `dcvlr status` is told."""

    job_id: str
    script: Path
    tasks: tuple[int, ...]
    run: Path

    @property
    def how_to_follow(self) -> str:
        status = f"dcvlr status --watch {shlex.quote(str(self.run))}"
        return f"follow it with `{status}` or `squeue -j {self.job_id}`, end it with `scancel {self.job_id}`"


@dataclass(frozen=True, kw_only=True)
class End:
    """How a task ended: SLURM's state, and the program's exit code where it left one."""

    task: int
    state: str
    exit_code: int | None
    log: Path

    @property
    def reason(self) -> str:
        ended = "without an exit code" if self.exit_code is None else f"with exit code {self.exit_code}"
        return f"task {self.task} ended {ended} ({self.state}): see {self.log}"


def _seconds(limit: str) -> int:
    """A time limit as sbatch(1) reads it: minutes, [h:]m:s or days-h[:m[:s]]; 0 for none, and for what it refuses."""
    days, dash, clock = limit.rpartition("-")
    parts = clock.split(":")
    if not all(part.isdecimal() for part in (days or "0", *parts)) or len(parts) > 3:
        return 0
    numbers = [int(part) for part in parts]
    if not dash:
        numbers = [0, *numbers, 0] if len(numbers) == 1 else [0, *numbers][-3:]
    hours, minutes, seconds = [*numbers, 0, 0][:3]
    return ((int(days or "0") * 24 + hours) * 60 + minutes) * 60 + seconds
