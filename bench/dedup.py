"""Near-duplicate search: time, memory and exactness of the block join, beside others where they are installed.

    python bench/dedup.py [threshold]

Each row runs in a process of its own. A search that looks up one hash after another is timed on a few hundred look-ups
and its time for all of them is extrapolated, which is marked with a tilde.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from dcvlr.filtering.duplicates import cluster

Hashes = NDArray[np.uint64]
SAMPLES = 400


@dataclass(frozen=True)
class Row:
    seconds: float | None
    is_extrapolated: bool
    memory_mb: float
    note: str


def flipped(rng: np.random.Generator, hashes: Hashes, most: int) -> Hashes:
    """Copies with 0 to `most` bits flipped."""
    flips = rng.integers(0, most + 1, len(hashes))
    for number in range(most):
        bit = np.uint64(1) << rng.integers(0, 64, len(hashes), dtype=np.uint64)
        hashes = np.where(flips > number, hashes ^ bit, hashes)
    return hashes


def spread(size: int) -> Hashes:
    """90 % unrelated, 10 % copies of some of them with 0 to 12 bits flipped."""
    rng = np.random.default_rng(0)
    unrelated = rng.integers(0, 2**64, size * 9 // 10, dtype=np.uint64)
    hashes = np.concatenate([unrelated, flipped(rng, rng.choice(unrelated, size - len(unrelated)), 12)])
    rng.shuffle(hashes)
    return hashes


def skewed(size: int) -> Hashes:
    """The same with 20,000 that are within 3 bits of one picture."""
    hashes = spread(size)
    hashes[:20_000] = flipped(np.random.default_rng(1), np.full(20_000, hashes[0]), 3)
    return hashes


CASES: dict[str, Callable[[], Hashes]] = {
    "100,000": lambda: spread(100_000),
    "1,000,000": lambda: spread(1_000_000),
    "1,000,000 with a crowd": lambda: skewed(1_000_000),
}


def block_join(hashes: Hashes, threshold: int) -> tuple[float, bool, str]:
    start = time.perf_counter()
    clusters = cluster(hashes, threshold)
    seconds = time.perf_counter() - start
    missed = pairs = 0
    for index in np.random.default_rng(2).integers(0, len(hashes), SAMPLES):
        near = np.flatnonzero(np.bitwise_count(hashes ^ hashes[index]) < threshold)
        pairs += len(near) - 1
        missed += int(np.count_nonzero(clusters[near] != clusters[index]))
    sizes = np.bincount(clusters)
    note = f"{np.count_nonzero(sizes)} clusters, largest {sizes.max()}; {missed} of {pairs} sampled pairs missed"
    return seconds, False, note


def faiss_flat(hashes: Hashes, threshold: int) -> tuple[float, bool, str]:
    import faiss

    codes = hashes.view(np.uint8).reshape(-1, 8)
    index = faiss.IndexBinaryFlat(64)
    index.add(codes)
    start = time.perf_counter()
    index.range_search(codes[-SAMPLES:], threshold)
    return (time.perf_counter() - start) * len(hashes) / SAMPLES, True, "exact; lists all pairs"


def imagededup_brute_force(hashes: Hashes, threshold: int) -> tuple[float, bool, str]:
    from imagededup.handlers.search.brute_force_cython import BruteForceCython

    names = {str(number): f"{value:016x}" for number, value in enumerate(hashes.tolist())}
    search = BruteForceCython(names, None)  # the distance is built in
    queries = [names[str(number)] for number in range(len(hashes) - 10, len(hashes))]
    start = time.perf_counter()
    for query in queries:
        search.search(query, threshold - 1)
    return (time.perf_counter() - start) * len(hashes) / len(queries), True, "exact; lists all pairs"


METHODS: dict[str, tuple[str | None, Callable[[Hashes, int], tuple[float, bool, str]]]] = {
    "block join": (None, block_join),
    "faiss IndexBinaryFlat": ("faiss", faiss_flat),
    "imagededup BruteForceCython": ("imagededup", imagededup_brute_force),
}


def measure(case: str, method: str, threshold: int) -> Row:
    package, run = METHODS[method]
    if package is not None and find_spec(package) is None:
        return Row(None, False, 0, "not installed")
    hashes = CASES[case]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds, is_extrapolated, note = run(hashes, threshold)
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return Row(seconds, is_extrapolated, more / 1024, note)


def main() -> None:
    threshold = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    table = Table(title=f"Hashes that differ in fewer than {threshold} of 64 bits")
    for heading in ("hashes", "method", "seconds", "memory on top, MB", ""):
        table.add_column(heading, justify="right" if heading.startswith(("sec", "mem")) else "left")
    for case in CASES:
        for method in METHODS:
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                row = pool.submit(measure, case, method, threshold).result()
            seconds = "" if row.seconds is None else f"{'~' if row.is_extrapolated else ''}{row.seconds:,.2f}"
            memory = "" if row.seconds is None else f"{row.memory_mb:,.0f}"
            table.add_row(case, method, seconds, memory, row.note)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
