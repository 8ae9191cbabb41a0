"""Near-duplicates among 64-bit hashes: every pair within a Hamming distance is found, none is listed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import combinations, pairwise
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Blocks = tuple[tuple[int, int], ...]
"""Of each block its lowest bit and its width."""

_Task = TypeVar("_Task")

_BITS = 64
_THREADS = 2
_PART = 1 << 17  # hashes that lie unpacked at a time
_BLOCK = 1 << 15  # hashes compared at a time: they stay in the processor's cache

_ALL = np.uint64(2**64 - 1)

# Measured on one core, in nanoseconds: cutting out, sorting and laying out by a key, per hash; comparing one pair.
_KEY_NS, _PAIR_NS = 60.0, 1.2


def cluster(hashes: NDArray[np.uint64], threshold: int, joined: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """A cluster number for each hash: connected components of "differ in fewer than `threshold` bits".

    `joined`, 2 x n, are indices of hashes that belong together whatever their bits.
    """
    distinct, inverse = _distinct(hashes)
    forest = Forest(len(distinct))
    if joined is not None:
        forest.join(inverse[joined[0]], inverse[joined[1]])
    radius = threshold - 1
    if radius > 0 and len(distinct) > 1:
        _link_sorted_neighbours(distinct, radius, forest)
        _link_all(distinct, radius, forest)
    return forest.roots()[inverse].astype(np.int64)


def _distinct(hashes: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """As `np.unique` with its inverse, in a third of the memory."""
    order = np.argsort(hashes)
    ordered = hashes[order]
    is_new = np.append(np.ones(len(hashes[:1]), bool), ordered[1:] != ordered[:-1])
    inverse = np.empty(len(hashes), np.int32)
    inverse[order] = np.cumsum(is_new, dtype=np.int32) - np.int32(1)
    return ordered[is_new], inverse


class Forest:
    """Disjoint sets over 0 … size-1, joined many pairs at a time; a root is the smallest member of its set."""

    def __init__(self, size: int) -> None:
        self._parents = np.arange(size, dtype=np.int32)
        self._lock = Lock()

    def roots(self) -> NDArray[np.int32]:
        """The root of every member."""
        with self._lock:
            while True:
                above: NDArray[np.int32] = self._parents[self._parents]
                if np.array_equal(above, self._parents):
                    return above
                self._parents = above

    def find(self, members: NDArray[np.int64]) -> NDArray[np.int32]:
        """The roots of some members."""
        with self._lock:
            return self._find(members)

    def join(self, left: NDArray[np.signedinteger[Any]], right: NDArray[np.signedinteger[Any]]) -> None:
        """Put each of `left` into one set with its partner of `right`; several threads may do so at a time."""
        apart = self._parents[left] != self._parents[right]  # most are in one set already: no root is looked for
        left, right = left[apart], right[apart]
        with self._lock:
            while left.size:
                left, right = self._find(left), self._find(right)
                apart = left != right
                left, right = left[apart], right[apart]
                # Where a root has several partners one of them wins; the others are still apart in the next round.
                self._parents[np.maximum(left, right)] = np.minimum(left, right)

    def _find(self, members: NDArray[np.signedinteger[Any]]) -> NDArray[np.int32]:
        found: NDArray[np.int32] = self._parents[members]
        while not np.array_equal(above := self._parents[found], found):
            found = above
        self._parents[members] = found
        return found


def _link_sorted_neighbours(hashes: NDArray[np.uint64], radius: int, forest: Forest) -> None:
    """Join neighbours in the order of a few rotations: a crowd of near-identical hashes is one set from the start."""
    index_bits = _index_bits(hashes)

    def link(turn: int) -> None:
        low, high = np.uint64(turn), np.uint64((_BITS - turn) % _BITS)

        def highest(part: NDArray[np.uint64]) -> NDArray[np.uint64]:
            return ((part << low) | (part >> high)) >> index_bits

        for _, members in _in_key_order(hashes, highest):
            near = np.bitwise_count(hashes[members[1:]] ^ hashes[members[:-1]]) <= radius
            forest.join(members[1:][near], members[:-1][near])

    _in_threads(link, range(0, _BITS, 8))


def _link_all(hashes: NDArray[np.uint64], radius: int, forest: Forest) -> None:
    """Join every pair within `radius`.

    Cut into radius + k blocks, two such hashes agree in at least k blocks. So for every choice of k blocks, hashes are
    sorted by these bits, and only those that share them are compared: no pair is missed.
    """

    def link(blocks: Blocks) -> None:
        usual = _usual_run(len(hashes), blocks)
        for keys, members in _in_key_order(hashes, partial(_cut, blocks=blocks)):
            ends = np.append(np.flatnonzero(keys[1:] != keys[:-1]) + 1, len(keys))
            _link_runs(Runs(hashes[members], members, ends), usual, radius, forest)

    _in_threads(link, _block_choices(radius, len(hashes)))


def _in_key_order(
    hashes: NDArray[np.uint64], key: Callable[[NDArray[np.uint64]], NDArray[np.uint64]]
) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int64]]]:
    """Keys, which leave room for a number, and the hashes they are of, sorted; equal keys come together, most at once.

    A key and its number are packed into one word: several times faster to sort than an index is, and all the memory
    that is needed beside one part.
    """
    index_bits, packed = _index_bits(hashes), np.empty_like(hashes)
    for start in range(0, len(hashes), _PART):
        part = slice(start, min(start + _PART, len(hashes)))
        packed[part] = (key(hashes[part]) << index_bits) | np.arange(part.start, part.stop, dtype=np.uint64)
    packed.sort()
    start = 0
    while start < len(packed):
        last_key = packed[min(start + _PART, len(packed)) - 1] >> index_bits
        end = int(np.searchsorted(packed, last_key << index_bits | ~(_ALL << index_bits), side="right"))
        keys = packed[start:end] >> index_bits
        yield keys, (packed[start:end] ^ (keys << index_bits)).astype(np.int64)
        start = end


def _index_bits(hashes: NDArray[np.uint64]) -> np.uint64:
    return np.uint64((len(hashes) - 1).bit_length())


def _in_threads(link: Callable[[_Task], None], tasks: Iterable[_Task]) -> None:
    with ThreadPoolExecutor(_THREADS) as pool:  # NumPy sorts and compares without the GIL
        list(pool.map(link, tasks))


class Runs(NamedTuple):
    """Hashes in the order of their keys, the members of the forest they are, and where each run of equal keys ends."""

    hashes: NDArray[np.uint64]
    members: NDArray[np.int64]
    ends: NDArray[np.int64]

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.ends, prepend=0)


def _link_runs(runs: Runs, usual: int, radius: int, forest: Forest) -> None:
    """Join what is near among equal keys; runs longer than `usual` hold a crowd and are gone through one by one."""
    lengths = runs.lengths
    for index in np.flatnonzero(lengths > usual).tolist():
        run = slice(int(runs.ends[index] - lengths[index]), int(runs.ends[index]))
        _link_long_run(runs.hashes[run], runs.members[run], radius, forest)
    short = np.flatnonzero((lengths > 1) & (lengths <= usual))
    short = short[np.argsort(lengths[short], kind="stable")]
    lengths, starts = lengths[short], (runs.ends - lengths)[short]
    first = 0
    while first < len(lengths):
        shortest = int(lengths[first])
        alike = int(np.searchsorted(lengths, shortest * 9 // 8, side="right"))
        last = min(alike, first + max(1, _BLOCK // shortest))
        _link_short_runs(runs, starts[first:last], int(lengths[last - 1]), radius, forest)
        first = last


def _link_short_runs(runs: Runs, starts: NDArray[np.int64], length: int, radius: int, forest: Forest) -> None:
    """Compare all members of runs of about this length with each other; beyond a run, too, does no harm.

    Each run is a ring, of which half a turn brings every two together: all first members, then all second ones, …
    """
    rows = np.minimum(starts + np.arange(length)[:, None], len(runs.hashes) - 1).ravel()
    ring = runs.hashes[rows]
    turned = np.concatenate([ring, ring[: length // 2 * len(starts)]])
    left, right = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for turn in range(len(starts), (length // 2 + 1) * len(starts), len(starts)):
        near = np.flatnonzero(np.bitwise_count(ring ^ turned[turn : turn + len(ring)]) <= radius)
        left.append(near)
        right.append((near + turn) % len(ring))
    members = runs.members[rows]
    forest.join(members[np.concatenate(left)], members[np.concatenate(right)])


def _link_long_run(hashes: NDArray[np.uint64], members: NDArray[np.int64], radius: int, forest: Forest) -> None:
    """The same without comparing members of the largest cluster with each other, which are joined already."""
    roots = forest.find(members)
    found, counts = np.unique(roots, return_counts=True)
    in_largest = roots == found[counts.argmax()]
    order = np.argsort(in_largest, kind="stable")
    hashes, members = hashes[order], members[order]
    others, rows = len(order) - int(counts.max()), max(1, _BLOCK // len(order))
    for start in range(0, others, rows):
        block = slice(start, min(start + rows, others))
        near = np.bitwise_count(hashes[block, None] ^ hashes[None, start:]) <= radius
        row, column = np.nonzero(near)
        forest.join(members[start + row], members[start + column])


def _usual_run(size: int, blocks: Blocks) -> int:
    """What hardly a run of equal keys is longer than where hashes are spread evenly."""
    mean = math.ldexp(size, -sum(width for _, width in blocks))
    return round(mean + 8 * math.sqrt(mean) + 8)


def _block_choices(radius: int, size: int) -> Iterator[Blocks]:
    """All choices of k of radius + k blocks."""
    k = _blocks_to_agree(radius, size)
    edges = [round(_BITS * part / (radius + k)) for part in range(radius + k + 1)]
    blocks = [(low, high - low) for low, high in pairwise(edges)]
    return combinations(blocks, k)


def _blocks_to_agree(radius: int, size: int) -> int:
    """The k that costs least for hashes that are spread evenly; 0 compares all pairs."""

    def cost(k: int) -> float:
        mean = size / 2 ** (_BITS * k / (radius + k))
        pairs_per_hash = (mean + 1) / 2  # of a ring, of which half a turn is compared
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
