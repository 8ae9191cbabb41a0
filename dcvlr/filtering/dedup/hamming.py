"""Near-duplicates among 64-bit hashes: every pair within a Hamming distance is found, none is listed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, pairwise
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Blocks = tuple[tuple[int, int], ...]
"""Of each block its lowest bit and its width."""

_BITS = 64
_LONG_RUN = 4  # in a run of equal keys this long members of one cluster are passed over
_THREADS = 2
_STALE = 64  # members are sorted by cluster again once one in so many was joined to another cluster

# Measured on one core, in nanoseconds: cutting out and sorting a key, per hash; comparing one pair.
_KEY_NS, _PAIR_NS = 60.0, 15.0


def cluster(hashes: NDArray[np.uint64], threshold: int, joined: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """A cluster number for each hash: connected components of "differ in fewer than `threshold` bits".

    `joined`, 2 x n, are indices of hashes that belong together whatever their bits.
    """
    distinct, inverse = np.unique(hashes, return_inverse=True)
    forest = Forest(len(distinct))
    if joined is not None:
        forest.join(inverse[joined[0]], inverse[joined[1]])
    radius = threshold - 1
    if radius > 0 and len(distinct) > 1:
        _link_sorted_neighbours(distinct, radius, forest)
        _link_all(distinct, radius, forest)
    return forest.roots()[inverse]


class Forest:
    """Disjoint sets over 0 … size-1, joined many pairs at a time; a root is the smallest member of its set."""

    def __init__(self, size: int) -> None:
        self._parents = np.arange(size)
        self.joined = 0  # how often one set became part of another
        self._lock = Lock()

    def roots(self) -> NDArray[np.int64]:
        """The root of every member."""
        with self._lock:
            while True:
                above: NDArray[np.int64] = self._parents[self._parents]
                if np.array_equal(above, self._parents):
                    return above
                self._parents = above

    def join(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> None:
        """Put each of `left` into one set with its partner of `right`; several threads may do so at a time."""
        apart = self._parents[left] != self._parents[right]  # most are in one set already: no root is looked for
        left, right = left[apart], right[apart]
        with self._lock:
            while left.size:
                left, right = self._find(left), self._find(right)
                apart = left != right
                left, right = left[apart], right[apart]
                self.joined += len(left)
                # Where a root has several partners one of them wins; the others are still apart in the next round.
                self._parents[np.maximum(left, right)] = np.minimum(left, right)

    def _find(self, members: NDArray[np.int64]) -> NDArray[np.int64]:
        while True:
            above = self._parents[members]
            if np.array_equal(above, members):
                return members
            members = above


def _link_sorted_neighbours(hashes: NDArray[np.uint64], radius: int, forest: Forest) -> None:
    """Join neighbours in the order of a few rotations: a crowd of near-identical hashes is one set from the start."""
    for turn in range(0, _BITS, 8):
        rotated = (hashes << np.uint64(turn)) | (hashes >> np.uint64((_BITS - turn) % _BITS))
        order = np.argsort(rotated)
        ordered = rotated[order]
        near = np.bitwise_count(ordered[1:] ^ ordered[:-1]) <= radius
        forest.join(order[1:][near], order[:-1][near])


def _link_all(hashes: NDArray[np.uint64], radius: int, forest: Forest) -> None:
    """Join every pair within `radius`.

    Cut into radius + k blocks, two such hashes agree in at least k blocks. So for every choice of k blocks, hashes are
    sorted by these bits, and only those that share them are compared: no pair is missed.
    """
    size = len(hashes)
    index_bits = np.uint64((size - 1).bit_length())
    numbers = np.arange(size, dtype=np.uint64)
    by_cluster, sorted_at = np.argsort(forest.roots(), kind="stable"), forest.joined

    def link(blocks: Blocks) -> None:
        nonlocal by_cluster, sorted_at
        if forest.joined - sorted_at > size // _STALE:
            by_cluster, sorted_at = np.argsort(forest.roots(), kind="stable"), forest.joined
        standing = by_cluster
        packed = (_cut(hashes[standing], blocks) << index_bits) | numbers
        packed.sort()  # several times faster than np.argsort of the keys
        keys = packed >> index_bits
        order = standing[packed ^ (keys << index_bits)]
        _link_runs(HashRun(hashes[order], keys, order), radius, forest)

    with ThreadPoolExecutor(_THREADS) as pool:  # NumPy sorts and compares without the GIL
        list(pool.map(link, _block_choices(radius, size)))


class HashRun(NamedTuple):
    """Hashes in the order of their keys, and the members of the forest they are."""

    hashes: NDArray[np.uint64]
    keys: NDArray[np.uint64]
    members: NDArray[np.int64]


def _link_runs(run: HashRun, radius: int, forest: Forest) -> None:
    """Join what is near among equal keys."""
    left = np.flatnonzero(run.keys[1:] == run.keys[:-1])
    ends = np.append(np.flatnonzero(run.keys[1:] != run.keys[:-1]) + 1, len(run.keys))
    ends = ends[np.searchsorted(ends, left, side="right")]
    for step in range(1, _LONG_RUN):
        _link(run, left, left + step, radius, forest)
        longer = left + step + 1 < ends
        left, ends = left[longer], ends[longer]
        if not left.size:
            return
    _link_long_runs(run, left, ends, radius, forest)


def _link_long_runs(
    run: HashRun, left: NDArray[np.int64], ends: NDArray[np.int64], radius: int, forest: Forest
) -> None:
    """The same for what is _LONG_RUN or more places apart, except within one cluster whose members stand together."""
    roots = forest.roots()[run.members]
    changes = np.append(np.flatnonzero(roots[1:] != roots[:-1]) + 1, len(roots))
    next_cluster = changes[np.searchsorted(changes, left, side="right")]
    right = np.maximum(left + _LONG_RUN, next_cluster)
    while left.size:
        more = right < ends
        left, right, ends = left[more], right[more], ends[more]
        _link(run, left, right, radius, forest)
        right = right + 1


def _link(run: HashRun, left: NDArray[np.int64], right: NDArray[np.int64], radius: int, forest: Forest) -> None:
    near = np.bitwise_count(run.hashes[left] ^ run.hashes[right]) <= radius
    forest.join(run.members[left[near]], run.members[right[near]])


def _block_choices(radius: int, size: int) -> Iterator[Blocks]:
    """All choices of k of radius + k blocks."""
    k = _blocks_to_agree(radius, size)
    edges = [round(_BITS * part / (radius + k)) for part in range(radius + k + 1)]
    blocks = [(low, high - low) for low, high in pairwise(edges)]
    return combinations(blocks, k)


def _blocks_to_agree(radius: int, size: int) -> int:
    """The k that costs least for hashes that are spread evenly; 0 compares all pairs."""

    def cost(k: int) -> float:
        pairs_per_hash = size / 2 ** (_BITS * k / (radius + k)) / 2
        return math.comb(radius + k, k) * (_KEY_NS + _PAIR_NS * pairs_per_hash)

    fitting = [k for k in range(8) if _BITS * k / (radius + k) + 1 + size.bit_length() < _BITS]
    return min(fitting, key=cost)


def _cut(hashes: NDArray[np.uint64], blocks: Blocks) -> NDArray[np.uint64]:
    """The bits of some blocks, side by side at the low end."""
    key = np.zeros(len(hashes), np.uint64)
    for low, width in blocks:
        key <<= np.uint64(width)
        key |= (hashes >> np.uint64(low)) & np.uint64((1 << width) - 1)
    return key
