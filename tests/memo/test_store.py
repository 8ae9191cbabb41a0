from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dcvlr.memo.store import ChunkStore, chunk_name
from dcvlr.rundir.processes import this_process

WHO = "from dcvlr.rundir.processes import this_process; print(this_process())"


def line(item_id: str, value: int) -> bytes:
    return f'{{"id":"{item_id}","signal":{value}}}'.encode()


def test_a_published_line_is_found_by_another_store(tmp_path: Path) -> None:
    ChunkStore(tmp_path / "s").publish("000000-a.jsonl", [line("x", 1), line("y", 2)])
    other = ChunkStore(tmp_path / "s")
    other.refresh()
    assert len(other) == 2
    assert other.line("y") == b'{"id":"y","signal":2}'
    assert "z" not in other
    with pytest.raises(KeyError):
        other.line("z")


def test_the_first_writer_of_a_chunk_wins(tmp_path: Path) -> None:
    first, second = ChunkStore(tmp_path / "s"), ChunkStore(tmp_path / "s")
    first.publish("000000-a.jsonl", [line("x", 1)])
    second.publish("000000-a.jsonl", [line("x", 2)])
    assert second.line("x") == b'{"id":"x","signal":1}'
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["000000-a.jsonl"]


def test_a_chunk_ends_with_its_line_count_and_digest(tmp_path: Path) -> None:
    ChunkStore(tmp_path / "s").publish("000000-a.jsonl", [line("x", 1)])
    assert (tmp_path / "s" / "000000-a.jsonl").read_bytes() == (
        b'{"id":"x","signal":1}\n{"lines":1,"blake3":"5037ff69ced5928f94b529d419518d5c"}\n'
    )


def test_temporary_files_of_a_killed_worker_are_not_read_and_go_away(tmp_path: Path) -> None:
    gone = subprocess.run([sys.executable, "-c", WHO], capture_output=True, text=True, check=True).stdout.strip()
    stale = tmp_path / f".000000-a.jsonl.{gone}.0a1b2c3d.tmp"
    alive = tmp_path / f".000000-a.jsonl.{this_process()}.0a1b2c3d.tmp"
    elsewhere = tmp_path / ".000000-a.jsonl.00000000-1.0a1b2c3d.tmp"
    for path in (stale, alive, elsewhere):
        path.write_bytes(line("x", 1))
    store = ChunkStore(tmp_path)
    store.refresh()
    assert len(store) == 0
    assert sorted(tmp_path.iterdir()) == sorted([alive, elsewhere])


def test_more_chunks_than_stay_open_are_still_read(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path)
    for i in range(20):
        store.publish(f"{i:06d}-a.jsonl", [line(f"x{i}", i)])
    assert [store.line(f"x{i}") for i in range(20)] == [line(f"x{i}", i) for i in range(20)]


def test_chunk_names_depend_on_index_and_items_only() -> None:
    assert chunk_name(3, ["a", "b"]) == chunk_name(3, iter(("a", "b")))
    assert chunk_name(3, ["a", "b"]) != chunk_name(3, ["a"])
    assert chunk_name(3, ["a", "b"]).startswith("000003-")
