"""In a crowd of pictures that hash alike the few that each may be a copy of, found without listing all pairs.

A copy is far nearer to its original than one filled-in form is to another, in the 256 bits of a closer look. Sorted by
some of these bits, drawn anew a few dozen times, the two stand side by side at least once.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from dcvlr.filtering.dedup.forest import Forest
from dcvlr.filtering.dedup.looks import FARTHEST, Bits, bits_apart
from dcvlr.filtering.dedup.pictures import Indices

Near = Callable[[Indices, Indices], NDArray[np.bool_]]
"""For rows of the worse and the better one of pairs, whether they may be copies."""

_EVERY_PAIR = 1024  # up to so many pictures each is held against each
_ORDERS = 32
_THREADS = 2
_BESIDE = 4  # places behind it in an order that a picture is held against
_SORTED_BY = 64  # bits
_NEAR = 16  # bits: in a large crowd copies whose tones were cut off are not sought
_CONSTANT = 0.02  # share of a crowd: a bit in which fewer differ tells nothing apart
_CANDIDATES = 9
_BLOCK = 256


def nearest(bits: Bits, near: Near) -> list[list[int]]:
    """For each row of `bits`, which are in order of rank, the better ones that it may be a copy of, likeliest first.

    The best of all that near ones link comes before them: a crowd of copies of one picture needs one look for each.
    """
    pairs = _every_pair(bits) if len(bits) <= _EVERY_PAIR else _side_by_side(bits)
    return _listed(bits, pairs[near(pairs[:, 0], pairs[:, 1])])


def _every_pair(bits: Bits) -> Indices:
    """Worse and better one of all pairs that are not too far apart."""
    found = [np.empty((0, 2), np.int64)]
    for start in range(0, len(bits), _BLOCK):
        rows = bits[start : start + _BLOCK]
        worse, better = np.nonzero(bits_apart(rows[:, None], bits[None, : start + len(rows)]) <= FARTHEST)
        pairs = np.stack([worse + start, better], axis=1)
        found.append(pairs[pairs[:, 0] > pairs[:, 1]])
    return np.concatenate(found)


def _side_by_side(bits: Bits) -> Indices:
    """The same, of pairs that stand near each other in some order."""
    rng = np.random.default_rng(0)  # the same crowd has the same orders
    unpacked = np.unpackbits(bits.view(np.uint8), axis=1)
    shares = unpacked.mean(axis=0, dtype=np.float32)
    telling = np.flatnonzero((shares > _CONSTANT) & (shares < 1 - _CONSTANT))
    drawn = [rng.permutation(telling)[:_SORTED_BY] for _ in range(_ORDERS)]
    with ThreadPoolExecutor(_THREADS) as pool:  # NumPy sorts and compares without the GIL
        pairs = np.concatenate(list(pool.map(lambda columns: _in_one_order(bits, unpacked[:, columns]), drawn)))
    return np.unique(np.stack([pairs.max(axis=1), pairs.min(axis=1)], axis=1), axis=0)


def _in_one_order(bits: Bits, sorted_by: NDArray[np.uint8]) -> Indices:
    keys = np.zeros((len(bits), _SORTED_BY // 8), np.uint8)
    keys[:, : -(-sorted_by.shape[1] // 8)] = np.packbits(sorted_by, axis=1)
    order = np.argsort(keys.view(">u8").ravel().astype(np.uint64), kind="stable")
    ordered = bits[order]
    found = []
    for step in range(1, _BESIDE + 1):
        left = np.flatnonzero(bits_apart(ordered[:-step], ordered[step:]) <= _NEAR)
        found.append(np.stack([order[left], order[left + step]], axis=1))
    return np.concatenate(found)


def _listed(bits: Bits, pairs: Indices) -> list[list[int]]:
    worse, better = pairs[:, 0], pairs[:, 1]
    forest = Forest(len(bits))
    forest.join(worse, better)
    found: list[list[int]] = [[best] if best != row else [] for row, best in enumerate(forest.roots().tolist())]
    pairs = pairs[np.lexsort((better, bits_apart(bits[worse], bits[better]), worse))]
    position = np.arange(len(pairs)) - np.searchsorted(pairs[:, 0], pairs[:, 0])
    for row, other in pairs[position < _CANDIDATES].tolist():
        if other != found[row][0]:
            found[row].append(other)
    return found
