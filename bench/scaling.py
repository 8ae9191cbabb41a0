"""One process, two, and the two nodes of a Ray cluster on the same pictures: python bench/scaling.py [COUNT ROUNDS]

COUNT drawn pages (320) go through NudeNet, whose weights are in its package, with one thread of the processor for each
that computes. Every way runs in turn, ROUNDS times (3), first on 16 pictures and then on all; the difference is the
time of the others, without starting anything: processes, Ray, actors, the model. Each process and each node has a core
of its own. `ideal s` are the seconds of the processor shared out evenly: what the clock would say on as many free
cores. Both are set against one process: `by clock` means little where the line above the table says that others compute
too, `ideal` tells then that nothing is done twice, and not that nobody waits. Aims: two of anything 1.9 times as fast
as one, and Ray with one actor within 5 % of one process.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", RAY_USAGE_STATS_ENABLED="0", RAY_num_prestart_python_workers="0")

import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
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


def on_ray(address: str, actors: int) -> Callable[[Path, list[ImageRecord]], None]:
    def measure(folder: Path, images: list[ImageRecord]) -> None:
        runtime = make(compose(["runtime=ray", f"runtime.address={address}", f"runtime.actors={actors}"]), "runtime")
        Memo(folder, computes=runtime.computes(Worker())).measure(model(), images)

    return measure


def costs(measure: Callable[[Path, list[ImageRecord]], None], images: list[ImageRecord]) -> NDArray[np.float64]:
    """Seconds on the clock, and of the processor by all processes."""
    with tempfile.TemporaryDirectory() as folder:
        before = np.array((time.monotonic(), cpu_seconds()))
        measure(Path(folder), images)
        return np.array((time.monotonic(), cpu_seconds())) - before


def cpu_seconds() -> float:
    """Of this process and all below it, whether they still live or not."""
    parents, taken = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(") ")[2].split()
        except OSError:  # it has ended
            continue
        parents[int(path.parent.name)] = int(fields[1])
        taken[int(path.parent.name)] = sum(map(int, fields[11:15]))  # with those of children that it has waited for
    own = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in own} - own:
        own |= more
    return sum(taken[pid] for pid in own) / os.sysconf("SC_CLK_TCK")


def two_nodes() -> Any:
    from ray.cluster_utils import Cluster

    cluster, cores = Cluster(), os.sched_getaffinity(0)
    for core in sorted(cores)[:2]:
        os.sched_setaffinity(0, {core})  # what a node starts inherits it
        cluster.add_node(num_cpus=1, object_store_memory=100 << 20, include_dashboard=False)
    os.sched_setaffinity(0, cores)
    return cluster


def main() -> None:
    import ray

    count, rounds = [int(word) for word in sys.argv[1:3]] or [320, 3]
    with tempfile.TemporaryDirectory() as folder:
        images = draw_pages(Path(folder), 0, count)
        cluster = two_nodes()
        ways = {
            "one process": (1, in_processes(1)),
            "two processes": (2, in_processes(2)),
            "Ray, one actor": (1, on_ray(cluster.address, 1)),
            "Ray, two nodes": (2, on_ray(cluster.address, 2)),
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
        ray.shutdown()
        cluster.shutdown()


if __name__ == "__main__":
    main()
