"""The script that a job array is submitted with, looked at and run without a cluster; and one sweep on a cluster."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from execution.slurm_cluster import slurm, slurm_cluster
from forked import run_python
from pictures import make_pictures

from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.settings import SettingError


def test_the_script_says_what_is_asked_for_and_holds_the_plain_commands(tmp_path: Path) -> None:
    asked = slurm(tmp_path, gpus_per_node=8, nodes=4, time="04:00:00", sbatch={"qos": "high"}, setup=["module load x"])
    script = asked.script({0: ["python", "-m", "dcvlr", "a=1"], 1: ["python", "-m", "dcvlr", "a=[2, 3]"]})
    lines = script.splitlines()
    for directive in ("array=0-1%8", "nodes=4", "gpus-per-node=8", "ntasks-per-node=8", "time=04:00:00", "qos=high"):
        assert f"#SBATCH --{directive}" in lines
    assert "#SBATCH --partition" not in script
    assert "  0) command=(python -m dcvlr a=1) ;;" in lines
    assert "  1) command=(python -m dcvlr 'a=[2, 3]') ;;" in lines
    assert "module load x" in lines


def test_a_task_that_is_requeued_after_its_end_has_no_exit_code_until_it_ends_again(tmp_path: Path) -> None:
    (tmp_path / "srun").write_text("#!/bin/sh\nls *.exit >&2\nexit 3\n")
    (tmp_path / "srun").chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "0"}
    (tmp_path / "7_0.exit").write_text("0\n")
    command = ["bash", "-c", slurm(tmp_path).script({0: ["true"]})]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, (tmp_path / "7_0.exit").read_text()) == (3, "3\n")
    assert "7_0.exit" not in done.stderr


def test_scripts_that_are_refused_do_not_pile_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sbatch").write_text("#!/bin/sh\necho 'no such partition' >&2\nexit 1\n")
    (tmp_path / "sbatch").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    for _ in range(2):
        with pytest.raises(DcvlrError, match=r"^sbatch refused .*/refused\.sbatch: no such partition$"):
            slurm(tmp_path / "jobs").submit({0: ["true"]})
    assert [path.name for path in (tmp_path / "jobs").iterdir()] == ["refused.sbatch"]
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(ConfigError, match="sbatch is not on this machine"):
        slurm(tmp_path / "jobs").submit({0: ["true"]})
    assert [path.name for path in (tmp_path / "jobs").iterdir()] == ["refused.sbatch"]


@pytest.mark.parametrize(
    ("limit", "is_allowed"),
    [
        ("2", False),
        (2, False),
        ("2:00", False),
        ("0:02:00", False),
        ("0-0:2", False),
        ("3", True),
        ("2:01", True),
        ("0:02:01", True),
        ("0-1", True),
        ("1-0:0:0", True),
        ("0", True),
        (None, True),
        ("UNLIMITED", True),
    ],
)
def test_a_job_is_not_asked_to_stop_as_it_begins(limit: str | int | None, is_allowed: bool, tmp_path: Path) -> None:
    assert slurm(tmp_path, time=limit, signal_before_end_s=120, requeue=False)
    if is_allowed:
        assert slurm(tmp_path, time=limit, signal_before_end_s=120)
        return
    with pytest.raises(SettingError, match=r"time=.*: a time above signal_before_end_s=120 is needed"):
        slurm(tmp_path, time=limit, signal_before_end_s=120)


@pytest.mark.slow
def test_a_choice_of_parts_crossed_with_their_settings_is_submitted_whole(tmp_path: Path) -> None:
    words = [f"images_dir={make_pictures(tmp_path / 'images')}", f"output_dir={tmp_path / 'out'}", "stages=[filtering]"]
    words += ["filtering/nsfw=none", "filtering/watermark=none,edges", "filtering.watermark_threshold=0.5"]
    with slurm_cluster(tmp_path / "slurm") as cluster:
        done = run_python("-m", "dcvlr", "-m", "hydra/launcher=slurm", "report=none", *words, env=cluster)
    assert done.returncode == 0, done.stdout + done.stderr
    names = [path.parent.name for path in sorted((tmp_path / "out" / "sweep").glob("*/pipeline_results.json"))]
    assert names == ["filtering.watermark=edges", "filtering.watermark=none"]
