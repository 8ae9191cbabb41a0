"""What `dcvlr submit` hands to SLURM, which is two words here, and what it refuses before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dcvlr.cli.submit import main
from dcvlr.errors import ConfigError
from dcvlr.execution.slurm_queue import TaskState, states_of_runs

PROGRAMS = {"sbatch": "echo 71", "squeue": "echo '0|PENDING|Resources'"}


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


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is found before SLURM's own."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name, script in PROGRAMS.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return folder


def test_results_of_a_submitted_run_may_be_beside_its_checkpoints(tmp_path: Path, programs: Path) -> None:
    run = tmp_path / "there" / "job"
    assert main([f"output_dir={tmp_path / 'out'}", "source=samples", f"hydra.run.dir={run}", "nodes=2"]) == 0
    assert states_of_runs(run / ".slurm") == {run: TaskState("PENDING", "Resources")}
    (tmp_path / "out" / "checkpoints").mkdir(parents=True)
    (run / ".hydra").mkdir()  # as it begins, without words of Hydra's own
    (run / ".hydra" / "overrides.yaml").write_text(f"['output_dir={tmp_path / 'out'}', source=samples]")
    (run / ".slurm" / "71.sbatch").unlink()
    assert main(["--join", str(run)]) == 0
    assert f"hydra.run.dir='\"'\"'{run}'\"'\"'" in (run / ".slurm" / "71.sbatch").read_text()


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("partitionn=gpu", r"there is no key 'partitionn'; did you mean 'partition'\?"),
        ("node=2", r"there is no key 'node'; did you mean 'nodes'\?"),
        ("seeed=2", r"there is no key 'seeed'; did you mean 'seed'\?"),
        ("nodes=0", r"hydra\.launcher\.nodes=0: a whole number from 1 is allowed"),
        ("hydra.launcher.nodes=two", r"hydra\.launcher\.nodes='two': a whole number from 1 is allowed"),
        ("source=folder images_dir=nowhere", r"images_dir='.*/nowhere' does not exist; give images_dir="),
        ("runtime=ray tasks_per_node=2", r"^2 ranks a job: runtime=ray has one driver, which starts its own actors: "),
        ("time=2", r"hydra\.launcher\.time=2: a time above signal_before_end_s=120 is needed"),
    ],
)
def test_a_word_that_is_wrong_is_refused_before_anything_is_submitted(
    word: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "without sbatch"))
    with pytest.raises(ConfigError, match=message):
        main([f"output_dir={tmp_path / 'out'}", "source=samples", *word.split()])
    assert not list(tmp_path.rglob("*.sbatch"))


@pytest.mark.parametrize("flag", ["--nodes=2", "-N 2", "-m"])
def test_flags_of_sbatch_say_how_settings_are_typed(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["images_dir=data", *flag.split()])
    assert "settings of SLURM are typed without dashes, as nodes=2" in capsys.readouterr().err


def test_settings_may_have_the_name_that_they_have_in_a_sweep(tmp_path: Path, programs: Path) -> None:
    assert (
        main(
            [f"output_dir={tmp_path / 'out'}", "source=samples", "hydra.launcher.nodes=3", "sbatch.qos=high", "time=90"]
        )
        == 0
    )
    lines = (tmp_path / "out" / ".slurm" / "71.sbatch").read_text().splitlines()
    assert {"#SBATCH --nodes=3", "#SBATCH --qos=high", "#SBATCH --time=90"} <= set(lines)
