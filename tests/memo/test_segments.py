"""Segments: what was in chunk files is read from them, whoever put it there and whatever happens to them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes import Brightness, greys
from forked import run_python

from dcvlr.errors import DcvlrError
from dcvlr.execution.threads import LoadsAhead
from dcvlr.identity import digest, identity, speed
from dcvlr.memo import Memo
from dcvlr.memo.chunks import chunk_name
from dcvlr.memo.store import ChunkStore
from dcvlr.records import Picture, Score
from dcvlr.rundir.locks import Locks


def line(item_id: str, value: int) -> bytes:
    return f'{{"id":"{item_id}","signal":{value}}}'.encode()


IDS = [digest(b"%d" % n) for n in range(40)]


def filled(folder: Path, ids: list[str] = IDS, size: int = 4) -> ChunkStore:
    """A store of chunks with the number of each item."""
    store = ChunkStore(folder, int)
    for start in range(0, len(ids), size):
        own = ids[start : start + size]
        store.publish(chunk_name(start // size, own), [line(i, IDS.index(i) if i in IDS else 7) for i in own])
    return store


def opened(folder: Path) -> ChunkStore:
    store = ChunkStore(folder, int)
    store.refresh()
    return store


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def values(store: ChunkStore, ids: list[str] = IDS) -> list[object]:
    return [store.result(item_id) if item_id in store else None for item_id in ids]


def test_chunks_in_a_segment_are_read_as_from_their_files_in_any_order(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    files = filled(folder)
    before = b"".join((folder / name).read_bytes() for name in names(folder))
    files.merge()
    (segment,) = names(folder)
    assert segment.startswith("segments/")
    assert (folder / segment).read_bytes().startswith(before)
    for store in (files, opened(folder)):
        assert len(store) == 40
        assert values(store) == list(range(40))
        assert values(store, IDS[::-3]) == list(range(39, -1, -3))
        assert store.line(IDS[7]) == line(IDS[7], 7)
        assert digest(b"another") not in store
        with pytest.raises(KeyError):
            store.line(digest(b"another"))


def test_ids_that_are_no_digests_are_found_in_segments(tmp_path: Path) -> None:
    store = filled(tmp_path / "s", ["x", "y", "z" * 32, "F" * 32, "f" * 32])
    store.merge()
    assert [name in opened(tmp_path / "s") for name in ("x", "z" * 32, "F" * 32, "f" * 32, "w")] == [True] * 4 + [False]


def test_chunks_come_after_a_segment_and_go_into_another(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    filled(folder, IDS[:20]).merge()
    store = opened(folder)
    store.publish(chunk_name(9, IDS[18:22]), [line(item_id, 100) for item_id in IDS[18:22]])
    for one in (store, opened(folder)):
        assert len(one) == 22
        assert values(one, IDS[17:23]) == [17, 18, 19, 100, 100, None]
    store.merge()
    assert [name.rpartition(".")[2] for name in names(folder)] == ["segment", "segment"]
    assert values(opened(folder), IDS[17:23]) == [17, 18, 19, 100, 100, None]


def test_a_store_whose_files_another_worker_merges_reads_on(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    filled(folder)
    early, late = opened(folder), opened(folder)
    assert early.result(IDS[0]) == 0
    late.merge()
    assert early.is_behind
    assert values(early) == list(range(40))
    assert not early.is_behind


def test_files_of_a_segment_that_another_worker_set_aside_stay(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    filled(folder).merge()
    early, (segment,) = opened(folder), (folder / "segments").iterdir()
    segment.write_bytes(flipped(segment.read_bytes()))
    late = opened(folder)  # sets it aside, and makes files of its whole chunks
    late.publish(chunk_name(7, IDS[28:32]), [line(item_id, IDS.index(item_id)) for item_id in IDS[28:32]])
    early.merge()
    assert values(late) == list(range(40))
    assert values(opened(folder)) == list(range(40))


def merge(store: ChunkStore, together: threading.Barrier) -> None:
    together.wait()
    store.merge()


def test_two_workers_that_merge_at_once_lose_nothing(tmp_path: Path) -> None:
    for round_ in range(5):
        folder = tmp_path / str(round_)
        stores = [filled(folder), opened(folder)]
        together = threading.Barrier(2)
        mergers = [threading.Thread(target=merge, args=(store, together)) for store in stores]
        for merger in mergers:
            merger.start()
        for merger in mergers:
            merger.join()
        assert [values(store) for store in (*stores, opened(folder))] == [list(range(40))] * 3
        assert all(name.endswith(".segment") for name in names(folder))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "calls"),
    [("os.fsync", 1), ("pathlib.Path.replace", 1), ("pathlib.Path.unlink", 1), ("pathlib.Path.unlink", 5)],
)
def test_a_process_killed_while_it_merges_loses_nothing(moment: str, calls: int, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    filled(folder)
    code = f"""
import os, pathlib, signal
from pathlib import Path
from dcvlr.memo.store import ChunkStore
store = ChunkStore(Path({str(folder)!r}), int)
store.refresh()
left, as_it_was = [None] * {calls}, {moment}
def until_killed(*args, **kwargs):
    left.pop()
    return as_it_was(*args, **kwargs) if left else os.kill(os.getpid(), signal.SIGKILL)
{moment} = until_killed
store.merge()
"""
    assert run_python("-c", code).returncode == -9
    assert len(list(folder.glob("*.jsonl"))) == (7 if calls == 5 else 10)  # the first call is of the draft
    store = opened(folder)
    assert values(store) == list(range(40))
    store.merge()
    assert values(opened(folder)) == list(range(40))
    assert [name.rpartition(".")[2] for name in names(folder)] == ["segment"]


def cut(content: bytes) -> bytes:
    return content[: content.index(line(IDS[30], 30))]


def flipped(content: bytes) -> bytes:
    return content.replace(line(IDS[30], 30), line(IDS[30], 31))


def unclosed(content: bytes) -> bytes:
    """Where the chunk of item 28 ends is not to be seen any more."""
    return content.replace(line(IDS[31], 31) + b'\n{"lines"', line(IDS[31], 31) + b'\n{"linez"')


def without_index(content: bytes) -> bytes:
    return content[:-200] + bytes(200)


@pytest.mark.parametrize(
    ("harm", "lost"),
    [(cut, range(28, 40)), (flipped, range(28, 32)), (unclosed, range(28, 32)), (without_index, range(0))],
)
def test_a_damaged_segment_costs_the_damaged_chunks_only(
    harm: Callable[[bytes], bytes], lost: range, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "s"
    filled(folder).merge()
    (segment,) = (folder / "segments").iterdir()
    segment.write_bytes(harm(segment.read_bytes()))
    expected = [None if n in lost else n for n in range(40)]
    assert values(opened(folder)) == expected
    assert f"{segment} is set aside" in caplog.text
    assert values(opened(folder)) == expected
    assert caplog.text.count("set aside") == 1


def test_a_segment_that_is_overwritten_while_it_is_read_is_named_and_gone_on_with(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    filled(folder).merge()
    store, (segment,) = opened(folder), (folder / "segments").iterdir()
    assert store.result(IDS[0]) == 0
    content = segment.read_bytes()
    with segment.open("r+b") as file:
        file.write(content.replace(IDS[21].encode(), b"0" * 32))
    with pytest.raises(DcvlrError, match=r"a segment in .*s/segments is damaged"):
        store.result(IDS[21])
    assert values(opened(folder)) == [None if 20 <= n < 24 else n for n in range(40)]


def test_a_segment_that_is_cut_while_it_is_read_ends_no_process(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    filled(folder).merge()
    store, (segment,) = opened(folder), (folder / "segments").iterdir()
    with segment.open("r+b") as file:
        file.truncate(0)
    assert IDS[39] in store
    assert digest(b"another") not in store
    with pytest.raises(DcvlrError, match=r"a segment in .*s/segments is damaged"):
        store.result(IDS[39])


def test_a_segment_of_signals_of_another_type_is_set_aside_and_its_items_are_missing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    filled(tmp_path / "s").merge()
    store = ChunkStore(tmp_path / "s", Score)
    store.refresh()
    assert len(store) == 0
    assert "holds no record of this model" in caplog.text


def test_a_memo_merges_what_is_complete_and_runs_no_model_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    images, model = greys(tmp_path, 40), Brightness(log=str(tmp_path / "calls"))
    expected = [Score(value=round(level / 255, 4)) for level in range(60, 100)]
    folder = tmp_path / "m" / f"brightness-{identity(model)}"
    for _ in range(2):
        scores = Memo(tmp_path / "m", chunk_size=8, merge_after=5).measure(model, images)
        assert [scores[image.id] for image in images] == expected
        assert not list(folder.glob("*.jsonl"))
        assert len(list((folder / "segments").iterdir())) == 1
    assert len((tmp_path / "calls").read_text().splitlines()) == 40
    assert "5 chunk files were merged into segments" in caplog.text


def test_chunk_files_and_the_lock_are_left_to_another_worker_that_merges(tmp_path: Path) -> None:
    images, model, other = greys(tmp_path, 40), Brightness(), Locks(60.0)
    folder = tmp_path / "m" / f"brightness-{identity(model)}"
    assert other.take(folder / "segments.lock")
    Memo(tmp_path / "m", chunk_size=8, merge_after=5).measure(model, images)
    assert [path.name for path in folder.glob("*.lock")] == ["segments.lock"]
    assert len(list(folder.glob("*.jsonl"))) == 5
    other.release_all()


def test_chunk_files_stay_where_they_cannot_be_merged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    images, model = greys(tmp_path, 40), Brightness()
    Memo(tmp_path / "m", chunk_size=8).measure(model, images)
    folder = tmp_path / "m" / f"brightness-{identity(model)}"
    (folder / "segments").write_text("a file of somebody else")
    scores = Memo(tmp_path / "m", chunk_size=8, merge_after=5).measure(model, images)
    assert scores[images[9].id] == Score(value=0.2706)
    assert "5 chunk files are not merged into segments" in caplog.text
    assert len(list(folder.glob("*.jsonl"))) == 5
    assert not list(folder.glob("*.lock"))


@dataclass(frozen=True, kw_only=True)
class Slow(Brightness):
    """The same model; another worker does the later half when this one has its first pictures."""

    meanwhile: Callable[[], object] = speed()

    def __call__(self, items: Sequence[Picture]) -> list[Score]:
        if not Path(self.log).exists():
            self.meanwhile()
        return super().__call__(items)


def test_a_worker_does_not_compute_again_what_others_have_merged(tmp_path: Path) -> None:
    images, log = greys(tmp_path, 80), str(tmp_path / "calls")

    def meanwhile() -> None:
        other = Brightness(log=log)
        assert identity(other) == identity(model)
        Memo(tmp_path / "m", chunk_size=8, merge_after=2).measure(other, images[40:])

    model = Slow(log=log, meanwhile=meanwhile)
    scores = Memo(tmp_path / "m", chunk_size=8, computes=LoadsAhead(1)).measure(model, images)
    assert scores[images[79].id] == Score(value=round(139 / 255, 4))
    assert len(Path(log).read_text().splitlines()) == 80
