"""The files of launchers/ that are not of Ray, as they stand there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest
import yaml
from pictures import make_pictures

LAUNCHERS = Path(__file__).parents[2] / "launchers"
WAYS = ["two_by_accelerate", "two_launched", "two_strangers"]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "processes"), [("accelerate_cpu.yaml", 2), ("accelerate_gpus.yaml", 8)])
def test_accelerate_reads_its_files_and_knows_every_key(name: str, processes: int) -> None:
    config_args = pytest.importorskip("accelerate.commands.config.config_args")
    path = LAUNCHERS / name
    config = config_args.load_config_from_file(str(path))  # raises for a key that it does not know
    assert str(config.distributed_type.value) == "MULTI_GPU"
    assert (config.num_processes, config.num_machines) == (processes, 1)
    assert set(yaml.safe_load(path.read_text())) <= set(vars(config))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_processes_in_three_ways_make_the_same_files(text_read: Path, tmp_path: Path) -> None:
    pytest.importorskip("accelerate")
    images = make_pictures(tmp_path / "images")
    for name in WAYS:
        copytree(text_read, tmp_path / "outputs" / name)
    activated = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # `python` and `accelerate` as a user has them
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PATH": activated}
    quick = ["filtering/nsfw=none", "report=none"]
    command = ["bash", str(LAUNCHERS / "two_processes.sh"), str(images), *quick]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    ways = sorted((tmp_path / "outputs").iterdir())
    assert [way.name for way in ways] == WAYS
    for name in ("synthetic_qa_dataset.jsonl", "rejected.jsonl", "pipeline_results.json"):
        first, *others = [(way / name).read_bytes() for way in ways]
        assert first
        assert others == [first, first]
