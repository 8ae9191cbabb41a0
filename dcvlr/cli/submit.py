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
from dcvlr.rundir.files import write_json
from dcvlr.rundir.reader import kept_overrides
from dcvlr.settings import check_settings, within

_OVERRIDES = "overrides.json"
_USAGE = "dcvlr submit [--join RUN] [<setting of SLURM>=<value> …] [<override of the run>=<value> …]"


def main(arguments: Sequence[str]) -> int:
    """Submit the run, say how to follow it, and with wait=true return its exit code."""
    request = _parser().parse_intermixed_args(arguments)
    words: list[str] = request.words
    names = {field.name for field in fields(Slurm)}
    own = [word for word in words if word.partition("=")[0].split(".")[0] in names]
    overrides = [word for word in words if word not in own]
    if request.join is not None:
        overrides = [*_overrides_of(request.join), *overrides]
    slurm = _slurm(own, overrides)
    submission = slurm.submit({0: [sys.executable, "-m", "dcvlr", *overrides]})
    write_json(Path(slurm.folder) / _OVERRIDES, overrides)
    print(f"submitted as SLURM job {submission.job_id}, script {submission.script}\n{submission.how_to_follow}")
    return _wait(slurm, submission) if slurm.wait else 0


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("dcvlr submit", __doc__)
    parser.usage = _USAGE
    parser.add_argument("--join", metavar="RUN", type=Path, help="the output_dir of a run in progress")
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    return parser


def _slurm(words: Sequence[str], overrides: Sequence[str]) -> Slurm:
    """The settings of SLURM, once all settings of the run are known to be right."""
    build(compose(overrides))
    own = [f"++hydra.launcher.{word}" for word in ("folder=${output_dir}/.slurm", "wait=false", *words)]
    launcher = compose(["hydra/launcher=slurm", *overrides, *own], with_hydra=True).hydra.launcher
    settings: Any = OmegaConf.to_container(launcher, resolve=True)
    del settings["_target_"]
    with within("hydra.launcher"):
        check_settings(Slurm, settings)
        return Slurm(**settings)


def _overrides_of(run: Path) -> Sequence[str]:
    """What the run was started or submitted with. Raises `ConfigError` where there is none, or a damaged one."""
    if (started := run / ".hydra" / "overrides.yaml").is_file():
        return kept_overrides(run)
    submitted = run / ".slurm" / _OVERRIDES  # while it waits in the queue
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
