"""One run by several processes, also where they are killed, interrupted or surprised."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from shutil import copytree

import pytest
from cli.commands import dcvlr, lines, results
from forked import Forked
from pictures import make_pictures

pytestmark = pytest.mark.slow


def test_two_processes_give_the_bytes_of_one(
    text_read: Path, expected: dict[str, bytes], images: Path, tmp_path: Path
) -> None:
    out = copytree(text_read, tmp_path / "out")
    words = [f"images_dir={images}", f"output_dir={out}", "bins_ratio=null", "runtime.num_processes=2"]
    dcvlr(*words, "runtime.chunk_size=2")
    assert results(out) == expected
    assert (out / "pipeline.rank1.log").is_file()
    assert (out / ".hydra" / "overrides.yaml").is_file()


def test_two_independent_runs_finish_the_same_folder(
    text_read: Path, expected: dict[str, bytes], images: Path, tmp_path: Path
) -> None:
    out = copytree(text_read, tmp_path / "out")
    words = [f"images_dir={images}", f"output_dir={out}", "bins_ratio=null", "runtime.chunk_size=2"]
    processes = [subprocess.Popen([sys.executable, "-m", "dcvlr", *words]) for _ in range(2)]
    assert [process.wait(200) for process in processes] == [0, 0]
    assert results(out) == expected


@pytest.mark.parametrize("seed", range(3))
def test_a_run_killed_at_any_moment_is_finished_by_the_next(
    text_read: Path, expected: dict[str, bytes], images: Path, tmp_path: Path, seed: int
) -> None:
    out = copytree(text_read, tmp_path / "out")
    words = [f"images_dir={images}", f"output_dir={out}", "bins_ratio=null", "runtime.chunk_size=2"]
    killed = Forked("-m", "dcvlr", *words)
    while not list(out.rglob("checkpoints/statistics-*/*.jsonl")):
        time.sleep(0.01)
    time.sleep(random.Random(seed).uniform(0.0, 2.5))
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    kept = {path: path.read_bytes() for path in out.rglob("checkpoints/*/*.jsonl")}
    done = dcvlr(*words)
    assert results(out) == expected
    assert {path: path.read_bytes() for path in kept} == kept
    chunks = [path for path in kept if path.parent.name.startswith("statistics-")]
    assert "statistics: 0 model calls needed" in done.stdout or len(chunks) < 4  # of two pictures each
    assert not list(out.rglob("*.lock"))
    assert not list(out.rglob("*.tmp"))


def test_processes_run_the_config_that_was_asked_for(images: Path, tmp_path: Path) -> None:
    conf = tmp_path / "conf"
    conf.mkdir()
    (conf / "mine.yaml").write_text("defaults: [config, _self_]\nseed: 5\nstages: [filtering]\n")
    out = tmp_path / "out, 'quoted' = yes"
    quoted = "output_dir='" + str(out).replace("'", "\\'") + "'"
    words = ["--config-dir", str(conf), "--config-name", "mine", f"images_dir={images}", quoted]
    dcvlr(*words, "runtime.num_processes=2")
    assert json.loads((out / "pipeline_results.json").read_text()) == {"filtered_count": 5}
    assert "seed: 5\n" in (out / ".hydra" / "config.yaml").read_text()


def test_a_sweep_may_run_each_job_in_two_processes(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [f"images_dir={images}", f"output_dir={out}", "stages=[filtering]", "runtime.num_processes=2"]
    dcvlr("-m", *words, "filtering.nsfw_threshold=0.3,0.5")
    jobs = sorted((out / "sweep").glob("filtering.nsfw_threshold=*"))
    assert [json.loads((job / "pipeline_results.json").read_text()) for job in jobs] == [{"filtered_count": 5}] * 2


def test_interrupting_several_processes_is_one_line_and_130(images: Path, tmp_path: Path) -> None:
    words = [f"images_dir={images}", f"output_dir={tmp_path / 'out'}", "stages=[filtering]", "runtime.num_processes=2"]
    running = Forked("-m", "dcvlr", *words)
    while not list(tmp_path.rglob("pipeline.log")):
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, stderr = running.communicate(timeout=240)
    assert running.returncode == 130
    assert "interrupted; what was finished is kept" in stderr
    dcvlr(*words)


def test_a_picture_that_vanishes_during_the_run_is_not_judged(images: Path, tmp_path: Path) -> None:
    folder = make_pictures(tmp_path / "images")
    out = tmp_path / "out"
    words = [f"images_dir={folder}", f"output_dir={out}", "stages=[filtering]"]
    dcvlr(*words)
    # the file list of the first run is remembered, so only opening the picture can notice
    for chunk in out.glob("checkpoints/statistics-*/*.jsonl"):
        chunk.unlink()
    gone = folder / "drawn__by" / "train" / "blue.png"
    stat = gone.stat()
    gone.write_bytes(b"x" * stat.st_size)
    os.utime(gone, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    done = dcvlr(*words, "runtime.num_processes=2", code=1)
    entry = next(e for e in lines(out / "rejected.jsonl") if e["path"] == "drawn__by/train/blue.png")
    assert entry["verdict"] == "unmeasured"
    assert "1 records could not be measured" in done.stderr
