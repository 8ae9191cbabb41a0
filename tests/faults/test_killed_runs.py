"""Whole runs killed at any moment: the same command then gives the bytes of a run that nobody disturbed."""

from __future__ import annotations

import random
import shutil
import signal
import time
from pathlib import Path

import pytest
from faults.counting import Table, repeats, seed
from faults.moments import PHASES, NewFiles, held, phase_at_death, phase_of
from faults.undisturbed import Undisturbed, asked_again, assert_undisturbed, finished
from faults.watchdog import ended
from faults.whole_runs import CHUNK, CONCURRENCY, DEADLINE_S, Process, Scenario, remembered

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]  # each process has a watchdog of its own
pytest.importorskip("aiohttp", reason="the api extra is not installed")

_LATER_S = {"measuring": 0.05, "publishing": 0.0005, "generating": 0.1, "exporting": 0.02}


def wait_for(phase: str, new: NewFiles, out: Path, draw: random.Random, normal: Undisturbed) -> None:
    """Until some moment of a phase; also when the run is too short for that moment."""
    if phase == "start-up":
        time.sleep(draw.uniform(0.0, normal.start_up_s))
        return
    nth = draw.randint(1, normal.files[phase])
    for path in new.within(DEADLINE_S / 4):
        nth -= phase_of(path, out) == phase
        if nth == 0 or path.name == "report.html":
            break
    time.sleep(draw.uniform(0.0, _LATER_S[phase]))


@pytest.mark.parametrize("strangers", [1, 2])
def test_a_killed_run_ends_as_if_nobody_had_disturbed_it(
    strangers: int, scenario: Scenario, undisturbed: Undisturbed, tmp_path: Path, table: Table
) -> None:
    draw, kind = random.Random(seed() * 2 + strangers), "one process" if strangers == 1 else "two strangers"
    for n in range(repeats(len(PHASES) if strangers == 1 else 2)):
        out = scenario.begun(tmp_path / str(n))
        before = len(scenario.server.requests)
        phase = PHASES[n % len(PHASES)] if strangers == 1 else draw.choice(PHASES)
        with NewFiles(out) as new:
            processes = [scenario.start(out) for _ in range(strangers)]
            wait_for(phase, new, out, draw, undisturbed)
        killed = kill(draw.sample(processes, draw.randint(1, strangers)))
        for process in processes:
            stderr = ended(process, DEADLINE_S)
            assert process.returncode in (0, -signal.SIGKILL), stderr
        phases = [phase_at_death(out, process.pid, alone=strangers == 1) for process in killed]
        for hit in phases:
            table.tried(f"kill -9, {kind}: {hit}")
        locks = [lock for process in killed for lock in held(out, process.pid)]
        stored = remembered(out)
        finished(scenario, out)
        twice = asked_again(scenario, before)
        assert twice["recomputed"] <= CHUNK * sum("moondream" in lock.parent.name for lock in locks)
        assert twice["paid_twice"] <= CONCURRENCY * len(killed)
        assert_undisturbed(out, undisturbed, stored)
        for hit in phases:
            table.survived(f"kill -9, {kind}: {hit}", **twice)
        shutil.rmtree(out)


def kill(processes: list[Process]) -> list[Process]:
    """Those of them that were still alive."""
    for process in processes:
        process.kill()
    return [process for process in processes if process.wait() == -signal.SIGKILL]
