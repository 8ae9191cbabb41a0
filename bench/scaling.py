"""One process, two, and the two nodes of a Ray cluster on the same pictures: scaling.py [COUNT ROUNDS WAY…]

COUNT drawn pages (640) go through NudeNet, whose weights are in its package, with one thread of the processor for each
that computes. Every WAY (one two ray1 ray2) runs in turn, ROUNDS times (3). Each process and each node has a core of
its own, one process and one actor the first; a cluster lives only while its way is tried. Each worker says when it
decodes and computes, so that starting (processes, Ray, actors, the model) is left out: all is counted from when the
last worker has done its first batch until the last batch is done.
`pictures/s` are by the clock, `CPU ms` those of a worker for a picture. `idle %` is how long workers neither decoded
nor computed; `driver %` is what this process, which drives Ray and looks on, took of one core, `others %` what Ray's
own processes took. `by clock` and `foreseen` are times as fast as the first way: as the clock says, which means little
where the line above the table says that others compute too, and from the four before, as it would be on free cores.
Aims: two of anything 1.9 times as fast as one, and Ray with one actor within 5 % of one process.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", RAY_USAGE_STATS_ENABLED="0", RAY_num_prestart_python_workers="0")
os.environ.update(RAY_worker_niceness="0")  # as nice as processes: else whoever else computes slows down actors alone

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
from dedup_pages import draw_pages
from numpy.typing import NDArray

from dcvlr.config import compose, make
from dcvlr.execution.runtime import Computes, Done, Need
from dcvlr.execution.threads import LoadsAhead
from dcvlr.execution.workers import Worker
from dcvlr.memo import Memo
from dcvlr.memo.memo import measured_models
from dcvlr.records import ImageRecord

LOOK_EVERY_S = 1.0

Way = Callable[[Path, list[ImageRecord]], None]  # measures in a folder, and leaves the times of its workers there


@dataclass(frozen=True)
class Timed:
    """`work` whose workers write a line each time: process, pictures computed, begin, end, CPU s until then."""

    work: Any
    log: str

    @property
    def batch_size(self) -> int:
        return int(self.work.batch_size)

    @property
    def fetches(self) -> int:
        return int(self.work.fetches)

    def fetch(self, need: Need, /) -> Any:
        return self.work.fetch(need)

    def load(self, need: Need, fetched: Any = None, /) -> Any:
        start = time.time()
        loaded = self.work.load(need, fetched)
        self._write(0, start)
        return loaded

    def run(self, batch: Sequence[tuple[Need, Any]], /) -> list[Done]:
        start = time.time()
        done: list[Done] = self.work.run(batch)
        self._write(len(batch), start)
        return done

    def _write(self, pictures: int, start: float) -> None:
        with open(self.log, "a") as file:  # noqa: PTH123  also where this class is pickled by value
            file.write(f"{os.getpid()} {pictures} {start} {time.time()} {time.process_time()}\n")


def timed(computes: Computes, folder: Path) -> Computes:
    return lambda work, chunks: computes(Timed(work, str(folder / "times")), chunks)


def model() -> Any:
    (one,) = measured_models(make(compose([]), "filtering").nsfw)
    return one


def in_this_process(folder: Path, images: list[ImageRecord], worker: Worker) -> None:
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[worker.rank]})
    Memo(folder / "memo", worker=worker, computes=timed(LoadsAhead(1), folder)).measure(model(), images)


def in_processes(count: int) -> Way:
    def measure(folder: Path, images: list[ImageRecord]) -> None:
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            workers = [Worker(rank=rank, size=count) for rank in range(count)]
            done = [pool.submit(in_this_process, folder, images, worker) for worker in workers]
            for one in done:
                one.result()

    return measure


def on_ray(nodes: int) -> Way:
    def measure(folder: Path, images: list[ImageRecord]) -> None:
        with cluster_of(nodes) as address:
            runtime = make(compose(["runtime=ray", f"runtime.address={address}", f"runtime.actors={nodes}"]), "runtime")
            Memo(folder / "memo", computes=timed(runtime.computes(Worker()), folder)).measure(model(), images)

    return measure


@contextmanager
def cluster_of(nodes: int) -> Iterator[str]:
    import ray
    from ray.cluster_utils import Cluster

    cluster, cores = Cluster(), os.sched_getaffinity(0)
    for core in sorted(cores)[:nodes]:
        os.sched_setaffinity(0, {core})  # what a node starts inherits it
        cluster.add_node(num_cpus=1, object_store_memory=100 << 20, include_dashboard=False)
    os.sched_setaffinity(0, cores)
    try:
        yield cluster.address
    finally:
        ray.shutdown()
        cluster.shutdown()


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Of the pictures that were computed once all workers were at work."""

    rate: float  # pictures a second
    cpu_s: float  # of a worker for a picture
    idle: float  # share of the workers' time
    driver: float  # cores that this process took
    others: float  # cores that neither this process nor the workers took
    starting_s: float  # until then


def cost_of(way: Way, images: list[ImageRecord]) -> Cost:
    looks: list[tuple[float, dict[int, float]]] = []
    has_ended, start = Event(), time.time()

    def watch() -> None:
        while not has_ended.wait(LOOK_EVERY_S):
            looks.append((time.time(), cpu_seconds()))

    watching = Thread(target=watch)
    watching.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            way(Path(folder), images)
            times = np.loadtxt(Path(folder) / "times")
    finally:
        has_ended.set()
        watching.join()
    return _cost(times, looks, start)


def _cost(times: NDArray[np.float64], looks: list[tuple[float, dict[int, float]]], start: float) -> Cost:
    """`times` are rows of process, pictures, begin, end and CPU s, `looks` CPU s by process."""
    of_workers = {int(process): times[times[:, 0] == process] for process in np.unique(times[:, 0])}
    begin, end = max(rows[rows[:, 1] > 0, 3].min() for rows in of_workers.values()), times[:, 3].max()
    batches = times[times[:, 1] > 0]
    inside = np.clip(batches[:, 3] - np.maximum(batches[:, 2], begin), 0, None) / (batches[:, 3] - batches[:, 2])
    pictures = (batches[:, 1] * inside).sum()  # of a batch that was half done at the beginning half
    of_work = [look for look in looks if begin <= look[0] <= end]
    if len(of_work) < 2:
        sys.exit(f"{pictures:.0f} pictures took {end - begin:.1f} s once all were at work: give a larger COUNT")
    (first, before), (last, after) = of_work[0], of_work[-1]
    later = [rows[rows[:, 3] >= rows[rows[:, 1] > 0, 3].min()] for rows in of_workers.values()]
    cpu_s = sum(np.ptp(rows[:, 4]) for rows in later) / sum(rows[1:, 1].sum() for rows in later)
    busy_s = sum(_busy_s(np.maximum(rows[:, 2:4], begin)) for rows in of_workers.values())
    taken = {process: after[process] - before.get(process, 0.0) for process in after.keys() - of_workers.keys()}
    driver = taken.pop(os.getpid())
    return Cost(
        rate=pictures / (end - begin),
        cpu_s=cpu_s,
        idle=1 - busy_s / (len(of_workers) * (end - begin)),
        driver=driver / (last - first),
        others=sum(taken.values()) / (last - first),
        starting_s=begin - start,
    )


def _busy_s(spans: NDArray[np.float64]) -> float:
    """How long at least one of the spans, rows of begin and end, was under way: threads decode beside the model."""
    busy, until = 0.0, 0.0
    for begin, end in spans[spans[:, 0].argsort()]:
        busy += max(0.0, end - max(begin, until))
        until = max(until, end)
    return busy


def cpu_seconds() -> dict[int, float]:
    """Of this process and all below it that live, by number."""
    parents, taken = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(") ")[2].split()
        except OSError:  # it has ended
            continue
        pid = int(path.parent.name)
        parents[pid] = int(fields[1])
        taken[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    own = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in own} - own:
        own |= more
    return {pid: taken[pid] for pid in own}


def main() -> None:
    count, rounds = [int(word) for word in sys.argv[1:3]] or [640, 3]
    with tempfile.TemporaryDirectory() as folder:
        images = draw_pages(Path(folder), 0, count)
        ways = {
            "one": ("one process", 1, in_processes(1)),
            "two": ("two processes", 2, in_processes(2)),
            "ray1": ("Ray, one actor", 1, on_ray(1)),
            "ray2": ("Ray, two nodes", 2, on_ray(2)),
        }
        chosen = [ways[name] for name in sys.argv[3:] or ways]
        print(f"{len(os.sched_getaffinity(0))} cores, {os.getloadavg()[0]:.1f} wanted by all programs before")
        heads = f"{'pictures/s':>11} {'CPU ms':>7} {'idle %':>7} {'driver %':>9} {'others %':>9}"
        print(f"{'way':16} {heads} {'by clock':>9} {'foreseen':>9} {'starting s':>11}")
        for _ in range(rounds):
            first: Cost | None = None
            for way, workers, measure in chosen:
                cost = cost_of(measure, images)
                first = first or cost
                foreseen = _on_free_cores(cost, workers) / _on_free_cores(first, 1)
                measured = f"{cost.rate:>11.2f} {1000 * cost.cpu_s:>7.1f} {100 * cost.idle:>7.1f}"
                besides = f"{100 * cost.driver:>9.1f} {100 * cost.others:>9.1f}"
                faster = f"{cost.rate / first.rate:>9.2f} {foreseen:>9.2f}"
                print(f"{way:16} {measured} {besides} {faster} {cost.starting_s:>11.1f}", flush=True)


def _on_free_cores(cost: Cost, cores: int) -> float:
    """Pictures a second."""
    return (cores - cost.driver - cost.others) * (1 - cost.idle) / cost.cpu_s


if __name__ == "__main__":
    main()
