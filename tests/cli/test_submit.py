"""What `dcvlr submit` hands to SLURM, which is two words here, and what it refuses before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dcvlr.cli.submit import main
from dcvlr.errors import ConfigError
from dcvlr.execution.slurm_queue import states_of_runs

PROGRAMS = {"sbatch": "echo 71", "squeue": "echo '0|PENDING'"}


@pytest.mark.parametrize("name", [".hydra/overrides.yaml", ".slurm/overrides.json"])
def test_joining_a_run_whose_words_are_damaged_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir()
    for text in ('["images_dir', '{"a": 1}', "[1]"):
        (tmp_path / name).write_text(text)
        with pytest.raises(ConfigError, match=rf"{name} is damaged: "):
            main(["--join", str(tmp_path)])


def test_joining_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no run was started or submitted there"):
        main(["--join", str(tmp_path)])


def test_joining_a_run_from_another_folder_than_it_was_started_in_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out" / ".hydra").mkdir(parents=True)
    (tmp_path / "out" / ".hydra" / "overrides.yaml").write_text("[output_dir=out]")
    monkeypatch.chdir(tmp_path / "out")
    with pytest.raises(
        ConfigError, match=r"its output_dir='out' is no folder of a run: type the command in the folder"
    ):
        main(["--join", str(tmp_path / "out")])


def test_results_of_a_submitted_run_may_be_beside_its_checkpoints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, programs = tmp_path / "there" / "job", tmp_path / "programs"
    programs.mkdir()
    for name, script in PROGRAMS.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    assert main([f"output_dir={tmp_path / 'out'}", f"hydra.run.dir={run}", "nodes=2"]) == 0
    assert states_of_runs(run / ".slurm") == {run: "PENDING"}
    (tmp_path / "out" / "checkpoints").mkdir(parents=True)
    (run / ".hydra").mkdir()  # as it begins, without words of Hydra's own
    (run / ".hydra" / "overrides.yaml").write_text(f"['output_dir={tmp_path / 'out'}']")
    (run / ".slurm" / "71.sbatch").unlink()
    assert main(["--join", str(run)]) == 0
    assert f"hydra.run.dir='\"'\"'{run}'\"'\"'" in (run / ".slurm" / "71.sbatch").read_text()
