"""Stores that were damaged in every way: the same values and replies, and the damage is named."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import Brightness, Echo, asked
from faults.counting import Table, repeats, seed
from faults.damage import CHUNKS, HARMS, without_root
from faults.watchdog import ends_within
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from PIL import Image

from dcvlr.identity import digest
from dcvlr.memo import Memo
from dcvlr.records import ImageRecord, Score
from dcvlr.records.requests import Reply

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]  # each store has a watchdog of its own

COUNT, CHUNK, LEASE_S, WATCHDOG_S = 24, 8, 0.2, 60.0


FILES = {"damaged chunks": (10**6, "*/*.jsonl", CHUNK), "damaged segments": (2, "*/segments/*.segment", COUNT)}
"""After how many chunk files they are merged, the files that are harmed, and the most items that each of them holds."""


@pytest.fixture(scope="module", params=FILES)
def sound(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("sound")
    (folder / "images").mkdir()
    for level in range(COUNT):
        Image.new("L", (32, 32), level).save(folder / "images" / f"{level:02d}.png")
    assert_right(folder, FILES[request.param][0])
    with without_root():
        yield request.param, folder


def assert_right(folder: Path, merge_after: int) -> None:
    """All pictures measured and all requests answered, as they should be."""
    images = [
        ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="made")
        for path in sorted((folder / "images").iterdir())
    ]
    requests = [asked(f"say {n}") for n in range(COUNT)]
    memo = Memo(folder / "checkpoints", chunk_size=CHUNK, lease_s=LEASE_S, merge_after=merge_after)
    scores = memo.measure(Brightness(log=str(folder / "calls")), images)
    replies = memo.generate(Echo(log=str(folder / "calls")), requests)
    assert [scores[image.id] for image in images] == [Score(value=round(level / 255, 4)) for level in range(COUNT)]
    assert [replies[request.id] for request in requests] == [Reply(text=f"say {n}") for n in range(COUNT)]


def harms(files: int) -> st.SearchStrategy[dict[int, str]]:
    return st.dictionaries(st.integers(0, files - 1), st.sampled_from(sorted(HARMS)), min_size=1, max_size=4)


def test_a_damaged_store_gives_the_right_values_and_names_the_damage(
    sound: tuple[str, Path], tmp_path: Path, table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    title, origin = sound
    merge_after, pattern, most = FILES[title]

    @seeded(seed())
    @settings(
        max_examples=repeats(30),
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(harms(len(list((origin / "checkpoints").glob(pattern)))), st.data())
    def check(which: dict[int, str], data: st.DataObject) -> None:
        folder = tmp_path / "damaged"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(origin, folder)
        caplog.clear()
        files = sorted((folder / "checkpoints").glob(pattern))
        before = {chunk: chunk.read_bytes() for chunk in files}
        for number, kind in which.items():
            HARMS[kind](files[number], data)
        (folder / "calls").unlink()
        table.tried(title, len(which))
        with ends_within(WATCHDOG_S), caplog.at_level(logging.WARNING):
            assert_right(folder, merge_after)
            assert_right(folder, merge_after)  # also what the first of them wrote
        calls = len((folder / "calls").read_text().splitlines()) if (folder / "calls").exists() else 0
        for number, kind in which.items():
            assert kind not in CHUNKS or str(files[number]) in caplog.text or is_as(before, files[number]), kind
        assert calls <= most * len(which)
        table.survived(title, len(which), recomputed=calls)

    check()


def is_as(before: dict[Path, bytes], chunk: Path) -> bool:
    """Whether the harm was none, such as another value in place of no value."""
    return chunk.is_file() and chunk.read_bytes() == before[chunk]
