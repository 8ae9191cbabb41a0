"""Pictures whose hashes are near each other: the pairs where they are few, the crowds where they are many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from dcvlr.filtering.dedup.hamming import cluster
from dcvlr.filtering.dedup.pictures import Indices, Pictures

FEW = 4
"""Better candidates of one picture up to which each pair is looked at."""

_SMALL = 64  # groups up to this size are gone through together, step by step
_BIG = 4096  # in a group above this size pairs are not even counted
_BLOCK = 512


@dataclass(frozen=True)
class NearHashes:
    """`few` holds for a picture its better candidates; a crowd is indices of pictures; both are best first."""

    few: dict[int, list[int]] = field(default_factory=dict)
    crowds: list[Indices] = field(default_factory=list)

    def members(self) -> Indices:
        """All that stand in a pair or in a crowd, in order."""
        pairs = chain.from_iterable((picture, *others) for picture, others in self.few.items())
        return np.unique(np.concatenate([np.fromiter(pairs, np.int64), *self.crowds]))


def near_hashes(pictures: Pictures, threshold: int) -> NearHashes:
    """Pairs that differ in fewer than `threshold` bits in some hash of the whole or of the content."""
    found = NearHashes()
    groups = _groups(pictures, threshold)
    sizes = np.bincount(groups, minlength=len(pictures))
    members = np.flatnonzero(sizes[groups] > 1)
    members = members[np.lexsort((pictures.ranks[members], groups[members]))]
    size_of = sizes[groups[members]]
    small = members[size_of <= _SMALL]
    _sort_out(small, *_pairs_step_by_step(pictures, small, groups[small], threshold), groups, found)
    large = members[size_of > _SMALL]
    for group in np.split(large, np.flatnonzero(np.diff(groups[large])) + 1) if large.size else ():
        if len(group) > _BIG:
            found.crowds.append(group)
        else:
            _sort_out(group, *_pairs_of_group(pictures, group, threshold), groups, found)
    return found


def near_groups(pictures: Pictures, threshold: int) -> list[Indices]:
    """Indices of pictures that hash alike or are linked by others that do, best first, two or more together."""
    groups = _groups(pictures, threshold)
    members = np.flatnonzero(np.bincount(groups, minlength=len(pictures))[groups] > 1)
    members = members[np.lexsort((pictures.ranks[members], groups[members]))]
    return np.split(members, np.flatnonzero(np.diff(groups[members])) + 1) if members.size else []


def _groups(pictures: Pictures, threshold: int) -> Indices:
    """A number for each picture; those with near hashes, or linked by others that have, share it."""
    framed = np.flatnonzero(pictures.phashes != pictures.content_phashes)
    hashes = np.concatenate([pictures.phashes, pictures.content_phashes[framed]])
    same = np.stack([framed, len(pictures) + np.arange(len(framed))])
    return cluster(hashes, threshold, same)[: len(pictures)]


def _pairs_step_by_step(
    pictures: Pictures, members: Indices, groups: Indices, threshold: int
) -> tuple[Indices, Indices]:
    """Worse and better one of every near pair, of many small groups at a time."""
    worse, better = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for step in range(1, min(_SMALL, len(members))):
        left = np.flatnonzero(groups[step:] == groups[:-step])
        if not left.size:
            break
        one, other = members[left], members[left + step]
        near = pictures.distances(one, other) < threshold
        better.append(one[near])
        worse.append(other[near])
    return np.concatenate(worse), np.concatenate(better)


def _pairs_of_group(pictures: Pictures, group: Indices, threshold: int) -> tuple[Indices, Indices]:
    worse, better = [], []
    for start in range(0, len(group), _BLOCK):
        rows = group[start : start + _BLOCK]
        near = pictures.distances(rows[:, None], group[None, : start + len(rows)]) < threshold
        row, column = np.nonzero(near & (np.arange(start + len(rows)) < (start + np.arange(len(rows)))[:, None]))
        worse.append(rows[row])
        better.append(group[column])
    return np.concatenate(worse), np.concatenate(better)


def _sort_out(members: Indices, worse: Indices, better: Indices, groups: Indices, found: NearHashes) -> None:
    """Pictures with more than a few better candidates make a crowd with these; the rest are pairs."""
    if not worse.size:
        return
    counts = np.bincount(worse, minlength=int(members.max()) + 1)
    many = counts[worse] > FEW
    for picture, other in _by_position(worse, better, members, ~many):
        found.few.setdefault(picture, []).append(other)
    crowded = np.zeros(len(counts), bool)
    crowded[worse[many]] = crowded[better[many]] = True
    crowd = members[crowded[members]]
    if crowd.size:
        found.crowds.extend(np.split(crowd, np.flatnonzero(np.diff(groups[crowd])) + 1))


def _by_position(
    worse: Indices, better: Indices, members: Indices, chosen: NDArray[np.bool_]
) -> Iterator[tuple[int, int]]:
    """Pairs in the order of `members`, which is that of ranks, by the worse one and then by the better one."""
    position = np.empty(int(members.max()) + 1, np.int64)
    position[members] = np.arange(len(members))
    worse, better = worse[chosen], better[chosen]
    order = np.lexsort((position[better], position[worse]))
    return zip(worse[order].tolist(), better[order].tolist(), strict=True)
