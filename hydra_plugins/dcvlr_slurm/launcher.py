"""A sweep as one SLURM array, a task a job."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from hydra.core.utils import JobReturn, JobStatus, filter_overrides, setup_globals
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf, open_dict

log = logging.getLogger("dcvlr.execution.slurm")


class SlurmLauncher(Launcher):
    """Submits the jobs of a sweep and, with `wait`, returns when the last of them has ended.

    Raises `ConfigError` for a wrong setting of its own or of a job, and where there is no sbatch; a job that fails
    makes its `JobReturn` raise `DcvlrError`. Ctrl-C leaves the jobs and says how to follow or end them.
    """

    def __init__(self, **settings: Any) -> None:
        self._settings: dict[str, Any] = {
            name: OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
            for name, value in settings.items()
        }

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.hydra_context = hydra_context
        self.config = config

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        from dcvlr.cli.sweep import summarize
        from dcvlr.config import build, with_whole_mappings
        from dcvlr.execution.slurm import Slurm
        from dcvlr.runs.sweep import plan_jobs
        from dcvlr.settings import check_settings, within
        from dcvlr.settings.parts import check_ready

        setup_globals()
        with within("hydra.launcher"):
            check_settings(Slurm, self._settings)
            slurm = Slurm(**self._settings)
        jobs = {initial_job_idx + i: list(overrides) for i, overrides in enumerate(job_overrides)}
        returns = {index: self._job(index, overrides) for index, overrides in jobs.items()}
        for job in returns.values():  # a wrong setting is refused now, not once the job is through the queue
            plan = build(with_whole_mappings(cast("DictConfig", job.cfg), job.overrides or []))
            check_ready(plan.source)
            slurm.require_ranks_for(plan.runtime)
        folders = {n: Path(returns[n].working_dir or "") for n in jobs}
        plan_jobs(folders[initial_job_idx].parent, [(folders[n].name, jobs[n]) for n in jobs])
        submission = slurm.submit(
            {n: self._command(one.overrides or [], one.working_dir or "") for n, one in returns.items()}
        )
        _say(f"submitted {len(jobs)} jobs as SLURM array {submission.job_id}, script {submission.script}")
        if not slurm.wait:
            _say(submission.how_to_follow)
            return list(returns.values())
        try:
            for end in slurm.ends(submission):
                _conclude(returns[end.task], end)
        except KeyboardInterrupt:
            _say(f"the jobs go on: {submission.how_to_follow}")
            raise
        summarize(Path(str(self.config.hydra.sweep.dir)))
        return list(returns.values())

    def _job(self, index: int, overrides: Sequence[str]) -> JobReturn:
        from dcvlr.cli.run import job_dir, swept
        from dcvlr.settings.typed import in_effect

        config = self.hydra_context.config_loader.load_sweep_config(self.config, list(overrides))
        with open_dict(config):
            config.hydra.job.id, config.hydra.job.num = str(index), index
        below = (Path(str(config.hydra.sweep.dir)) / str(config.hydra.sweep.subdir)).absolute()
        folder = job_dir(config.hydra, list(overrides), below)
        return JobReturn(
            overrides=in_effect(config, filter_overrides(overrides), swept(config.hydra)),
            cfg=OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"]),
            hydra_cfg=OmegaConf.masked_copy(config, "hydra"),
            working_dir=str(folder),
            task_name=str(config.hydra.job.name),
            status=JobStatus.COMPLETED,
        )

    def _command(self, overrides: Sequence[str], folder: str) -> list[str]:
        from dcvlr.cli.run import job_arguments

        return [sys.executable, "-m", "dcvlr", *job_arguments(self.config.hydra, overrides, Path(folder))]


def _conclude(job: JobReturn, end: Any) -> None:
    from dcvlr.errors import DcvlrError

    if end.exit_code == 0:
        _say(f"job {end.task} is done: {job.working_dir}")
        return
    job.status, job.return_value = JobStatus.FAILED, DcvlrError(f"SLURM: {end.reason}")
    _say(end.reason)


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
