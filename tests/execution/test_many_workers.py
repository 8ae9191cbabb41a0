from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import many_workers
import pytest
from forked import Forked
from many_workers import BATCH, CHUNK, COUNT

pytestmark = pytest.mark.slow

EXPECTED = " ".join(str(round((60 + i) / 255, 4)) for i in range(COUNT))


def start(folder: Path, rank: int, size: int, pause_s: float = 0.02, *, name: str = "", together: int = 1) -> Forked:
    words = [folder, name or str(rank), rank, size, pause_s, together]
    return Forked("-m", "many_workers", *map(str, words), cwd=Path(many_workers.__file__).parent)


def calls(folder: Path) -> Counter[str]:
    log = folder / "calls"
    return Counter(line.split()[1] for line in log.read_text().splitlines()) if log.exists() else Counter()


def test_two_workers_share_the_work_and_both_have_all_of_it(tmp_path: Path) -> None:
    workers = [start(tmp_path, rank, 2, together=2) for rank in (0, 1)]
    assert [worker.wait(240) for worker in workers] == [0, 0]
    assert (tmp_path / "values-0").read_text() == EXPECTED
    assert (tmp_path / "values-1").read_text() == EXPECTED
    assert len(calls(tmp_path)) == COUNT
    assert calls(tmp_path).total() == COUNT, "an item was computed by both"
    assert len({line.split()[0] for line in (tmp_path / "calls").read_text().splitlines()}) == 2
    assert not list(tmp_path.rglob("*.lock"))


def test_workers_that_do_not_know_of_each_other_share_it_too(tmp_path: Path) -> None:
    workers = [start(tmp_path, 0, 1, name=name, together=2) for name in ("first", "second")]
    assert [worker.wait(240) for worker in workers] == [0, 0]
    assert (tmp_path / "values-first").read_text() == EXPECTED
    assert (tmp_path / "values-second").read_text() == EXPECTED
    assert calls(tmp_path).total() <= COUNT + CHUNK


def test_a_worker_finishes_what_a_killed_one_began(tmp_path: Path) -> None:
    killed, survivor = start(tmp_path, 1, 2, 0.1, together=2), start(tmp_path, 0, 2, 0.1, together=2)
    while calls(tmp_path).total() < 3 * CHUNK:
        time.sleep(0.01)
    killed.kill()  # and not waited for: it stays a zombie, as under a launcher that is busy
    assert survivor.wait(240) == 0
    killed.wait()
    assert (tmp_path / "values-0").read_text() == EXPECTED


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_run_continues_at_the_missing_chunk(tmp_path: Path, seed: int) -> None:
    killed = start(tmp_path, 0, 1)
    pause = random.Random(seed).uniform(0.0, 0.5)
    while not calls(tmp_path):
        time.sleep(0.005)
    time.sleep(pause)
    killed.kill()
    killed.wait()
    assert start(tmp_path, 0, 1, 0).wait(240) == 0
    assert (tmp_path / "values-0").read_text() == EXPECTED
    repeated = calls(tmp_path).total() - COUNT
    assert 0 <= repeated <= CHUNK + BATCH, "more than the chunk in flight was computed again"
    assert not list(tmp_path.rglob("*.lock"))
