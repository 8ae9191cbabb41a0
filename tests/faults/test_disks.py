"""Runs on disks that are full, read-only or without hard links: an honest end, and the same bytes once it is mended."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest
from faults.counting import Table, repeats, seed
from faults.disks import FULL_DISK, IN_NAMESPACE, WITHOUT_LINKS, WITHOUT_OVERRIDE, can_mount, works
from faults.moments import NewFiles, phase_of
from faults.undisturbed import Undisturbed, asked_again, assert_undisturbed, finished
from faults.watchdog import ended
from faults.whole_runs import CHUNK, CONCURRENCY, DEADLINE_S, PICTURES, Scenario, remembered

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]  # each process has a watchdog of its own
pytest.importorskip("aiohttp", reason="the api extra is not installed")

GO_ON = "what was finished is kept: mend it and run the same command again"


def test_a_full_disk_ends_a_run_honestly_and_room_lets_it_go_on(
    scenario: Scenario, undisturbed: Undisturbed, tmp_path: Path, table: Table
) -> None:
    if not can_mount(tmp_path):
        pytest.skip("no tmpfs may be mounted here, not in a namespace either")
    draw = random.Random(seed())
    for n in range(repeats(3)):
        begun, disk, end = scenario.begun(tmp_path / f"begun{n}"), tmp_path / f"disk{n}", tmp_path / f"end{n}"
        disk.mkdir()
        before = len(scenario.server.requests)
        share = (n % 3 + draw.random()) / 3  # at its start, in the middle, at its end
        room = [str(int(16 + share * undisturbed.disk_kib)), str(8 * undisturbed.disk_kib), disk, begun, end]
        shell = [*IN_NAMESPACE, "sh", "-c", FULL_DISK, "sh", *map(str, room)]
        process = scenario.start(disk, under=shell)
        stderr = ended(process, 2 * DEADLINE_S)
        assert process.returncode == 0, stderr
        first, code = Path(f"{end}.first").read_text(), Path(f"{end}.code").read_text().strip()
        kind = "a disk that just sufficed" if code == "0" else "a full disk"
        table.tried(kind)
        assert code in ("0", "1"), first
        if code == "1":
            assert_honest(first, "No space left on device")
        twice = asked_again(scenario, before)
        assert twice["recomputed"] <= CHUNK
        assert twice["paid_twice"] <= CONCURRENCY
        stored = tmp_path / f"stored{n}"
        stored.mkdir()
        Path(f"{end}.stored").rename(stored / "checkpoints")
        assert_undisturbed(end, undisturbed, remembered(stored))
        table.survived(kind, **twice)


def assert_honest(stderr: str, reason: str) -> None:
    """One line that names what is wrong and how to go on."""
    assert len(stderr.splitlines()) == 1, stderr
    assert reason in stderr
    assert GO_ON in stderr


def test_a_folder_that_becomes_read_only_ends_a_run_honestly(
    scenario: Scenario, undisturbed: Undisturbed, tmp_path: Path, table: Table
) -> None:
    if not works([*WITHOUT_OVERRIDE, "true"]):
        pytest.skip("root's right to write everywhere cannot be given up here")
    draw = random.Random(seed())
    for n in range(repeats(1)):
        out, phase = scenario.begun(tmp_path / str(n)), draw.choice(["measuring", "generating", "exporting"])
        before = len(scenario.server.requests)
        nth = draw.randint(1, undisturbed.files[phase])
        with NewFiles(out) as new:
            process = scenario.start(out, under=WITHOUT_OVERRIDE)
            for path in new.within(DEADLINE_S):
                nth -= phase_of(path, out) == phase
                if nth == 0 or path.name == "report.html":
                    break
        protect(out, 0o555)
        stderr = ended(process, DEADLINE_S)
        protect(out, 0o755)
        table.tried(f"a folder that became read-only, {phase}")
        assert process.returncode in (0, 1), stderr
        if process.returncode:
            assert_honest(stderr, "Permission denied")
        stored = remembered(out)
        finished(scenario, out)
        twice = asked_again(scenario, before)
        assert twice["recomputed"] <= PICTURES
        assert twice["paid_twice"] <= CONCURRENCY
        assert_undisturbed(out, undisturbed, stored)
        table.survived(f"a folder that became read-only, {phase}", **twice)


def protect(out: Path, mode: int) -> None:
    """Set the mode of a folder and of all folders in it; one that goes away meanwhile is left."""
    for folder in [out, *out.rglob("*")]:
        try:
            if folder.is_dir() and not folder.is_symlink():
                folder.chmod(mode)
        except FileNotFoundError:
            continue


def test_a_read_only_folder_is_refused_before_any_work(scenario: Scenario, tmp_path: Path, table: Table) -> None:
    if not works([*WITHOUT_OVERRIDE, "true"]):
        pytest.skip("root's right to write everywhere cannot be given up here")
    out = scenario.begun(tmp_path / "out")
    before = len(scenario.server.requests)
    protect(out, 0o555)
    process = scenario.start(out, under=WITHOUT_OVERRIDE)
    stderr = ended(process, DEADLINE_S)
    protect(out, 0o755)
    table.tried("a read-only folder")
    assert process.returncode == 1
    assert_honest(stderr, "Permission denied")
    assert len(scenario.server.requests) == before
    table.survived("a read-only folder")


def test_without_hard_links_a_run_and_a_killed_run_end_as_with_them(
    scenario: Scenario, undisturbed: Undisturbed, tmp_path: Path, table: Table
) -> None:
    if not works([*WITHOUT_LINKS, "true"]):
        pytest.skip("the kernel lets nobody refuse hard links here (seccomp)")
    assert not works([*WITHOUT_LINKS, "ln", __file__, str(tmp_path / "link")])
    draw = random.Random(seed())
    for n in range(repeats(1)):
        out = scenario.begun(tmp_path / str(n))
        before = len(scenario.server.requests)
        with NewFiles(out) as new:
            processes = [scenario.start(out, under=WITHOUT_LINKS) for _ in range(2)]
            any(path.name == "pipeline.log" for path in new.within(DEADLINE_S))
        time.sleep(draw.uniform(0.0, 3.0))
        killed = draw.choice(processes)
        killed.kill()
        table.tried("kill -9, no hard links, two strangers")
        for process in processes:
            stderr = ended(process, DEADLINE_S)
            assert process.returncode in (0, -signal.SIGKILL), stderr
        stored = remembered(out)
        finished(scenario, out, under=WITHOUT_LINKS)
        twice = asked_again(scenario, before)
        assert twice["paid_twice"] <= 2 * CONCURRENCY
        assert_undisturbed(out, undisturbed, stored)
        table.survived("kill -9, no hard links, two strangers", **twice)
