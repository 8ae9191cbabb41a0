"""What a folder of runs has cost, by all workers, also by those that were killed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from forked import run_python

from dcvlr.execution.workers import Worker
from dcvlr.rundir.progress import NoProgress
from dcvlr.rundir.status_file import StatusFile, settle, settled, workers

KILLED = (
    "import os, pathlib, sys; from dcvlr.execution.workers import Worker;"
    "from dcvlr.rundir.progress import NoProgress; from dcvlr.rundir.status_file import StatusFile;"
    "reporter = StatusFile(pathlib.Path(sys.argv[1]), Worker(rank=1, size=2), NoProgress()).__enter__();"
    "reporter.begin('llm-1', 9, 0); reporter.count('llm-1', 'cost', 0.5); reporter._write(); os._exit(9)"
)


def worker(folder: Path, rank: int = 0) -> StatusFile:
    return StatusFile(folder, Worker(rank=rank, size=2), NoProgress())


def spend(reporter: StatusFile, cost: float) -> dict[str, Any]:
    reporter.begin("llm-1", 9, 0)
    reporter.count("llm-1", "cost", cost)
    reporter.end("llm-1")
    return reporter.spent()


def test_another_workers_cost_is_known_as_soon_as_its_chunk(tmp_path: Path) -> None:
    with worker(tmp_path) as first, worker(tmp_path, rank=1) as second:
        second.begin("llm-1", 9, 0)
        second.count("llm-1", "cost", 2.0)
        second.count("llm-1", "computed", 4)
        assert first.spent()["models"] == {"llm-1": {"cost": 2.0, "computed": 4}}


def test_a_worker_that_was_settled_before_a_run_was_killed_is_not_counted_again(tmp_path: Path) -> None:
    with worker(tmp_path) as reporter:
        spend(reporter, 1.0)
    ((_, status),) = workers(tmp_path)
    for _ in range(2):
        settle(tmp_path, [status])
    assert [one.models["llm-1"] for one in settled(tmp_path).values()] == [{"cost": 1.0}]


@pytest.mark.slow
def test_all_workers_of_all_runs_are_counted_once_each(tmp_path: Path) -> None:
    with worker(tmp_path) as first, worker(tmp_path, rank=1) as second:
        spend(second, 2.0)
        spent = spend(first, 1.0)
        assert (spent["runs"], spent["models"]) == (1, {"llm-1": {"cost": 3.0}})
    assert run_python("-c", KILLED, str(tmp_path)).returncode == 9
    for runs, cost in ((2, 3.75), (3, 4.0)):
        with worker(tmp_path) as later:
            spent = spend(later, 0.25)
            assert (spent["runs"], spent["models"]) == (runs, {"llm-1": {"cost": cost}})
            assert spent["seconds"] >= 0
    assert len(json.loads((tmp_path / "spent.json").read_bytes())) == 4
