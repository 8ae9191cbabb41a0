"""One process, two, and the two nodes of a Ray cluster on the same pictures: python bench/scaling.py [COUNT ROUNDS]

COUNT drawn pages (320) go through NudeNet, whose weights are in its package, with one thread of the processor for each
that computes. Every way runs in turn, ROUNDS times (3), first on 16 pictures and then on all; the difference is the
time of the others, without starting anything: processes, Ray, actors, the model. Each process and each node has a core
of its own, one process and one actor the first; a cluster lives only while its way is tried. `ideal s` are the seconds
of the processor shared out evenly: what the clock would say on as many free cores. Both are set against one process:
`by clock` means little where the line above the table says that others compute too, `ideal` tells then that nothing is
done twice, and not that nobody waits. Aims: two of anything 1.9 times as fast as one, and Ray with one actor within 5 %
of one process.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", RAY_USAGE_STATS_ENABLED="0", RAY_num_prestart_python_workers="0")

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
from dedup_pages import draw_pages
from numpy.typing import NDArray

from dcvlr.config import compose, make
from dcvlr.execution.threads import LoadsAhead
from dcvlr.execution.workers import Worker
from dcvlr.memo import Memo
from dcvlr.memo.memo import measured_models
from dcvlr.records import ImageRecord

FEW = 16
LOOK_EVERY_S = 0.2  # what a process takes between the last look and its end is not seen


def model() -> Any:
    (one,) = measured_models(make(compose([]), "filtering").nsfw)
    return one


def in_this_process(folder: Path, images: list[ImageRecord], worker: Worker) -> None:
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[worker.rank]})
    Memo(folder, worker=worker, computes=LoadsAhead(1)).measure(model(), images)


def in_processes(count: int) -> Callable[[Path, list[ImageRecord]], None]:
    def measure(folder: Path, images: list[ImageRecord]) -> None:
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            workers = [Worker(rank=rank, size=count) for rank in range(count)]
            done = [pool.submit(in_this_process, folder, images, worker) for worker in workers]
            for one in done:
                one.result()

    return measure


def on_ray(nodes: int) -> Callable[[Path, list[ImageRecord]], None]:
    def measure(folder: Path, images: list[ImageRecord]) -> None:
        with cluster_of(nodes) as address:
            runtime = make(compose(["runtime=ray", f"runtime.address={address}", f"runtime.actors={nodes}"]), "runtime")
            Memo(folder, computes=runtime.computes(Worker())).measure(model(), images)

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


def costs(measure: Callable[[Path, list[ImageRecord]], None], images: list[ImageRecord]) -> NDArray[np.float64]:
    """Seconds on the clock, and of the processor by this process and all that it has started."""
    taken: dict[tuple[int, str], float] = {}
    before, has_ended = cpu_seconds(), Event()

    def watch() -> None:
        while not has_ended.wait(LOOK_EVERY_S):
            taken.update(cpu_seconds())

    watching, start = Thread(target=watch), time.monotonic()
    watching.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), images)
        seconds = time.monotonic() - start
    finally:
        has_ended.set()
        watching.join()
    taken.update(cpu_seconds())
    return np.array((seconds, sum(taken.values()) - sum(before[one] for one in taken.keys() & before.keys())))


def cpu_seconds() -> dict[tuple[int, str], float]:
    """Of this process and all below it that live, by number and start; Ray's nodes do not tell of those that ended."""
    parents, taken = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(") ")[2].split()
        except OSError:  # it has ended
            continue
        pid = int(path.parent.name)
        parents[pid] = int(fields[1])
        taken[pid] = (fields[19], (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
    own = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in own} - own:
        own |= more
    return {(pid, taken[pid][0]): taken[pid][1] for pid in own}


def main() -> None:
    count, rounds = [int(word) for word in sys.argv[1:3]] or [320, 3]
    with tempfile.TemporaryDirectory() as folder:
        images = draw_pages(Path(folder), 0, count)
        ways = {
            "one process": (1, in_processes(1)),
            "two processes": (2, in_processes(2)),
            "Ray, one actor": (1, on_ray(1)),
            "Ray, two nodes": (2, on_ray(2)),
        }
        print(f"{len(os.sched_getaffinity(0))} cores, {os.getloadavg()[0]:.1f} wanted by all programs before")
        print(f"{'way':16} {'seconds':>8} {'CPU s':>8} {'ideal s':>8} {'by clock':>9} {'ideal':>6} {'starting s':>11}")
        for _ in range(rounds):
            first = np.zeros(2)
            for way, (workers, measure) in ways.items():
                starting = costs(measure, images[:FEW])
                taken = costs(measure, images) - starting
                first = first if first.any() else taken
                faster, less = first / taken
                seconds = f"{taken[0]:>8.1f} {taken[1]:>8.1f} {taken[1] / workers:>8.1f}"
                print(f"{way:16} {seconds} {faster:>9.2f} {workers * less:>6.2f} {starting[0]:>11.1f}", flush=True)


if __name__ == "__main__":
    main()
