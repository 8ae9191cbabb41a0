"""How a run of many workers grows, and what breaks first: python bench/fleet.py [SEED]

A simulation of what the memo does: workers take chunks until none is left, publish each, lose at most the chunk in
flight when they are preempted, and whoever finds it abandoned does it again once its lease is over. Costs are lognormal
a picture, with the mean and spread that were measured here (`MEASURED`); what cannot be measured on one machine is
assumed and says so (`ASSUMED`). The makespan is set against the ideal: all work, shared out evenly among workers of
their speeds, which never fail and wait for nothing. Seeded: the same table each time.
"""

from __future__ import annotations

import heapq
import math
import random
import sys
from dataclasses import dataclass, replace

LEASE_S = 60.0  # runtime.lease_s
OPERATIONS = 18  # of a chunk on its file system, by strace: 5 that change a folder, 3 flushes, 10 looks


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Seconds, but for the shares."""

    picture: float  # of one core, all models that look at it
    spread: float  # of the logarithm of that
    chunk: float  # lock, publish and release
    read: float = 0.0  # a picture's way from an object store
    reads_at_once: int = 16  # remote.threads
    hours_between_preemptions: float = math.inf
    back_after: float = 120.0
    slow_share: float = 0.0
    slow_factor: float = 2.0
    operations_per_s: float = math.inf  # that the file server answers, of all workers together


MEASURED = Costs(picture=1.8, spread=0.7, chunk=0.006)  # statistics, nudenet and rapidocr on the trial pictures
ASSUMED = replace(
    MEASURED, chunk=0.05, read=0.1, hours_between_preemptions=12.0, slow_share=0.05
)  # a network file system, an object store, spot machines, and a slow node in twenty
FAST = replace(MEASURED, picture=1 / 900, chunk=0.05, operations_per_s=20_000)  # a GPU each and a good file server


def simulated(workers: int, pictures: int, chunk: int, costs: Costs, seed: int) -> float:
    """Makespan by ideal."""
    rng = random.Random(seed)
    slow = round(workers * costs.slow_share)
    speeds = [1 / costs.slow_factor] * slow + [1.0] * (workers - slow)
    mean = max(costs.picture, costs.read / costs.reads_at_once)
    deviation = costs.picture * math.sqrt(math.expm1(costs.spread**2))
    left, end = -(-pictures // chunk), 0.0
    free = [(0.0, worker) for worker in range(workers)]
    abandoned: list[tuple[float, int]] = []  # from when on, how many chunks
    while left or abandoned:
        now, worker = heapq.heappop(free)
        while abandoned and abandoned[0][0] <= now:
            left += heapq.heappop(abandoned)[1]
        if not left:
            if abandoned:  # all that is left is locked by the dead
                heapq.heappush(free, (abandoned[0][0], worker))
            continue
        taken = max(1, left // (workers * 32))  # many at a time, as long as there are many: only for speed
        left -= taken
        work = max(0.1 * mean, rng.gauss(mean, deviation / math.sqrt(taken * chunk))) * chunk / speeds[worker]
        took = taken * (work + costs.chunk)
        lost = rng.expovariate(1 / (costs.hours_between_preemptions * 3600)) if slow or costs.read else math.inf
        if lost < took:
            done = int(lost / (work + costs.chunk))
            left += taken - done - 1
            heapq.heappush(abandoned, (now + lost + LEASE_S, 1))
            heapq.heappush(free, (now + lost + costs.back_after, worker))
            end = max(end, now + lost if done else end)
        else:
            heapq.heappush(free, (now + took, worker))
            end = max(end, now + took)
    served = -(-pictures // chunk) * OPERATIONS / costs.operations_per_s
    return max(end, served) / (pictures * costs.picture / sum(speeds))


BYTES = {  # a picture
    "the list of pictures, in each worker": 230,
    "hashes for the search, on the node that decides": 40,
    "index of a model, in segments": 28,
    "index of a model, in chunk files": 200,
}
DISK_BYTES = {"values.jsonl, ledger and lists of both stages": 1_300, "signals of four models": 1_340}
DECIDE_S = 30e-6


def amounts() -> None:
    counts = [10**power for power in (6, 7, 8, 9)]
    print(f"{'what a picture costs':50}" + "".join(f"{count:>14,}" for count in counts))
    for title, size in {**BYTES, **DISK_BYTES}.items():
        print(f"{title + ', GB':50}" + "".join(f"{count * size / 1e9:>14,.1f}" for count in counts))
    print(f"{'deciding, one core, hours':50}" + "".join(f"{count * DECIDE_S / 3600:>14,.2f}" for count in counts))
    print(f"{'chunks of 64':50}" + "".join(f"{count // 64:>14,}" for count in counts))


def main() -> None:
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    for title, (costs, chunks) in SCENARIOS.items():
        print(f"\n{title}: makespan / ideal\n{'pictures':>14} {'chunk':>6}", *(f"{w:>7,}" for w in WORKERS))
        for pictures in (10**6, 10**7, 10**8, 10**9):
            for chunk in chunks:
                cells = [f"{simulated(workers, pictures, chunk, costs, seed):>7.3f}" for workers in WORKERS]
                print(f"{pictures:>14,} {chunk:>6}", *cells)
    print("\npictures/s that a worker is read from an object store of 0.1 s, by remote.threads:")
    print(*(f"{threads}: {threads / ASSUMED.read:,.0f}" for threads in (16, 64, 128)), sep="   ")
    print()
    amounts()


WORKERS = (8, 64, 512, 4096)
SCENARIOS = {
    "one cluster, nothing fails": (MEASURED, (16, 64, 256)),
    "spot machines, object store": (ASSUMED, (16, 64, 256)),
    "900 pictures/s and worker, one file server of 20,000 operations/s": (FAST, (64, 256, 1024, 4096)),
}

if __name__ == "__main__":
    main()
