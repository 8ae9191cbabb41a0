"""`python -m dcvlr <overrides>`: Hydra composes, the run is carried out."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import product
from pathlib import Path
from typing import Any

import hydra
from hydra._internal.core_plugins.basic_sweeper import BasicSweeperConf
from hydra.conf import HydraConf
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from dcvlr.cli.exit_codes import exit_code, traceback_kept_in
from dcvlr.cli.sweep import summarize
from dcvlr.config import build, compose, conf_dir, config_kept, plain, with_whole_mappings
from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.execution.workers import LAUNCHED, Worker, this_worker
from dcvlr.pipeline import Plan, execute
from dcvlr.protocols import SortsIntoBins
from dcvlr.rundir.belonging import COUNTS
from dcvlr.rundir.draft import full_disk_named
from dcvlr.rundir.ledger import made_nothing, what_took_most
from dcvlr.rundir.manifest import read_manifest
from dcvlr.runs.sweep import is_last_of_sweep, job_name, plan_jobs
from dcvlr.settings import did_you_mean
from dcvlr.settings.changed import flat
from dcvlr.settings.mistyped import flag_for_key
from dcvlr.settings.typed import in_effect, quoted

_OF_THE_PARENT = ("hydra.mode", "hydra.run", "hydra.sweep", "hydra.launcher", "hydra/launcher", "hydra/sweeper")


class IncompleteError(DcvlrError):
    """Results were written, but some records could not be measured this time."""


class EmptyError(DcvlrError):
    """Results were written, but nothing is in them."""


def run() -> None:
    """What the command line asks for: one run, or the jobs of a sweep and then, however they ended, a table of them."""
    if flag := flag_for_key(sys.argv[1:], Path(conf_dir())):
        raise ConfigError(flag)
    sweeps: list[Path] = []

    @hydra.main(version_base="1.3", config_path=conf_dir(), config_name="config")
    def job(cfg: DictConfig) -> float | None:
        """The only one, which ends the program, or one of a sweep, of which Hydra says that it failed.

        One that was submitted to run elsewhere makes the table of its sweep if it is the last to end.
        """
        if HydraConfig.get().mode == RunMode.MULTIRUN:
            sweeps.append(_sweep_dir(HydraConfig.get()))
            return _carry_out(cfg)
        code = exit_code(lambda: _carry_out(cfg))
        if not this_worker(os.environ).rank and is_last_of_sweep(folder := Path(HydraConfig.get().runtime.output_dir)):
            summarize(folder.parent)
        if code:
            sys.exit(code)
        return None

    if submitted := _submitit_dir(sys.argv[1:]):
        sweeps.append(submitted)
    try:
        job()
    finally:
        if sweeps and list(sweeps[-1].glob("*/.hydra/config.yaml")):
            summarize(sweeps[-1])


def _carry_out(cfg: DictConfig) -> float | None:
    """One job; gives the number that `objective` names, for sweepers that optimize."""
    if cfg.dry_run and HydraConfig.get().mode == RunMode.MULTIRUN:
        raise ConfigError("dry_run=true checks one job: leave out -m")
    overrides = _overrides(cfg)
    with_whole_mappings(cfg, overrides)
    plan = build(cfg, _run_dir())
    plan.check()
    _check_objective(cfg.objective, plan)
    if cfg.dry_run:
        from dcvlr.cli.plan import print_plan  # what draws for people is loaded when there is something to draw

        print_plan(plan, plain(cfg))
        return None
    with full_disk_named(plan.run_dir), plan.sharing():
        _work(plan, cfg, overrides)
    return None if cfg.objective is None else _objective(cfg.objective, plan.run_dir)


def _overrides(cfg: DictConfig) -> list[str]:
    """What composes this job; those of a sweep that cross a choice of parts with their settings lack some in some."""
    overrides = list(HydraConfig.get().overrides.task)
    if HydraConfig.get().mode != RunMode.MULTIRUN:
        return overrides
    kept = in_effect(cfg, overrides, swept(HydraConfig.get()))
    if left_out := [word for word in overrides if word not in kept]:
        print(f"{' '.join(left_out)}: nothing reads it in this job", flush=True)
    return kept


def swept(hydra_config: HydraConf) -> list[str]:
    """Keys and groups that have several values in a sweep."""
    return [override.key_or_group for override in _parsed(_words(hydra_config)) if override.is_sweep_override()]


def _work(plan: Plan, cfg: DictConfig, overrides: Sequence[str]) -> None:
    """In this process, or in others that are started for it."""
    from rich.console import Console

    from dcvlr.cli.summary import print_summary
    from dcvlr.rundir.logs import log_file, logging_to

    worker, console = this_worker(os.environ), Console()
    if plan.runtime.starts_others(worker):
        with _config_kept(plan, cfg, overrides):
            _launch(plan, overrides)
        return
    log = log_file(plan.run_dir, worker)
    with (
        _config_kept(plan, cfg, overrides, worker),
        logging_to(log, worker=worker, verbose=cfg.verbose, console=console) as reporter,
        traceback_kept_in(log),
    ):
        run = execute(plan, worker, reporter)
    if run.writes_results:
        print_summary(run, console, with_examples=HydraConfig.get().mode == RunMode.RUN)
        _complain_of_the_end(plan.run_dir, run.results, run.unmeasured, run.not_exported)


def _run_dir() -> Path | None:
    """Where a launcher or a sweep wants the results; None is `output_dir`, which Hydra does not make by itself."""
    hydra_config = HydraConfig.get()
    folder = Path(hydra_config.runtime.output_dir)
    if hydra_config.mode == RunMode.MULTIRUN:
        folder = job_dir(hydra_config, hydra_config.overrides.task, folder)
        words = _words(hydra_config)
        plan_jobs(folder.parent, [(job_name(job, _constant(words)), job) for job in _planned(hydra_config)])
        print(f"job {hydra_config.job.num}: {folder.name}", flush=True)
        return folder
    return None if folder.absolute() == Path.cwd() else folder


def job_dir(hydra_config: HydraConf, overrides: Sequence[str], folder: Path) -> Path:
    """Where one job of a sweep has its results, `folder` being what Hydra makes of hydra.sweep."""
    own = str(hydra_config.sweep.subdir) == "."  # as conf/config.yaml has it: the name is ours to give
    return folder / job_name(overrides, _constant(_words(hydra_config))) if own else folder


def _words(hydra_config: HydraConf) -> list[str]:
    """What a YAML file says below hydra.sweeper.params, and the words that the sweep was started with.

    A process of submitit has other words than these, Hydra's sweeper kept them.
    """
    params: Mapping[str, Any] = hydra_config.sweeper.get("params") or {}
    in_file = [f"{key}={value}" for key, value in params.items()]
    if "SUBMITIT_EXECUTOR" not in os.environ:
        return [*in_file, *sys.argv[1:]]
    kept: Any = OmegaConf.load(Path(str(hydra_config.sweep.dir)) / "multirun.yaml")
    return [*in_file, *kept.hydra.overrides.hydra, *kept.hydra.overrides.task]


def _submitit_dir(words: Sequence[str]) -> Path | None:
    """The folder of a sweep by hydra-submitit-launcher, whose jobs leave the table to this process.

    Raises `ConfigError` where its jobs cannot be submitted.
    """
    launchers = [word.partition("=")[2] for word in words if word.startswith("hydra/launcher=submitit")]
    if not launchers or not {"-m", "--multirun"} & set(words):
        return None
    if launchers[-1] == "submitit_slurm" and shutil.which("srun") is None:
        raise ConfigError(
            "hydra/launcher=submitit_slurm: srun is not on this machine: submit from a login node of the cluster, or "
            "choose hydra/launcher=submitit_local"
        )
    return Path(str(compose(_constant(words), with_hydra=True).hydra.sweep.dir))


def _planned(hydra_config: HydraConf) -> list[list[str]]:
    """The jobs that Hydra's own sweeper makes of the command line; other sweepers think of their jobs as they go."""
    if hydra_config.sweeper["_target_"] != BasicSweeperConf._target_:
        return []
    choices: dict[str, list[str]] = {}  # a key that is typed again counts as it was typed last
    for override in _parsed(_words(hydra_config)):
        key = override.get_key_element()
        if override.is_hydra_override():
            continue
        if not override.is_sweep_override():
            choices[key] = [f"{key}={override.get_value_element_as_str()}"]
        elif override.is_discrete_sweep():
            choices[key] = [f"{key}={value}" for value in override.sweep_string_iterator()]
        else:
            return []
    return [list(job) for job in product(*choices.values())]


def _constant(words: Sequence[str]) -> list[str]:
    """What all jobs have in common, as the sweeper spells it."""
    fixed = [override for override in _parsed(words) if not override.is_sweep_override()]
    return [f"{override.get_key_element()}={override.get_value_element_as_str()}" for override in fixed]


def _parsed(words: Sequence[str]) -> list[Override]:
    return OverridesParser.create().parse_overrides([word for word in words if "=" in word and word[:1] != "-"])


def _sweep_dir(hydra_config: HydraConf) -> Path:
    folder = Path(hydra_config.runtime.output_dir)
    return folder if str(hydra_config.sweep.subdir) == "." else folder.parent


def _check_objective(name: str | None, plan: Plan) -> None:
    known = []
    for stage in plan.stages.values():
        known += [f"bins.{bin_}" for bin_ in stage.bin_names] if isinstance(stage, SortsIntoBins) else [stage.result]
    if name is not None and name not in known:
        raise ConfigError(
            f"objective={name!r}: one of {', '.join(known)} is what these stages give{did_you_mean(name, known)}"
        )


def _objective(name: str, run_dir: Path) -> float:
    return float(dict(flat(json.loads((run_dir / COUNTS).read_bytes())))[name])


def _config_kept(
    plan: Plan, cfg: DictConfig, overrides: Sequence[str], worker: Worker | None = None
) -> AbstractContextManager[None]:
    """Leave the composed config in the run directory, once it is known to be right."""
    if worker is not None and (worker.rank or LAUNCHED in os.environ):
        return nullcontext()
    return config_kept(cfg, overrides, plan.run_dir)


def _launch(plan: Plan, overrides: Sequence[str]) -> None:
    """The same job in several processes: each composes the same config; the manifest tells how the run ended."""
    plan.runtime.start(_arguments(plan, HydraConfig.get(), overrides))
    manifest = read_manifest(plan.run_dir)
    if manifest["status"] == "running":
        raise DcvlrError("the run ended before its results were written: see pipeline.log")
    _complain_of_the_end(plan.run_dir, manifest["counts"], manifest["unmeasured"], manifest["not_exported"])


def _arguments(plan: Plan, hydra_config: HydraConf, overrides: Sequence[str]) -> list[str]:
    """What composes this job again: in a sweep the command line would compose all of its jobs."""
    if hydra_config.mode == RunMode.RUN:
        return sys.argv[1:]
    return job_arguments(hydra_config, overrides, plan.run_dir)


def job_arguments(hydra_config: HydraConf, overrides: Sequence[str], run_dir: Path) -> list[str]:
    """The words after `python -m dcvlr` that run one job of a sweep by itself, with its results in `run_dir`."""
    folders = [source.path for source in hydra_config.runtime.config_sources if source.provider == "command-line"]
    name = str(hydra_config.job.config_name)
    arguments = [] if name == "config" else ["--config-name", name]
    arguments += [word for folder in folders for word in ("--config-dir", folder)]
    arguments += [o for o in hydra_config.overrides.hydra if not o.lstrip("+~").startswith(_OF_THE_PARENT)]
    return [*arguments, *overrides, quoted("hydra.run.dir", str(run_dir))]


def _complain_of_the_end(
    run_dir: Path, counts: Mapping[str, Any], unmeasured: int, not_exported: Mapping[str, str]
) -> None:
    if made_nothing(counts):
        raise EmptyError(f"nothing was made: {what_took_most(run_dir)}")
    if unmeasured:
        raise IncompleteError(f"{unmeasured} records could not be measured: run the same command again")
    if not_exported:
        first = next(iter(not_exported.values()))
        raise IncompleteError(f"exports lack the rows about {len(not_exported)} pictures, the first is: {first}")
