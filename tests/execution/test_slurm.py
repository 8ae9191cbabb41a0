"""A sweep and a single big run on a real SLURM cluster of one node."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from execution.slurm_cluster import slurm, slurm_cluster
from forked import run_python
from pictures import make_pictures

from dcvlr.config import compose
from dcvlr.execution.slurm import Slurm

RESULTS = ("synthetic_qa_dataset.jsonl", "rejected.jsonl", "pipeline_results.json")
CHEAP = ["filtering/nsfw=none", "report=none"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with slurm_cluster(tmp_path_factory.mktemp("slurm")) as environment:
        yield environment


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pictures(tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="module")
def local(text_read: Path, images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sweep of three limits, run here."""
    out = shutil.copytree(text_read, tmp_path_factory.mktemp("local") / "out")
    dcvlr(["-m", *sweep(images, out)], dict(os.environ))
    return out


def sweep(images: Path, out: Path) -> list[str]:
    return [f"images_dir={images}", f"output_dir={out}", *CHEAP, "filtering.min_resolution=100,224,420"]


def dcvlr(words: list[str], environment: dict[str, str], code: int = 0) -> subprocess.CompletedProcess[str]:
    done = run_python("-m", "dcvlr", *words, env=environment, timeout_s=200.0)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def results(out: Path) -> dict[str, bytes]:
    """The result files of every job below `out`, by their path."""
    jobs = [path.parent for path in sorted(out.rglob("manifest.json"))]
    return {str((job / name).relative_to(out)): (job / name).read_bytes() for job in jobs for name in RESULTS}


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


@pytest.fixture
def on_cluster(cluster: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """This process itself talks to the cluster."""
    for name in ("PATH", "SLURM_CONF"):
        monkeypatch.setenv(name, cluster[name])
    return cluster


# A task that works until it is started a second time; the file says how often it was started.
RESTARTED = 'echo start >> "$0"; [ "$(wc -l < "$0")" -ge 2 ] && exit 0; exec sleep 300'


def restarted(folder: Path) -> list[str]:
    return ["bash", "-c", RESTARTED, str(folder / "starts")]


def starts(folder: Path) -> int:
    return (folder / "starts").read_text().count("start") if (folder / "starts").exists() else 0


@pytest.mark.slow
def test_without_slurm_one_line_says_so(tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": str(tmp_path)}
    words = ["-m", "hydra/launcher=slurm", "source=samples", f"output_dir={tmp_path / 'out'}", "seed=1,2"]
    done = dcvlr(words, environment, code=2)
    assert done.stderr.splitlines()[-1].startswith("dcvlr: sbatch is not on this machine: submit from a login node")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("hydra.launcher.nodes=two", "hydra.launcher.nodes='two': a whole number from 1 is allowed"),
        ("filtering.min_resolution=100,small", "filtering.min_resolution='small': a whole number"),
        ("filtering.watermark_threshold=0.2", "filtering.watermark_threshold=0.2: it does nothing while"),
    ],
)
def test_a_wrong_setting_is_refused_before_anything_is_submitted(word: str, message: str, tmp_path: Path) -> None:
    words = ["-m", "hydra/launcher=slurm", "source=samples", f"output_dir={tmp_path / 'out'}", "seed=1,2", word]
    assert message in dcvlr(words, dict(os.environ), code=2).stderr
    assert not list(tmp_path.rglob("*.sbatch"))


def test_the_launchers_settings_are_those_of_its_yaml() -> None:
    launcher = compose(["hydra/launcher=slurm"], with_hydra=True).hydra.launcher
    assert set(launcher) - {"_target_"} == set(Slurm.__dataclass_fields__)


@pytest.mark.slow
def test_a_sweep_on_the_cluster_makes_the_files_of_a_local_sweep(
    cluster: dict[str, str], images: Path, text_read: Path, local: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(text_read, tmp_path / "out")
    done = dcvlr(["-m", "hydra/launcher=slurm", "hydra.launcher.poll_s=0.2", *sweep(images, out)], cluster)
    assert done.stderr.count("is done: ") == 3
    assert len(results(local)) == 9
    assert results(out) == results(local)


@pytest.mark.slow
def test_a_command_of_the_script_can_be_repeated_by_hand(
    cluster: dict[str, str], images: Path, text_read: Path, local: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(text_read, tmp_path / "out")
    detached = ["hydra.launcher.wait=false", "+hydra.launcher.sbatch.hold=true"]
    done = dcvlr(["-m", "hydra/launcher=slurm", *detached, *sweep(images, out)], cluster)
    assert f"follow it with `dcvlr status --watch {out / 'sweep'}` or `squeue -j " in done.stderr
    assert not results(out), "the jobs are held"
    assert dcvlr(["status", str(out)], cluster).stdout.count("its job in SLURM is PENDING (JobHeldUser)\n") == 3
    (script,) = out.rglob("*.sbatch")
    (line,) = [line for line in script.read_text().splitlines() if line.startswith("  1) command=(")]
    command = line.removeprefix("  1) command=(").removesuffix(") ;;")
    subprocess.run(["bash", "-c", command], check=True, capture_output=True)
    (made,) = out.rglob("synthetic_qa_dataset.jsonl")
    assert "min_resolution=224" in str(made.parent)
    assert made.read_bytes() == (local / made.relative_to(out)).read_bytes()
    subprocess.run(["scancel", "--name=dcvlr"], env=cluster, check=True)


@pytest.mark.slow
def test_the_last_job_of_a_sweep_that_nobody_waits_for_makes_its_table(
    cluster: dict[str, str], images: Path, text_read: Path, tmp_path: Path
) -> None:
    shutil.copytree(text_read, tmp_path / "out")
    table = tmp_path / "out" / "sweep" / "sweep.csv"
    words = ["-m", "hydra/launcher=slurm", "hydra.launcher.wait=false", *sweep(images, tmp_path / "out")]
    dcvlr(words, cluster)
    until(table.is_file, 200)
    assert [line.split(",")[:2] for line in table.read_text().splitlines()[1:]] == [
        ["complete", "100"],
        ["complete", "224"],
        ["complete", "420"],
    ]


@pytest.mark.slow
def test_a_killed_task_is_reported_with_its_code_and_its_log(on_cluster: dict[str, str], tmp_path: Path) -> None:
    asked = slurm(tmp_path)
    submission = asked.submit({0: ["bash", "-c", "kill -9 $$"], 1: ["true"]})
    start = time.monotonic()
    ends = {end.task: end for end in asked.ends(submission)}
    assert time.monotonic() - start < 15
    assert (ends[0].exit_code, ends[1].exit_code) == (137, 0)
    assert ends[0].log == tmp_path / f"{submission.job_id}_0.log"
    assert "Killed" in ends[0].log.read_text()


@pytest.mark.slow
def test_two_submissions_in_one_folder_tell_their_own_ends(on_cluster: dict[str, str], tmp_path: Path) -> None:
    asked = slurm(tmp_path)
    first = asked.submit({0: ["bash", "-c", "sleep 1; exit 3"]})
    second = asked.submit({0: ["true"]})
    assert [end.exit_code for end in asked.ends(second)] == [0]
    assert [end.exit_code for end in asked.ends(first)] == [3]
    assert first.script != second.script


@pytest.mark.slow
def test_a_job_that_was_cancelled_is_reported(on_cluster: dict[str, str], tmp_path: Path) -> None:
    asked = slurm(tmp_path)
    submission = asked.submit({0: restarted(tmp_path)})
    until(lambda: starts(tmp_path) == 1)  # a job is RUNNING before its command is
    subprocess.run(["scancel", submission.job_id], check=True)
    (end,) = asked.ends(submission)
    assert end.exit_code is None
    assert "without an exit code (CANCELLED)" in end.reason


@pytest.mark.slow
def test_a_preempted_task_goes_on(on_cluster: dict[str, str], tmp_path: Path) -> None:
    asked = slurm(tmp_path / "low")
    (tmp_path / "low").mkdir()
    submission = asked.submit({0: restarted(tmp_path)})
    until(lambda: starts(tmp_path) == 1)
    urgent = slurm(tmp_path / "high", partition="urgent", cpus_per_task=2)
    assert [end.exit_code for end in urgent.ends(urgent.submit({0: ["true"]}))] == [0]
    assert [end.exit_code for end in asked.ends(submission)] == [0]
    assert starts(tmp_path) == 2


@pytest.mark.slow
def test_a_task_whose_node_is_lost_goes_on_elsewhere(on_cluster: dict[str, str], tmp_path: Path) -> None:
    asked = slurm(tmp_path)
    submission = asked.submit({0: restarted(tmp_path)})
    until(lambda: starts(tmp_path) == 1)
    (node,) = subprocess.check_output(["sinfo", "-h", "-o", "%n"], text=True).split()
    subprocess.run(["scontrol", "update", f"nodename={node}", "state=down", "reason=test"], check=True)
    until(lambda: "RUNNING" not in squeue(submission.job_id), 15)
    resume = ["scontrol", "update", f"nodename={node}", "state=resume"]
    subprocess.run(resume, check=False)  # refused where the node has come back by itself
    assert [end.exit_code for end in asked.ends(submission)] == [0]
    assert starts(tmp_path) == 2


@pytest.mark.slow
def test_a_task_at_its_time_limit_goes_on_in_a_new_allocation(on_cluster: dict[str, str], tmp_path: Path) -> None:
    asked = slurm(tmp_path, time="00:01:00")
    submission = asked.submit({0: restarted(tmp_path)})
    assert [end.exit_code for end in asked.ends(submission)] == [0]
    assert starts(tmp_path) == 2
    assert "the time limit is near: requeued, restart 1 of at most 2" in asked.log(submission, 0).read_text()


@pytest.mark.slow
def test_ctrl_c_of_the_waiting_launcher_leaves_the_jobs(cluster: dict[str, str], images: Path, tmp_path: Path) -> None:
    words = ["-m", "hydra/launcher=slurm", "+hydra.launcher.sbatch.hold=true", *sweep(images, tmp_path / "out")]
    command = [sys.executable, "-m", "dcvlr", *words]
    with subprocess.Popen(command, env=cluster, stderr=subprocess.PIPE, text=True) as waiting:
        assert waiting.stderr is not None
        first = waiting.stderr.readline()
        assert "submitted 3 jobs as SLURM array " in first
        time.sleep(0.5)
        waiting.send_signal(signal.SIGINT)
        try:
            _, message = waiting.communicate(timeout=60)
        finally:
            waiting.kill()  # held jobs never end, so nor would one that did not hear Ctrl-C
    assert waiting.returncode == 130
    job = first.split(" array ")[1].split(",")[0]
    assert (
        f"the jobs go on: follow it with `dcvlr status --watch {tmp_path / 'out/sweep'}` or `squeue -j {job}`"
        in message
    )
    assert f", end it with `scancel {job}`" in message
    assert "PENDING" in subprocess.check_output(["squeue", "-h", "-j", job, "-o", "%T"], env=cluster, text=True)
    subprocess.run(["scancel", job], env=cluster, check=True)


@pytest.mark.slow
def test_ranks_of_a_submitted_run_share_its_work_and_others_may_join(
    cluster: dict[str, str], images: Path, text_read: Path, local: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(text_read, tmp_path / "out")
    run = [f"images_dir={images}", f"output_dir={out}", *CHEAP, "filtering.min_resolution=224"]
    dcvlr(["submit", "sbatch.hold=true", *run], cluster)
    assert dcvlr(["status", str(out)], cluster).stdout.endswith("its job in SLURM is PENDING (JobHeldUser)\n")
    dcvlr(["submit", "--join", str(out), "sbatch.hold=true"], cluster)
    assert len(list(out.glob(".slurm/*.sbatch"))) == 2
    subprocess.run(["scancel", "--name=dcvlr"], env=cluster, check=True)
    done = dcvlr(["submit", "tasks_per_node=2", "wait=true", "poll_s=0.2", *run], cluster)
    assert done.stdout.startswith("submitted as SLURM job ")
    expected = {Path(name).name: data for name, data in results(local).items() if "min_resolution=224" in name}
    assert results(out) == expected
    assert (out / "pipeline.rank1.log").exists()
    shutil.rmtree(out / "intermediate")
    dcvlr(["submit", "--join", str(out), "wait=true", "poll_s=0.2"], cluster)
    assert results(out) == expected
    assert set(json.loads((out / "manifest.json").read_bytes())["computed"].values()) == {0}, "all was measured before"


@pytest.mark.slow
def test_watching_a_run_whose_job_was_cancelled_before_it_began_ends(
    cluster: dict[str, str], images: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    dcvlr(["submit", "sbatch.hold=true", f"images_dir={images}", f"output_dir={out}", *CHEAP], cluster)
    command = [sys.executable, "-m", "dcvlr", "status", "--watch", str(out)]
    with subprocess.Popen(command, env=cluster, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        assert watching.stdout.readline() == f"{out}: not begun; its job in SLURM is PENDING (JobHeldUser)\n"
        subprocess.run(["scancel", "--name=dcvlr"], env=cluster, check=True)
        try:
            rest, _ = watching.communicate(timeout=60)
        finally:
            watching.kill()
    assert rest.splitlines()[-1] == f"{out}: not begun; SLURM has no job for it any more: submit it again"
    assert watching.returncode == 0


def squeue(job_id: str) -> str:
    return subprocess.check_output(["squeue", "-h", "-j", job_id, "-t", "all", "-o", "%T"], text=True)
