"""Items of segments that are larger than what of their index is in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcvlr.identity import digest
from dcvlr.memo.chunks import chunk_name
from dcvlr.memo.segment import Segment
from dcvlr.memo.store import ChunkStore

MANY = [digest(b"many %d" % n) for n in range(3000)]  # more rows than are looked at together
LIKE = f"{MANY[0][:8]}{MANY[1][8:]}"  # begins like one of them


def line(item_id: str, value: int) -> bytes:
    return f'{{"id":"{item_id}","signal":{value}}}'.encode()


def opened(folder: Path) -> ChunkStore:
    store = ChunkStore(folder, int)
    store.refresh()
    return store


@pytest.fixture(scope="module")
def of_many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two segments, of the first 2,000 items and of the others."""
    folder = tmp_path_factory.mktemp("many") / "s"
    for part in (MANY[:2000], MANY[2000:]):
        store = opened(folder)
        for start in range(0, len(part), 64):
            own = part[start : start + 64]
            store.publish(chunk_name(start, own), [line(item_id, MANY.index(item_id)) for item_id in own])
        store.merge()
    return folder


@pytest.mark.parametrize("step", [1, -1, 2, 7, -63, 700])
def test_items_of_several_segments_are_found_in_whatever_order_they_are_asked_for(step: int, of_many: Path) -> None:
    store, asked = opened(of_many), [*range(3000)[::step], 5, 4, 2500, 6]
    assert [store.result(MANY[number]) for number in asked] == asked
    assert all(MANY[number] in store for number in asked)
    assert not any(item_id in store for item_id in (LIKE, digest(b"another"), "x"))


@pytest.mark.parametrize("step", [1, -1, 2, 7])
def test_what_is_absent_is_told_among_many(step: int, of_many: Path) -> None:
    store, others = opened(of_many), [LIKE, digest(b"another"), "x", "F" * 32]
    asked = MANY[::step]
    assert store.absent(asked) == set()
    for position, other in zip((0, 1, 500, len(asked)), others, strict=True):
        asked.insert(position, other)
    assert store.absent(asked) == set(others)
    store.publish(chunk_name(0, others[:2]), [line(item_id, 7) for item_id in others[:2]])
    assert store.absent(asked) == set(others[2:])
    for name in of_many.glob("*.jsonl"):
        name.unlink()


def test_a_chunk_with_an_item_that_another_chunk_answers_is_not_decoded_anew_for_each_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, own = opened(tmp_path / "s"), MANY[:64]
    store.publish(chunk_name(0, own[-1:]), [line(own[-1], 63)])
    store.publish(chunk_name(1, own), [line(item_id, number) for number, item_id in enumerate(own)])
    store.merge()
    store, rest, decoded = opened(tmp_path / "s"), Segment.rest, list[bytes]()
    monkeypatch.setattr(Segment, "rest", lambda segment: decoded.append(found := rest(segment)) or found)
    assert [store.result(item_id) for item_id in own] == list(range(64))
    assert sum(lines.count(b"\n") for lines in decoded) < 2 * 64
