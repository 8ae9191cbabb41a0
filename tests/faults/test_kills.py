"""Processes killed at any moment: nothing is lost, and no more is done twice than was in flight."""

from __future__ import annotations

import faulthandler
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import pytest
from fakes import Brightness, Echo, asked
from faults.counting import Table, repeats, seed
from PIL import Image

from dcvlr.identity import digest
from dcvlr.memo import Memo
from dcvlr.records import ImageRecord, Score
from dcvlr.records.requests import Reply

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]  # each process has a watchdog of its own

WATCHDOG_S = 120.0
PICTURES, REQUESTS, CHUNK, BATCH, CONCURRENCY = 60, 60, 8, 4, 3


def records(folder: Path) -> list[ImageRecord]:
    return [
        ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="made")
        for path in sorted((folder / "images").iterdir())
    ]


def work(folder: Path) -> tuple[list[object], list[object]]:
    """Measure all pictures and answer all requests, in chunks that are soon merged into segments."""
    images, requests = records(folder), [asked(f"say {n}") for n in range(REQUESTS)]
    memo = Memo(folder / "checkpoints", chunk_size=CHUNK, lease_s=60.0, merge_after=3)
    scores = memo.measure(Brightness(log=str(folder / "measured"), batch_size=BATCH, pause_s=0.02), images)
    replies = memo.generate(Echo(log=str(folder / "answered"), concurrency=CONCURRENCY, pause_s=0.02), requests)
    return [scores[image.id] for image in images], [replies[request.id] for request in requests]


def made(folder: Path) -> Path:
    (folder / "images").mkdir(parents=True)
    for level in range(PICTURES):
        Image.new("L", (32, 32), level).save(folder / "images" / f"{level:03d}.png")
    return folder


@pytest.fixture(scope="module")
def forking() -> Iterator[ForkServerContext]:
    """Processes that need not import anything any more."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        yield context


def working(folder: Path) -> None:
    faulthandler.enable()
    work(folder)


def ended(process: ForkServerProcess) -> None:
    """The test fails with the stacks on stderr where a process does not end in time."""
    process.join(WATCHDOG_S)
    if process.exitcode is None:
        os.kill(process.pid or 0, signal.SIGABRT)
        process.join()
    assert process.exitcode in (0, -signal.SIGKILL)


def counts(folder: Path, name: str) -> Counter[str]:
    path = folder / name
    return Counter(line.split()[1] for line in path.read_text().splitlines() if line) if path.exists() else Counter()


@pytest.mark.parametrize("strangers", [1, 2])
def test_killed_processes_lose_nothing(
    strangers: int, forking: ForkServerContext, tmp_path: Path, table: Table
) -> None:
    draw = random.Random(seed() * 2 + strangers)
    kind = f"kill -9, memo alone, {'one process' if strangers == 1 else 'two strangers'}"
    for round_ in range(repeats(4)):
        folder, kills = made(tmp_path / str(round_)), 0
        for _ in range(4):
            processes = [forking.Process(target=working, args=(folder,)) for _ in range(strangers)]
            for process in processes:
                process.start()
            time.sleep(draw.uniform(0.0, 0.8))
            for process in draw.sample(processes, draw.randint(1, strangers)):
                process.kill()
            for process in processes:
                ended(process)
                kills += process.exitcode == -signal.SIGKILL
        table.tried(kind, kills)
        scores, replies = work(folder)
        assert scores == [Score(value=round(level / 255, 4)) for level in range(PICTURES)]
        assert replies == [Reply(text=f"say {n}") for n in range(REQUESTS)]
        left = [path for path in (folder / "checkpoints").rglob("*") if path.suffix in (".lock", ".journal")]
        assert not [path.name for path in left if path.stat().st_size]  # an empty lock is good for two seconds more
        recomputed = sum(counts(folder, "measured").values()) - PICTURES
        paid_twice = sum(counts(folder, "answered").values()) - REQUESTS
        # what a process holds when it dies: chunks of pictures, and requests that were asked but not yet on disk
        assert recomputed <= kills * 2 * CHUNK
        assert paid_twice <= kills * CONCURRENCY
        table.survived(kind, kills, recomputed=recomputed, paid_twice=paid_twice)
        shutil.rmtree(folder)
