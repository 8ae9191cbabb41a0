"""In a crowd of pictures that hash alike the few that each may be a copy of, found without listing all pairs.

A copy is far nearer to its original than one filled-in form is to another: among the directions in which the crowd
varies most, a tree of neighbours finds it. What remains is held to the closer looks themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dcvlr.filtering.dedup.hamming import Forest
from dcvlr.filtering.dedup.look import Cells

Vectors = NDArray[np.float32]

_TREE_DIRECTIONS = 8
_DIRECTIONS = 32
_SAMPLE = 256  # pictures that the directions are taken from
_NEIGHBOURS = 8
_THREADS = 2
_BLOCK = 2048  # looks, or pairs of them, that are held as numbers at a time

# Cosine of what two pictures have beyond the crowd's mean: copies are above 0.8, other forms of a layout below 0.2.
_ALIKE = 0.4
# Mean difference, as the signed bytes have it: in a crowd of copies nothing but this noise is left beyond the mean.
_EQUAL = 5.0
_SLACK = 9.0  # times the square of it: noise has more in the directions in which a crowd varies most


def nearest(looks: Cells) -> list[list[int]]:
    """For each row of `looks`, which are in order of rank, the better ones that it may be a copy of, best first.

    Besides near neighbours the best of all that neighbours link comes into it, so that a crowd of copies of one
    picture needs one look for each.
    """
    from scipy.spatial import cKDTree

    mean, directions = _directions(looks)
    projected = np.concatenate([(block - mean) @ directions.T for block in _blocks(looks)])
    tree = projected[:, :_TREE_DIRECTIONS]
    _, neighbours = cKDTree(tree).query(tree, k=min(len(looks), _NEIGHBOURS + 1), workers=_THREADS)
    own = np.repeat(np.arange(len(looks)), neighbours.shape[1])
    pairs = np.stack([np.maximum(own, neighbours.ravel()), np.minimum(own, neighbours.ravel())], axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    pairs = pairs[
        _alike(projected[pairs[:, 0]], projected[pairs[:, 1]], _SLACK)
    ]  # most that differ do so in these directions
    blocks = [pairs[start : start + _BLOCK] for start in range(0, len(pairs), _BLOCK)]
    alike = [_alike(*(looks[block[:, side]] - mean for side in (0, 1))) for block in blocks]
    return _listed(len(looks), pairs[np.concatenate([np.empty(0, bool), *alike])])


def _blocks(looks: Cells) -> Iterator[Vectors]:
    return (looks[start : start + _BLOCK].astype(np.float32) for start in range(0, len(looks), _BLOCK))


def _directions(looks: Cells) -> tuple[Vectors, Vectors]:
    """The crowd's mean and its principal directions, from an even sample."""
    sample = looks[:: -(-len(looks) // _SAMPLE)].astype(np.float32)
    mean: Vectors = sample.mean(axis=0)
    sample -= mean
    _, vectors = np.linalg.eigh(sample @ sample.T)  # of the small matrix: as many rows as pictures
    directions = vectors[:, ::-1][:, :_DIRECTIONS].T @ sample
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    return mean, directions / np.maximum(lengths, 1e-6)


def _alike(one: Vectors, other: Vectors, slack: float = 1.0) -> NDArray[np.bool_]:
    """For each row whether the two, from which the crowd's mean is taken, may be copies."""
    apart = np.einsum("ij,ij->i", one - other, one - other)
    products = np.einsum("ij,ij->i", one, other)
    lengths = np.sqrt(np.einsum("ij,ij->i", one, one) * np.einsum("ij,ij->i", other, other))
    found: NDArray[np.bool_] = (apart <= slack * _EQUAL**2 * one.shape[1]) | (products >= _ALIKE * lengths)
    return found


def _listed(count: int, pairs: NDArray[np.int64]) -> list[list[int]]:
    """`pairs` are sorted by the worse one and then by the better one."""
    forest = Forest(count)
    forest.join(pairs[:, 0], pairs[:, 1])
    found: list[list[int]] = [[] for _ in range(count)]
    for index, best in enumerate(forest.roots().tolist()):
        if best != index:
            found[index].append(best)
    for worse, better in pairs.tolist():
        if better not in found[worse] and len(found[worse]) <= _NEIGHBOURS:
            found[worse].append(better)
    return found
