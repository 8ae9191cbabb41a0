"""hydra-submitit-launcher, which knows nothing of dcvlr: the same files, and a table at the end."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree
from subprocess import CompletedProcess

import pytest
from execution.slurm_cluster import slurm_cluster
from forked import run_python
from pictures import make_pictures

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("submitit") is None, reason="hydra-submitit-launcher is not installed"),
]


def sweep(images: Path, out: Path, launcher: str, environment: dict[str, str]) -> CompletedProcess[str]:
    mine = out.parent / "mine.yaml"
    mine.write_text("defaults: [config, _self_]\nhydra: {sweeper: {params: {filtering.min_resolution: '100,420'}}}\n")
    words = [f"images_dir={images}", "filtering/nsfw=none", "report=none", f"--config-dir={mine.parent}"]
    command = ["-m", "dcvlr", "-m", "--config-name=mine", f"hydra/launcher={launcher}", f"output_dir={out}", *words]
    return run_python(*command, env=environment, timeout_s=200.0)


def results(out: Path) -> dict[str, bytes]:
    names = ("synthetic_qa_dataset.jsonl", "rejected.jsonl", "pipeline_results.json")
    return {str(path.relative_to(out)): path.read_bytes() for name in names for path in sorted(out.rglob(name))}


def test_a_sweep_by_submitit_makes_the_files_and_the_table_of_a_local_one(text_read: Path, tmp_path: Path) -> None:
    images = make_pictures(tmp_path / "images")
    for name in ("there", "here"):
        copytree(text_read, tmp_path / name)
    with slurm_cluster(tmp_path / "slurm") as cluster:
        done = sweep(images, tmp_path / "there", "submitit_slurm", cluster)
    assert done.returncode == 0, done.stdout + done.stderr
    here = sweep(images, tmp_path / "here", "basic", dict(os.environ))
    assert here.returncode == 0, here.stderr
    assert len(results(tmp_path / "here")) == 18
    assert results(tmp_path / "there") == results(tmp_path / "here")
    assert [line.split(",")[:2] for line in (tmp_path / "there/sweep/sweep.csv").read_text().splitlines()] == [
        ["state", "filtering.min_resolution"],
        ["complete", "100"],
        ["complete", "420"],
    ]
    assert "min_resolution" in done.stdout


def test_without_slurm_one_line_says_what_is_missing(tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": str(tmp_path)}
    done = sweep(make_pictures(tmp_path / "images"), tmp_path / "out", "submitit_slurm", environment)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "dcvlr: hydra/launcher=submitit_slurm: srun is not on this machine: submit from a login node of the cluster, "
        "or choose hydra/launcher=submitit_local"
    ]
