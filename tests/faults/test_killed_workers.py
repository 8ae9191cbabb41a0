"""Launched workers, their launcher or all of them together killed: the run ends, or goes on, as if nobody had."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest
from faults.counting import Table, repeats, seed
from faults.moments import phase_at_death, process_of
from faults.undisturbed import Undisturbed, asked_again, assert_undisturbed, finished
from faults.watchdog import ended
from faults.whole_runs import CONCURRENCY, DEADLINE_S, PICTURES, Process, Scenario, remembered

from dcvlr.rundir.processes import has_ended

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]  # each process has a watchdog of its own
pytest.importorskip("aiohttp", reason="the api extra is not installed")
pytest.importorskip("accelerate", reason="several processes need the extra launch")

_TARGETS = ("worker", "process group", "launcher")
_RUN_S = 5.0  # about as long as the workers are there


def test_a_run_of_two_workers_survives_the_death_of_any_of_its_processes(
    scenario: Scenario, undisturbed: Undisturbed, tmp_path: Path, table: Table
) -> None:
    draw = random.Random(seed())
    for n in range(repeats(1)):
        target, out = draw.choice(_TARGETS), scenario.begun(tmp_path / str(n))
        before = len(scenario.server.requests)
        launcher = scenario.start(out, "runtime.num_processes=2")
        pids = workers(out, launcher)
        time.sleep(draw.uniform(0.0, _RUN_S))
        alive = [pid for pid in pids if not is_gone(pid)]
        victims = {"worker": alive and [draw.choice(alive)], "process group": alive, "launcher": []}[target]
        if target == "worker":
            for pid in victims:
                os.kill(pid, signal.SIGKILL)
        else:
            (os.killpg if target == "process group" else os.kill)(launcher.pid, signal.SIGKILL)
        hits = [phase_at_death(out, pid, alone=False) for pid in victims] or ["all phases"]
        for hit in hits:
            table.tried(f"kill -9, {target} of two: {hit}")
        stderr = ended(launcher, DEADLINE_S)
        wait_until_gone(workers(out, launcher))
        stored = remembered(out)
        if target == "worker":
            assert launcher.returncode == 0, stderr  # all of them are started again
        finished(scenario, out, "runtime.num_processes=2")
        twice = asked_again(scenario, before)
        assert twice["recomputed"] <= PICTURES  # those of the chunks in flight
        assert twice["paid_twice"] <= 2 * CONCURRENCY
        assert_undisturbed(out, undisturbed, stored)
        for hit in hits:
            table.survived(f"kill -9, {target} of two: {hit}", **twice)
        shutil.rmtree(out)


def workers(out: Path, launcher: Process) -> list[int]:
    """The processes of both workers, once they say that they are there."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        names = [path.stem for path in (out / "status").glob("rank*.json")]
        if len({name.partition("-")[0] for name in names}) == 2:
            return [int(name.rpartition("-")[2]) for name in names]
        if launcher.poll() is not None:
            pytest.fail(f"the launcher ended with {launcher.returncode} before both were there: {ended(launcher, 1.0)}")
        time.sleep(0.05)
    pytest.fail(f"no two workers after {DEADLINE_S:g} s")


def is_gone(pid: int) -> bool:
    return has_ended(process_of(pid))


def wait_until_gone(pids: list[int]) -> None:
    """Workers whose launcher was killed finish by themselves."""
    end = time.monotonic() + DEADLINE_S
    while not all(map(is_gone, pids)):
        assert time.monotonic() < end, f"{pids} are still there after {DEADLINE_S:g} s"
        time.sleep(0.1)
