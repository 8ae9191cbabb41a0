from __future__ import annotations

import os
from pathlib import Path

import pytest
from processes import ended_process

from dcvlr.identity import digest
from dcvlr.memo.chunks import chunk_name, closed
from dcvlr.memo.store import ChunkStore
from dcvlr.records import Failure, Score
from dcvlr.rundir.processes import this_process


def line(item_id: str, value: int) -> bytes:
    return f'{{"id":"{item_id}","signal":{value}}}'.encode()


def test_a_published_line_is_found_by_another_store(tmp_path: Path) -> None:
    ChunkStore(tmp_path / "s", int).publish("000000-a.jsonl", [line("x", 1), line("y", 2)])
    other = ChunkStore(tmp_path / "s", int)
    other.refresh()
    assert len(other) == 2
    assert other.line("y") == b'{"id":"y","signal":2}'
    assert "z" not in other
    with pytest.raises(KeyError):
        other.line("z")


def test_the_first_writer_of_a_chunk_wins(tmp_path: Path) -> None:
    first, second = ChunkStore(tmp_path / "s", int), ChunkStore(tmp_path / "s", int)
    first.publish("000000-a.jsonl", [line("x", 1)])
    second.publish("000000-a.jsonl", [line("x", 2)])
    assert second.line("x") == b'{"id":"x","signal":1}'
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["000000-a.jsonl"]


def test_of_an_item_in_two_chunks_the_same_one_answers_from_a_segment(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path / "s", int)
    store.publish("000003-a.jsonl", [line(name, 1) for name in "vwxy"])
    for name in ("000000-a.jsonl", "000007-a.jsonl"):  # before the first chunk by name, and behind it
        store.publish(name, [line(item, 100) for item in "xyz"])
    before = [store.result(name) for name in "vwxyz"]
    store.merge()
    opened = ChunkStore(tmp_path / "s", int)
    opened.refresh()
    for one in (store, opened):
        assert [one.result(name) for name in "vwxyz"] == before == [1, 1, 1, 1, 100]
        assert len(one) == 5


def test_a_chunk_ends_with_what_it_belongs_to_and_a_digest_over_all_of_it(tmp_path: Path) -> None:
    ChunkStore(tmp_path / "s", int).publish("000000-a.jsonl", [line("x", 1)])
    bound = digest(b's\n000000-a.jsonl\n{"id":"x","signal":1}\n').encode()
    assert (tmp_path / "s" / "000000-a.jsonl").read_bytes() == (
        b'{"id":"x","signal":1}\n{"lines":1,"model":"s","chunk":"000000-a.jsonl","blake3":"%s"}\n' % bound
    )


def test_a_chunk_from_before_is_read_once_and_written_anew(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    chunk = tmp_path / "s" / "000000-a.jsonl"
    chunk.write_bytes(b'{"id":"x","signal":1}\n{"lines":1,"blake3":"5037ff69ced5928f94b529d419518d5c"}\n')
    store = ChunkStore(tmp_path / "s", int)
    store.refresh()
    assert store.line("x") == b'{"id":"x","signal":1}'
    assert b'"model":"s"' in chunk.read_bytes()
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["000000-a.jsonl"]


def damage(kind: str, chunk: Path) -> str:
    """Do it, and return the reason that is to be said."""
    content = chunk.read_bytes()
    chunk.unlink()
    if kind == "pipe":
        os.mkfifo(chunk)
    elif kind == "folder":
        (chunk / "full").mkdir(parents=True)
    elif kind == "dangling link":
        chunk.symlink_to("nowhere")
    elif kind == "link in a circle":
        chunk.symlink_to(chunk.name)
    elif kind == "empty":
        chunk.write_bytes(b"")
    elif kind == "cut":
        chunk.write_bytes(content[:-20])
    elif kind == "other value":
        chunk.write_bytes(content.replace(b'"signal":1', b'"signal":2'))
    elif kind == "no text":
        chunk.write_bytes(b"\xff" * 100)
    elif kind == "nested":
        chunk.write_bytes(b"[" * 100_000)
    elif kind == "huge":
        with chunk.open("wb") as file:
            file.truncate(1 << 40)
    reasons = dict.fromkeys(["pipe", "folder", "dangling link", "link in a circle"], "no file")
    return (reasons | {"huge": "it has 1099511627776 bytes"}).get(kind, "it is damaged")


KINDS = "pipe,folder,dangling link,link in a circle,empty,cut,other value,no text,nested,huge"


@pytest.mark.parametrize("kind", KINDS.split(","))
def test_what_is_no_chunk_is_named_set_aside_and_computed_again(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ChunkStore(tmp_path / "s", int).publish("000000-a.jsonl", [line("x", 1)])
    reason = damage(kind, tmp_path / "s" / "000000-a.jsonl")
    store = ChunkStore(tmp_path / "s", int)
    store.refresh()
    assert "x" not in store
    assert reason in caplog.text
    store.publish("000000-a.jsonl", [line("x", 1)])
    assert store.line("x") == line("x", 1)
    kept = sorted(path.suffix for path in (tmp_path / "s").iterdir())
    assert kept == [".damaged", ".jsonl"]


@pytest.mark.parametrize("target", ["s/000001-b.jsonl", "other/000000-a.jsonl"])
def test_a_chunk_that_was_moved_is_not_taken_for_another(
    target: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ChunkStore(tmp_path / "s", int).publish("000000-a.jsonl", [line("x", 1)])
    moved = tmp_path / target
    moved.parent.mkdir(exist_ok=True)
    (tmp_path / "s" / "000000-a.jsonl").rename(moved)
    store = ChunkStore(moved.parent, int)
    store.refresh()
    assert "x" not in store
    assert "it is '000000-a.jsonl' of 's', moved here" in caplog.text


NO_RECORD = [
    b"",
    b"{}",
    b"[]",
    b"7",
    b'{"id":"y"}',
    b'{"id":"y","signal":"text"}',
    b'{"id":"y","signal":{"value":1}}',
    b'{"id":"y","signal":null}',
    b'{"id":"y","failure":{"kind":"no kind of failure","message":""}}',
    b'{"id":"y","failure":{"kind":"decode","message":"m"},"signal":1}',
    b'{"id":"../y","signal":1}',
    b'{"id":7,"signal":1}',
    b'{"signal":1,"id":"y"}',
    b'{ "id":"y","signal":1}',
    b'{"id":"y","signal":"\xff"}',
    b'{"id":"y","signal":' + b"[" * 10**5,
]


@pytest.mark.parametrize("bad", NO_RECORD)
def test_a_line_of_a_good_digest_that_holds_no_record_is_named_and_the_others_stay(
    bad: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chunk, lines = tmp_path / "s" / "000000-a.jsonl", [line("x", 1), bad, line("z", 3)]
    chunk.parent.mkdir()
    chunk.write_bytes(closed(b"".join(text + b"\n" for text in lines), model="s", name=chunk.name))
    for _ in range(2):
        store = ChunkStore(tmp_path / "s", int)
        store.refresh()
        assert [store.result(item) for item in "xz" if item in store] == [1, 3]
        assert len(store) == 2
    (aside,) = chunk.parent.glob("*.damaged")
    assert caplog.text.count("set aside") == 1
    assert f"{chunk} is set aside as {aside.name}: 1 of its 3 lines hold no record of this model" in caplog.text


def test_signals_and_failures_come_back_as_they_are(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path / "s", Score)
    broken = b'{"id":"y","failure":{"kind":"decode","message":"cut"}}'
    store.publish("000000-a.jsonl", [b'{"id":"x","signal":{"value":0.5}}', broken])
    assert store.result("x") == Score(value=0.5)
    assert store.result("y") == Failure(kind="decode", message="cut")


def test_temporary_files_of_a_killed_worker_are_not_read_and_go_away(tmp_path: Path) -> None:
    gone = ended_process()
    stale = tmp_path / f".000000-a.jsonl.{gone}.0a1b2c3d.tmp"
    alive = tmp_path / f".000000-a.jsonl.{this_process()}.0a1b2c3d.tmp"
    elsewhere = tmp_path / ".000000-a.jsonl.00000000-1.0a1b2c3d.tmp"
    for path in (stale, alive, elsewhere):
        path.write_bytes(line("x", 1))
    store = ChunkStore(tmp_path, int)
    store.refresh()
    assert len(store) == 0
    assert sorted(tmp_path.iterdir()) == sorted([alive, elsewhere])


def test_more_chunks_than_stay_open_are_still_read(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, int)
    for i in range(20):
        store.publish(f"{i:06d}-a.jsonl", [line(f"x{i}", i)])
    assert [store.line(f"x{i}") for i in range(20)] == [line(f"x{i}", i) for i in range(20)]


def test_chunk_names_depend_on_index_and_items_only() -> None:
    assert chunk_name(3, ["a", "b"]) == chunk_name(3, iter(("a", "b")))
    assert chunk_name(3, ["a", "b"]) != chunk_name(3, ["a"])
    assert chunk_name(3, ["a", "b"]).startswith("000003-")
