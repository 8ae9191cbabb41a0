"""A runtime of one's own: a class with `computes`, and everything else stays as it is."""

from __future__ import annotations

import multiprocessing
from collections import Counter, deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import pytest
from fakes import Brightness, Halves, Item, Raising, greys
from pictures import make_pictures

from dcvlr.config import build, compose
from dcvlr.errors import DcvlrError
from dcvlr.execution.runtime import Computes, Done, Need, Work
from dcvlr.execution.threads import LoadsAhead
from dcvlr.execution.workers import Worker
from dcvlr.memo import Memo
from dcvlr.pipeline import execute
from dcvlr.records import Failure, Score
from dcvlr.rundir.progress import NoProgress


@dataclass(frozen=True, kw_only=True)
class TwoProcesses:
    """Items are loaded in one process and computed in another; the chunk that was begun last comes first."""

    chunk_size: int = 8
    lease_s: float = 60.0
    decode_memory_mb: int = 512
    began: list[int] = field(default_factory=list, compare=False)

    def computes(self, worker: Worker) -> Computes:
        return self._compute

    def starts_others(self, worker: Worker) -> bool:
        return False

    def start(self, arguments: Sequence[str]) -> None:
        raise AssertionError("this process drives the others itself")

    def _compute(self, work: Work, chunks: Iterable[Sequence[Need]]) -> Generator[Sequence[Done]]:
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
            stream = iter(chunks)
            while some := list(islice(stream, 3)):
                self.began.extend(chunk[0].chunk for chunk in some)
                loaded = [[(need, pool.submit(work.load, need)) for need in chunk] for chunk in some]
                running: deque[Future[list[Done]]] = deque()
                for chunk in loaded:
                    running.appendleft(pool.submit(work.run, [(need, one.result()) for need, one in chunk]))
                for future in running:
                    yield future.result()


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in {".jsonl", ".json"} and path.name not in {"manifest.json"}
    }


@pytest.mark.slow
def test_another_runtime_gives_the_same_bytes_in_every_file(tmp_path: Path) -> None:
    pictures = make_pictures(tmp_path / "pictures")
    words = [f"images_dir={pictures}", "stages=[filtering]", "report=none", "runtime.chunk_size=8"]
    written = {}
    for name in ("here", "elsewhere"):
        plan = build(compose([*words, f"output_dir={tmp_path / name}"]))
        if name == "elsewhere":
            plan = replace(plan, runtime=TwoProcesses())
        execute(plan, Worker(), NoProgress())
        written[name] = files_below(tmp_path / name)
    assert written["elsewhere"] == written["here"]
    assert "intermediate/stage1_filtering/filtered_images.jsonl" in written["here"]
    assert len([name for name in written["here"] if name.startswith("checkpoints/statistics-")]) >= 2


@pytest.mark.slow
def test_chunks_that_come_in_any_order_are_those_of_one_process(tmp_path: Path) -> None:
    images, runtime = greys(tmp_path, 30), TwoProcesses()
    models = [Brightness(gain=1.0), Brightness(gain=2.0), Raising(error=MemoryError, fits=2)]
    here = Memo(tmp_path / "here", chunk_size=8).measure_together(models, images)
    elsewhere = Memo(tmp_path / "elsewhere", chunk_size=8, computes=runtime.computes(Worker()))
    assert [dict(signals) for signals in elsewhere.measure_together(models, images)] == [dict(one) for one in here]
    assert files_below(tmp_path / "elsewhere") == files_below(tmp_path / "here")
    assert runtime.began == [0, 1, 2, 3]
    assert not list((tmp_path / "elsewhere").rglob("*.lock"))


def one_by_one(work: Work, chunks: Iterable[Sequence[Need]]) -> Generator[Sequence[Done]]:
    """The last item of a chunk first; each is given alone."""
    for chunk in chunks:
        for need in reversed(chunk):
            yield work.run([(need, work.load(need))])


def test_results_that_come_one_by_one_and_backwards_stand_in_the_order_of_the_items(tmp_path: Path) -> None:
    images = greys(tmp_path, 12)
    Memo(tmp_path / "here", chunk_size=8).measure(Brightness(), images)
    Memo(tmp_path / "there", chunk_size=8, computes=one_by_one).measure(Brightness(), images)
    assert files_below(tmp_path / "there") == files_below(tmp_path / "here")


def test_each_model_gets_what_it_lacks_and_no_more(tmp_path: Path) -> None:
    images, given = greys(tmp_path, 8), Counter[tuple[int, ...]]()

    def counting(work: Work, chunks: Iterable[Sequence[Need]]) -> Generator[Sequence[Done]]:
        for chunk in chunks:
            given.update(need.models for need in chunk)
            yield from one_by_one(work, iter([chunk]))

    one, other = Brightness(gain=1.0), Brightness(gain=2.0)
    Memo(tmp_path / "m").measure(one, images[:3])
    memo = Memo(tmp_path / "m", computes=counting)
    memo.measure_together([one, other], images)
    assert given == {(1,): 3, (0, 1): 5}
    memo.measure_together([one, other], images)
    assert sum(given.values()) == 8


def test_items_that_are_no_pictures_are_handed_over_as_they_are(tmp_path: Path) -> None:
    signals = Memo(tmp_path / "m", computes=one_by_one).compute(Halves(), [Item(id="a1", value=6)])
    assert signals["a1"] == Score(value=3.0)


def test_what_was_computed_before_the_work_broke_off_is_kept(tmp_path: Path) -> None:
    images, log = greys(tmp_path, 24), tmp_path / "calls"

    def breaks_off(work: Work, chunks: Iterable[Sequence[Need]]) -> Generator[Sequence[Done]]:
        with closing(LoadsAhead(1)(work, chunks)) as done:
            yield from islice(done, 2)  # batches of 4: one whole chunk
            raise DcvlrError("the cluster is gone")

    with pytest.raises(DcvlrError, match="the cluster is gone"):
        Memo(tmp_path / "m", chunk_size=8, computes=breaks_off).measure(Brightness(log=str(log)), images)
    assert not list((tmp_path / "m").rglob("*.lock"))
    before = len(log.read_text().splitlines())
    signals = Memo(tmp_path / "m", chunk_size=8).measure(Brightness(log=str(log)), images)
    assert not any(isinstance(signal, Failure) for signal in signals.values())
    assert len(log.read_text().splitlines()) - before == 16


def test_who_leaves_a_chunk_undone_is_named(tmp_path: Path) -> None:
    def lazy(work: Work, chunks: Iterable[Sequence[Need]]) -> Generator[Sequence[Done]]:
        for chunk in chunks:
            yield work.run([(need, work.load(need)) for need in chunk[1:]])

    with pytest.raises(AssertionError, match="left 1 chunks without results"):
        Memo(tmp_path / "m", computes=lazy).measure(Brightness(), greys(tmp_path, 3))
