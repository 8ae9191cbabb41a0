"""How far a run is, from what its workers leave in the run directory."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import pytest
from execution.slurm_cluster import slurm
from fakes import Halves, Item
from forked import run_python
from processes import ended_process
from rich.console import Console

from dcvlr.cli.status import main
from dcvlr.errors import ConfigError
from dcvlr.execution.workers import Worker
from dcvlr.memo import Memo
from dcvlr.rundir.logs import logging_to
from dcvlr.rundir.progress import NoProgress
from dcvlr.rundir.status_file import StatusFile, workers
from dcvlr.runs.status import read_status
from dcvlr.runs.sweep import plan_jobs
from dcvlr.settings.typed import quoted

ITEMS = [Item(id=f"{i:032d}", value=2 * i) for i in range(20)]


def status_file(run: Path, rank: int = 0) -> StatusFile:
    return StatusFile(run / "status", Worker(rank=rank, size=2), NoProgress())


def test_a_worker_says_stage_progress_failures_and_what_it_spent(tmp_path: Path) -> None:
    with status_file(tmp_path) as reporter:
        reporter.stage_begun("filtering", 20)
        Memo(tmp_path / "checkpoints", reporter=reporter).compute(Halves(), ITEMS)
        key = next((tmp_path / "checkpoints").iterdir()).name
        reporter.count(key, "failed.timeout", 2)
        reporter.count(key, "cost", 0.25)
        reporter.count(key, "cost", 0.5)
        reporter.stage_ended("filtering", 18)
    status = read_status(tmp_path)
    assert (status.stages, status.counts) == (
        {"source": None},
        {"computed": 20, "cost": 0.75, "failed.timeout": 2},
    )
    (row,) = status.models
    assert (row.key, row.done, row.total, row.running) == (key, 20, 20, False)
    (worker,) = status.workers
    assert (worker.stages["filtering"].records, worker.stages["filtering"].kept) == (20, 18)
    assert (worker.end, status.state) == ("finished", "stopped"), "no manifest says that there are results"


def test_what_was_known_before_is_done_but_makes_no_rate(tmp_path: Path) -> None:
    Memo(tmp_path / "checkpoints").compute(Halves(), ITEMS[:8])
    with status_file(tmp_path) as reporter:
        reporter.begin("halves-0", 20, 8)
        reporter.advance("halves-0", 8)
        reporter._write()
        (row,) = read_status(tmp_path).models
        assert (row.done, row.per_second, row.seconds_left) == (8, None, None)
        reporter.advance("halves-0", 14)
        reporter._write()
        (row,) = read_status(tmp_path).models
        assert row.per_second is not None
        assert row.seconds_left == pytest.approx(6 / row.per_second)


def test_what_two_stages_ask_of_one_model_is_one_sum(tmp_path: Path) -> None:
    with status_file(tmp_path) as reporter:
        for total, known in ((20, 8), (6, 2)):
            reporter.begin("halves-0", total, known)
            reporter.advance("halves-0", total)
            reporter.end("halves-0")
    ((_, worker),) = workers(tmp_path / "status")
    halves = worker.models["halves-0"]
    assert (halves.total, halves.done, halves.known) == (26, 26, 10)


@pytest.mark.slow
def test_a_killed_worker_is_dead_and_the_next_run_removes_its_file(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from dcvlr.execution.workers import Worker;"
        "from dcvlr.rundir.progress import NoProgress; from dcvlr.rundir.status_file import StatusFile;"
        "StatusFile(pathlib.Path(sys.argv[1]), Worker(), NoProgress()).__enter__(); os._exit(9)"
    )
    assert run_python("-c", code, str(tmp_path / "status")).returncode == 9
    status = read_status(tmp_path)
    (worker,) = status.workers
    assert worker.end is None
    assert not status.alive(worker)
    assert status.state == "stopped"
    with status_file(tmp_path), status_file(tmp_path, rank=1):
        status = read_status(tmp_path)
        assert [(worker.rank, status.alive(worker)) for worker in status.workers] == [(0, True), (1, True)]
        assert status.state == "running"


def test_a_worker_of_another_host_is_alive_while_it_is_heard_of(tmp_path: Path) -> None:
    with status_file(tmp_path):
        pass
    (path,) = (tmp_path / "status").iterdir()
    status = json.loads(path.read_bytes()) | {"process": "00000000-1", "host": "node7", "end": None}
    path.write_text(json.dumps(status))
    assert read_status(tmp_path).state == "running"
    path.write_text(json.dumps(status | {"updated": status["updated"] - 120}))
    assert read_status(tmp_path).state == "stopped"


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"has neither status/ nor manifest\.json"):
        main([str(tmp_path)])


def test_the_log_has_start_command_version_machine_and_how_it_ended(tmp_path: Path) -> None:
    log, console = tmp_path / "pipeline.log", Console(file=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    with logging_to(log, worker=Worker(), verbose=False, console=console):
        pass
    with pytest.raises(KeyboardInterrupt), logging_to(log, worker=Worker(), verbose=False, console=console):
        raise KeyboardInterrupt
    with (
        pytest.raises(OSError, match="no space"),
        logging_to(log, worker=Worker(), verbose=False, console=console),
    ):
        raise OSError("no space")
    console.file.close()
    words = [line.split(": ", 1)[1] for line in log.read_text().splitlines()]
    assert words[0].startswith("start: dcvlr 0.1.0, ")
    assert words[1].startswith("machine: ")
    assert [line.split(" after ")[0] for line in words[2::3]] == ["end:", "interrupted", "failed"]
    assert words[5].endswith(" s: KeyboardInterrupt")
    assert words[8].endswith(" s: OSError: no space")
    assert [status.end for status in read_status(tmp_path).workers] == ["failed"]
    assert not logging.getLogger("dcvlr").handlers


def test_jobs_that_a_killed_sweep_did_not_begin_are_not_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = tmp_path / "sweep" / "seed=0"
    plan_jobs(job.parent, [("seed=0", ["seed=0"]), ("seed=1", ["seed=1"])])
    with status_file(job):
        (job / ".hydra").mkdir()
        (job / ".hydra" / "config.yaml").write_text("stages: []")
    (path,) = (job / "status").iterdir()
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"process": ended_process(), "end": None}))
    assert main([str(tmp_path), "--watch"]) == 0
    printed = capsys.readouterr().out
    assert f"{job}: stopped" in printed
    assert f"{tmp_path}/sweep/seed=1: not begun" in printed


@pytest.mark.slow
def test_a_finished_run_is_complete(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(small), "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["state"], status["locks"]) == ("complete", 0)
    assert list(status["stages"]) == ["source", "filtering", "binning", "synthesis", "validation", "selection"]
    assert status["stages"]["filtering"] == {"records": 9, "kept": 6}
    assert main([str(small), "--watch"]) == 0
    printed = capsys.readouterr().out
    assert "filtering: 9 in, 6 out" in printed
    assert "rapidocr: 6 of 6, " in printed
    assert "worker 0 of 1 on " in printed


def test_a_stage_that_was_handed_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".hydra").mkdir()
    (tmp_path / ".hydra" / "config.yaml").write_text("stages: [selection]")
    with status_file(tmp_path) as reporter:
        for name, kept in (("source", 3), ("selection", 0)):
            reporter.stage_begun(name, 0)
            reporter.stage_ended(name, kept)
    assert main([str(tmp_path)]) == 0
    assert "  source: 3 out\n  selection: 0 in, 0 out\n" in capsys.readouterr().out


def test_a_damaged_config_of_a_run_is_named(tmp_path: Path) -> None:
    with status_file(tmp_path):
        (tmp_path / ".hydra").mkdir()
        (tmp_path / ".hydra" / "config.yaml").write_text("stages: [")
        with pytest.raises(ConfigError, match=r"\.hydra/config\.yaml is damaged"):
            main([str(tmp_path)])


SQUEUE = """#!/bin/sh
printf '0|COMPLETED|None\\n1|RUNNING|None\\n2|PENDING|ReqNodeNotAvail, UnavailableNodes:n[1-2]\\n'
"""


@pytest.fixture
def sweep_in_slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sweep of three jobs as SLURM has it: the first is at its end, the last waits in the queue."""
    sweep, programs = tmp_path / "out" / "sweep", tmp_path / "programs"
    jobs = [f"images_dir=it's,seed={seed}" for seed in range(3)]
    plan_jobs(sweep, [(job, []) for job in jobs])
    commands = {n: ["python", "-m", "dcvlr", quoted("hydra.run.dir", str(sweep / job))] for n, job in enumerate(jobs)}
    asked = slurm(sweep / ".slurm")
    Path(asked.folder).mkdir()
    (sweep / ".slurm" / "71.sbatch").write_text(asked.script(commands))
    (sweep / ".slurm" / "refused.sbatch").write_text(asked.script(commands))
    programs.mkdir()
    (programs / "squeue").write_text(SQUEUE)
    (programs / "squeue").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    with status_file(sweep / jobs[0]):
        pass
    return sweep


def test_watching_one_job_of_a_sweep_ends_with_that_job(
    sweep_in_slurm: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(sweep_in_slurm / "images_dir=it's,seed=0"), "--watch"]) == 0
    assert "seed=0: stopped\n" in capsys.readouterr().out

    def look_again(_: float) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        main([str(sweep_in_slurm), "--watch"], pause=look_again)


def test_one_job_of_a_sweep_may_not_have_begun(sweep_in_slurm: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = sweep_in_slurm / "images_dir=it's,seed=2"
    assert main([str(job)]) == 0
    waits = "PENDING (ReqNodeNotAvail, UnavailableNodes:n[1-2])"
    assert capsys.readouterr().out == f"{job}: not begun; its job in SLURM is {waits}\n"
    with pytest.raises(ConfigError, match="seed=3' is no run directory"):
        main([str(sweep_in_slurm / "seed=3")])


def test_what_slurm_says_of_each_job_is_in_the_json_too(
    sweep_in_slurm: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(sweep_in_slurm.parent), "--json"]) == 0
    jobs = json.loads(capsys.readouterr().out)
    assert [(job["state"], job["slurm"], job["slurm_reason"]) for job in jobs] == [
        ("stopped", "GONE", None),
        ("not begun", "RUNNING", None),
        ("not begun", "PENDING", "ReqNodeNotAvail, UnavailableNodes:n[1-2]"),
    ]


def test_a_job_that_is_gone_may_be_in_a_later_array_of_which_slurm_does_not_answer(
    sweep_in_slurm: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (sweep_in_slurm / ".slurm" / "72.sbatch").write_bytes((sweep_in_slurm / ".slurm" / "71.sbatch").read_bytes())
    squeue = sweep_in_slurm.parent.parent / "programs" / "squeue"
    squeue.write_text(SQUEUE.replace("\nprintf", "\ncase $* in *72*) exit 1;; esac\nprintf"))
    assert main([str(sweep_in_slurm), "--json"]) == 0
    assert [job["slurm"] for job in json.loads(capsys.readouterr().out)] == [None, "RUNNING", "PENDING"]
