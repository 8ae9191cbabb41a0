"""Near-duplicates among 64-bit hashes: every pair within a Hamming distance is found, none is listed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcvlr.filtering.dedup.forest import Forest, for_each

Blocks = tuple[tuple[int, int], ...]
"""Of each block its lowest bit and its width."""

_BITS = 64
_PART = 1 << 17  # hashes that lie unpacked at a time
_BLOCK = 1 << 15  # hashes compared at a time: they stay in the processor's cache

_WIDEST = 24  # bits of a block of which every value has a number of hashes
_CROWD = 4  # times as long as usual: a run in which many hashes are near each other

_ALL = np.uint64(2**64 - 1)

# Measured on one core, in nanoseconds: cutting out, sorting and laying out by a key, per hash; comparing one pair, in a
# run and of two runs; laying out two runs.
_KEY_NS, _PAIR_NS, _NEAR_PAIR_NS, _RUN_NS = 60.0, 1.2, 2.0, 300.0


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

    for_each(link, range(0, _BITS, 8), forest)


def _link_all(hashes: NDArray[np.uint64], radius: int, forest: Forest) -> None:
    """Join every pair within `radius`: no pair is missed.

    Cut into radius + k blocks, two such hashes agree in at least k blocks. So for every choice of k blocks, hashes are
    sorted by these bits, and only those that share them are compared. Or cut into radius // 2 + 1 blocks: in one of
    them they differ in at most one bit.
    """
    agree = _blocks_to_agree(radius, len(hashes))
    if _cost_of_near_blocks(radius, len(hashes)) < _cost(agree, radius, len(hashes)):
        link_near(hashes, radius, forest)
    else:
        for_each(partial(_link_equal, hashes, radius, forest), combinations(_blocks(radius + agree), agree), forest)


def _link_equal(hashes: NDArray[np.uint64], radius: int, forest: Forest, blocks: Blocks) -> None:
    """Compare those that agree in all of these blocks."""
    usual = _usual_run(len(hashes), blocks)
    for keys, members in _in_key_order(hashes, partial(_cut, blocks=blocks)):
        ends = np.append(np.flatnonzero(keys[1:] != keys[:-1]) + 1, len(keys))
        _link_runs(Runs(hashes[members], members, ends), usual, radius, forest)


def link_near(hashes: NDArray[np.uint64], radius: int, forest: Forest) -> None:
    """Join every pair within `radius`, which is 4 or more, by blocks in which they differ in at most one bit."""
    for_each(partial(_link_near, hashes, radius, forest), _blocks(radius // 2 + 1), forest)


def _link_near(hashes: NDArray[np.uint64], radius: int, forest: Forest, block: tuple[int, int]) -> None:
    """Compare those that differ in at most one bit of this block."""
    _, width = block
    lengths, parts = np.zeros(1 << width, np.int64), []
    for keys, members in _in_key_order(hashes, partial(_cut, blocks=(block,))):
        lengths += np.bincount(keys.astype(np.int64), minlength=len(lengths))
        parts.append(members.astype(np.int32))
    members, usual = np.concatenate(parts), _usual_run(len(hashes), (block,))
    runs = Runs(hashes[members], members, np.cumsum(lengths))
    _link_runs(runs, usual, radius, forest)
    for bit in range(width):
        below = np.flatnonzero(lengths)
        below = below[(below >> bit & 1 == 0) & (lengths[below | 1 << bit] > 0)]
        _link_runs_in_pairs(runs, np.stack([below, below | 1 << bit]), usual, radius, forest)


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


class Runs(NamedTuple):
    """Hashes in the order of their keys, the members of the forest they are, and where each run of equal keys ends."""

    hashes: NDArray[np.uint64]
    members: NDArray[np.signedinteger[Any]]
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


def _link_runs_in_pairs(runs: Runs, pairs: NDArray[np.int64], usual: int, radius: int, forest: Forest) -> None:
    """Compare the members of two runs with each other, for many pairs of runs, 2 x n; those of crowds one by one."""
    lengths = runs.lengths
    pairs = np.take_along_axis(pairs, np.argsort(lengths[pairs], axis=0), axis=0)  # the shorter run first
    pairs = pairs[:, np.lexsort(lengths[pairs])]
    is_crowd, starts = lengths[pairs[1]] > _CROWD * usual, runs.ends - lengths
    for run, other in pairs[:, is_crowd].T.tolist():
        rows = np.concatenate([np.arange(starts[one], runs.ends[one]) for one in (run, other)])
        _link_long_run(runs.hashes[rows], runs.members[rows], radius, forest)
    pairs, first = pairs[:, ~is_crowd], 0
    while first < pairs.shape[1]:
        some = pairs[:, first : first + max(1, _BLOCK // int(lengths[pairs[1, first]]))]
        _link_short_pairs(runs, starts[some], lengths[some].max(axis=1).tolist(), radius, forest)
        first += some.shape[1]


def _link_short_pairs(
    runs: Runs, starts: NDArray[np.int64], longest: Sequence[int], radius: int, forest: Forest
) -> None:
    """Compare the members of runs with those of their partners, which begin at `starts`, 2 x n.

    A first member with all of its partner, for all pairs at once, then a second one, …; beyond a run it does no harm.
    """
    short, long = (
        np.minimum(begin + np.arange(length)[:, None], len(runs.hashes) - 1)
        for begin, length in zip(starts, longest, strict=True)
    )
    hashes, left, right = runs.hashes[long], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for row in short:
        near = np.flatnonzero(np.bitwise_count(hashes ^ runs.hashes[row]) <= radius)
        left.append(long.ravel()[near])
        right.append(row[near % len(row)])
    forest.join(runs.members[np.concatenate(left)], runs.members[np.concatenate(right)])


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


def _blocks(count: int) -> Blocks:
    """All bits, cut into so many blocks."""
    edges = [round(_BITS * part / count) for part in range(count + 1)]
    return tuple((low, high - low) for low, high in pairwise(edges))


def _blocks_to_agree(radius: int, size: int) -> int:
    """The k that costs least for hashes that are spread evenly; 0 compares all pairs."""
    fitting = [k for k in range(8) if _BITS * k / (radius + k) + 1 + size.bit_length() < _BITS]
    return min(fitting, key=lambda k: _cost(k, radius, size))


def _cost(k: int, radius: int, size: int) -> float:
    """Nanoseconds a hash where k of radius + k blocks agree."""
    mean = size / 2 ** (_BITS * k / (radius + k))
    pairs_per_hash = (mean + 1) / 2  # of a ring, of which half a turn is compared
    return math.comb(radius + k, k) * (_KEY_NS + _PAIR_NS * pairs_per_hash)


def _cost_of_near_blocks(radius: int, size: int) -> float:
    """Nanoseconds a hash where blocks differ in one bit at most; there is a number for each of a block's values."""
    count = radius // 2 + 1
    width = _BITS / count
    if width > _WIDEST:
        return math.inf
    mean = size / 2**width
    others = width / 2  # runs that differ in one bit, each pair of them once
    return count * (_KEY_NS + others * (_NEAR_PAIR_NS * (mean + 1) + _RUN_NS / mean))


def _cut(hashes: NDArray[np.uint64], blocks: Blocks) -> NDArray[np.uint64]:
    """The bits of some blocks, side by side at the low end."""
    key = np.zeros(len(hashes), np.uint64)
    for low, width in blocks:
        key <<= np.uint64(width)
        key |= (hashes >> np.uint64(low)) & np.uint64((1 << width) - 1)
    return key
