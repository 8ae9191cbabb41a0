"""`dcvlr submit nodes=8 gpus_per_node=8 images_dir=…`: one run, shared by all ranks of a SLURM job.

Words that name a setting of conf/hydra/launcher/slurm.yaml are for SLURM, all others are the run's.
`dcvlr submit --join RUN nodes=4` adds ranks to a run in progress: they take what nobody has begun.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec
from omegaconf import OmegaConf

from dcvlr.cli.command_words import command_parser
from dcvlr.config import build, compose
from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.execution.slurm import Slurm, Submission
from dcvlr.execution.slurm_queue import RUN_OVERRIDES
from dcvlr.rundir.files import write_json
from dcvlr.rundir.reader import kept_overrides
from dcvlr.settings import check_settings, did_you_mean, within
from dcvlr.settings.parts import check_ready
from dcvlr.settings.typed import quoted

_USAGE = "dcvlr submit [--join RUN] [<setting of SLURM>=<value> …] [<override of the run>=<value> …]"


def main(arguments: Sequence[str]) -> int:
    """Submit the run, say how to follow it, and with wait=true return its exit code."""
    parser = _parser()
    request, flags = parser.parse_known_intermixed_args(arguments)
    if flags:
        typed = "settings of SLURM are typed without dashes, as nodes=2 or sbatch.qos=high"
        parser.error(f"{' '.join(flags)}: {typed}; a sweep is python -m dcvlr -m hydra/launcher=slurm …")
    own, overrides = _sorted(request.words)
    if request.join is not None:
        overrides = _joining(request.join, [*_overrides_of(request.join), *overrides])
    slurm = _slurm(own, overrides)
    submission = slurm.submit({0: [sys.executable, "-m", "dcvlr", *overrides]})
    write_json(Path(slurm.folder) / RUN_OVERRIDES, overrides)
    print(f"submitted as SLURM job {submission.job_id}, script {submission.script}\n{submission.how_to_follow}")
    return _wait(slurm, submission) if slurm.wait else 0


def _sorted(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Those for SLURM and those for the run. Raises `ConfigError` for a word that is neither, but nearly the first."""
    names, keys = [field.name for field in fields(Slurm)], set(compose([]))
    of_slurm: list[str] = []
    of_run: list[str] = []
    for word in (word.removeprefix("hydra.launcher.") for word in words):
        key = word.partition("=")[0].partition(".")[0]
        (of_slurm if key in names else of_run).append(word)
        if key not in (*names, *keys) and (meant := did_you_mean(key, names)):
            raise ConfigError(f"there is no key {key!r}{meant}")
    return of_slurm, of_run


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("dcvlr submit", __doc__)
    parser.usage = _USAGE
    parser.add_argument("--join", metavar="RUN", type=Path, help="the output_dir of a run in progress")
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    return parser


def _slurm(words: Sequence[str], overrides: Sequence[str]) -> Slurm:
    """The settings of SLURM, once all settings of the run are known to be right."""
    plan = build(compose(overrides))
    check_ready(plan.source)  # pictures that are not there are found before the queue
    folder = quoted("folder", str(_run_dir(overrides) / ".slurm"))
    own = [f"++hydra.launcher.{word}" for word in (folder, "wait=false", *words)]
    launcher = compose(["hydra/launcher=slurm", *overrides, *own], with_hydra=True).hydra.launcher
    settings: Any = OmegaConf.to_container(launcher, resolve=True)
    del settings["_target_"]
    with within("hydra.launcher"):
        check_settings(Slurm, settings)
        slurm = Slurm(**settings)
    slurm.require_ranks_for(plan.runtime)
    return slurm


def _run_dir(overrides: Sequence[str]) -> Path:
    """Where the run has its results: hydra.run.dir if it is named, as for a job of a sweep, else output_dir."""
    cfg = compose(overrides, with_hydra=True)
    folder = Path(str(cfg.hydra.run.dir))
    return Path(str(cfg.output_dir)) if folder.absolute() == Path.cwd() else folder


def _joining(run: Path, overrides: list[str]) -> list[str]:
    """The overrides that have their results in `run`, which may be beside the checkpoints in output_dir."""
    if _run_dir(overrides).resolve() == run.resolve():
        return overrides
    output_dir = Path(str(compose(overrides).output_dir))
    if not (output_dir / "checkpoints").is_dir():
        wrong = f"its output_dir={str(output_dir)!r} is no folder of a run"
        raise ConfigError(f"--join={str(run)!r}: {wrong}: type the command in the folder that the run was started in")
    return [*overrides, quoted("hydra.run.dir", str(run.absolute()))]


def _overrides_of(run: Path) -> Sequence[str]:
    """What the run was started or submitted with. Raises `ConfigError` where there is none, or a damaged one."""
    if (started := run / ".hydra" / "overrides.yaml").is_file():
        return kept_overrides(run)
    submitted = run / ".slurm" / RUN_OVERRIDES  # while it waits in the queue
    if not submitted.is_file():
        raise ConfigError(f"--join={str(run)!r}: no run was started or submitted there: {started} is missing")
    try:
        return msgspec.json.decode(submitted.read_bytes(), type=list[str])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{submitted} is damaged: submit the run again without --join") from error


def _wait(slurm: Slurm, submission: Submission) -> int:
    try:
        (end,) = slurm.ends(submission)
    except KeyboardInterrupt:
        print(f"the job goes on: {submission.how_to_follow}", file=sys.stderr)
        raise
    if end.exit_code != 0:
        raise DcvlrError(f"SLURM: {end.reason}")
    return 0
