"""Near-duplicate search: time, memory and exactness of the block join, beside others where they are installed.

    python bench/dedup.py [threshold] [size]

With a size only the block join of so many hashes is measured, 90 % unrelated and 10 % copies.
The second table is the whole search, up to the pairs that are looked at: groups, crowds and rounds, with the answers of
the looks made up, and with their bits drawn in memory. Two pictures of three have a content hash of their own.

Each row runs in a process of its own. A search that looks up one hash after another is timed on a few hundred look-ups
and its time for all of them is extrapolated, which is marked with a tilde. Seconds are those of the clock; those of the
processor, all threads together, stand beside them, since they depend less on what else the machine does.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from importlib.util import find_spec
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from dcvlr.filtering.dedup.crowds import nearest
from dcvlr.filtering.dedup.hamming import cluster
from dcvlr.filtering.dedup.near_hashes import near_hashes
from dcvlr.filtering.dedup.pictures import Pictures
from dcvlr.filtering.dedup.resolve import duplicates
from dcvlr.records import Finding

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
    for index in range(most):
        bit = np.uint64(1) << rng.integers(0, 64, len(hashes), dtype=np.uint64)
        hashes = np.where(flips > index, hashes ^ bit, hashes)
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


def crowded(size: int) -> tuple[Hashes, NDArray[np.int64]]:
    """A fifth in groups of 1,000 to 20,000 within 8 bits, like pages of one form; and the group of each or -1."""
    rng = np.random.default_rng(3)
    hashes, groups = spread(size), np.full(size, -1)
    start, left = 0, size // 5
    while left >= 1000:
        count = min(left, int(rng.integers(1000, 20_001)))
        hashes[start : start + count] = flipped(rng, np.full(count, hashes[start]), 4)
        groups[start : start + count] = start
        start, left = start + count, left - count
    return hashes, groups


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

    names = {str(index): f"{value:016x}" for index, value in enumerate(hashes.tolist())}
    search = BruteForceCython(names, None)  # the distance is built in
    queries = [names[str(index)] for index in range(len(hashes) - 10, len(hashes))]
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
    hashes = CASES[case]() if case in CASES else spread(int(case.replace(",", "")))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu = time.process_time()
    seconds, is_extrapolated, note = run(hashes, threshold)
    note = f"{time.process_time() - cpu:.1f} s of the processor; {note}"
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return Row(seconds, is_extrapolated, more / 1024, note)


@dataclass
class MadeUpLooks:
    """`ConfirmedHashes` without pictures: in a crowd one of twenty copies another's look, and such a pair is alike."""

    threshold: int
    groups: NDArray[np.int64]
    looks: int = 0
    crowds: int = 0
    drawing_s: float = 0.0
    originals: dict[int, int] = field(default_factory=dict)

    def candidates(self, pictures: Pictures, memo: object) -> dict[int, list[int]]:
        near = near_hashes(pictures, self.threshold)
        self.crowds = len(near.crowds)
        found = near.few
        for crowd in near.crowds:
            start = time.perf_counter()
            bits = self._draw(crowd)
            self.drawing_s += time.perf_counter() - start
            for index, others in zip(crowd.tolist(), nearest(bits, lambda a, b: np.ones(len(a), bool)), strict=True):
                if others:
                    found[index] = crowd[others].tolist()
        return found

    def _draw(self, crowd: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Bits of looks: a fifth of them differs between two forms on average, up to 9 in a copy."""
        rng = np.random.default_rng(len(crowd))
        own = rng.random((len(crowd), 256)) < rng.choice((0, 0.1, 0.4), 256)
        own ^= rng.random(256) < 0.5  # the form
        for copy in range(20, len(crowd), 20):
            own[copy] = own[copy - 11]
            own[copy, rng.integers(0, 256, rng.integers(0, 10))] ^= True
            self.originals[int(crowd[copy])] = int(crowd[copy - 11])
        return np.packbits(own, axis=1).view(np.uint64)

    def confirm(self, pictures: Pictures, pairs: Sequence[tuple[int, int]], memo: object) -> list[Finding | None]:
        self.looks += len(pairs)
        alike = Finding(name="duplicate", passed=False)
        return [
            alike if self.groups[one] < 0 or self.originals.get(one, one) == self.originals.get(other, other) else None
            for one, other in pairs
        ]


def inked(hashes: Hashes) -> Hashes:
    """Content hashes: for one in three that of the whole, else some bits away, the same ones for near hashes."""
    mixed = (hashes >> np.uint64(32)) * np.uint64(0x9E3779B97F4A7C15)
    return np.where(mixed % np.uint64(3) == 0, hashes, hashes ^ (mixed & np.uint64(0x0101010101010101)))


def whole_search(size: int, threshold: int) -> Row:
    hashes, groups = crowded(size)
    contents = inked(hashes)
    pictures = Pictures(images=range(size), phashes=hashes, content_phashes=contents, ranks=np.arange(size))  # type: ignore[arg-type]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    finder = MadeUpLooks(threshold, groups)
    start, cpu = time.perf_counter(), time.process_time()
    found = duplicates(pictures, [finder], None)  # type: ignore[arg-type]
    seconds = time.perf_counter() - start - finder.drawing_s
    cpu = time.process_time() - cpu
    missed = sum(copy not in found for copy in finder.originals)
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    note = (
        f"{cpu:.1f} s of the processor, looks drawn included; {finder.crowds} crowds, {finder.looks:,} pairs looked "
        f"at, {missed} of {len(finder.originals):,} copies missed"
    )
    return Row(seconds, False, more / 1024, note)


def main() -> None:
    threshold = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    table = Table(title=f"Hashes that differ in fewer than {threshold} of 64 bits")
    for heading in ("hashes", "method", "seconds", "memory on top, MB", ""):
        table.add_column(heading, justify="right" if heading.startswith(("sec", "mem")) else "left")
    cases = {f"{int(sys.argv[2]):,}": ["block join"]} if len(sys.argv) > 2 else {key: [*METHODS] for key in CASES}
    for case, methods in cases.items():
        for method in methods:
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                row = pool.submit(measure, case, method, threshold).result()
            seconds = "" if row.seconds is None else f"{'~' if row.is_extrapolated else ''}{row.seconds:,.2f}"
            memory = "" if row.seconds is None else f"{row.memory_mb:,.0f}"
            table.add_row(case, method, seconds, memory, row.note)
    Console(width=150).print(table)
    for size in (100_000, 1_000_000) if len(sys.argv) < 3 else ():
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            row = pool.submit(whole_search, size, threshold).result()
        time_s = f"{row.seconds:.1f} s, {row.memory_mb:,.0f} MB"
        print(f"whole search, {size:,} pictures, a fifth in crowds: {time_s}; {row.note}")


if __name__ == "__main__":
    main()
