"""The pictures among which duplicates are sought, and what a way of finding them has to offer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dcvlr.protocols import ImageModel, Remembering
from dcvlr.records import Finding, ImageRecord, ImageStatistics
from dcvlr.rundir.record_list import Subsequence

Indices = NDArray[np.int64]

Pair = tuple[int, int]
"""Indices of two pictures; the second is kept rather than the first."""


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """Pictures with the hash of the whole and that of the content, inside plain borders.

    `ranks` are whole numbers, each once: of two that show the same the one with the lower rank is kept. The first
    `earlier` pictures were kept by earlier runs: they have the lowest ranks and are never rejected.
    """

    images: Sequence[ImageRecord]
    phashes: NDArray[np.uint64]
    content_phashes: NDArray[np.uint64]
    ranks: NDArray[np.int64]
    earlier: int = 0

    def __len__(self) -> int:
        return len(self.images)

    def hashes(self, index: int) -> tuple[np.uint64, np.uint64]:
        return (self.phashes[index], self.content_phashes[index])

    def without(self, indices: Collection[int]) -> Pictures:
        """The others, in the same order and with the same ranks; none of `indices` may be of an earlier run."""
        left = np.array([index for index in range(len(self)) if index not in indices], np.int64)
        return replace(
            self,
            images=Subsequence(self.images, left.tolist()),
            phashes=self.phashes[left],
            content_phashes=self.content_phashes[left],
            ranks=self.ranks[left],
        )

    def distances(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Bits in which the hashes of two pictures differ; of whole and content those that are nearest."""
        views = [(self.phashes[side], self.content_phashes[side]) for side in (left, right)]
        found: NDArray[np.uint8] = np.minimum.reduce([np.bitwise_count(a ^ b) for a in views[0] for b in views[1]])
        return found


class DuplicateFinder(Protocol):
    """A way of telling that two pictures show the same."""

    @property
    def looks(self) -> Sequence[ImageModel[Any]]:
        """Models that look at every picture, beside the statistics: a picture that both want alike is decoded once."""

    def candidates(self, pictures: Pictures, memo: Remembering) -> Mapping[int, Sequence[int]]:
        """For a picture the ones that it may be a duplicate of and that are kept rather than it, likeliest first.

        At most a few for each, however many there are, since every pair of them may be looked at.
        """

    def confirm(self, pictures: Pictures, pairs: Sequence[Pair], memo: Remembering) -> Sequence[Finding | None]:
        """For each pair, of whatever origin, why the first is a duplicate of the second; None where it is not."""


def pixels_that_count(statistics: ImageStatistics) -> int:
    """Those inside plain borders, of which each counts the less the more border there is.

    So a page stays rather than its copy in a border of whatever colour, though of both the same is inside.
    """
    return statistics.content_pixels**2 // (statistics.width * statistics.height)


def by_most_pixels(pixels: NDArray[np.int64], ids: NDArray[np.void]) -> NDArray[np.int64]:
    """Ranks: most pixels first, then the smallest id (`id_bytes`), so that the order of pictures does not matter."""
    first, second = ids.view(">u8").astype(np.uint64).reshape(-1, 2).T
    order = np.argsort(first)  # its first half hardly ever leaves two ids alike, and alone is sorted five times as fast
    if (first[order][1:] == first[order][:-1]).any():
        order = np.lexsort((second, first))
    ranks = np.empty(len(ids), np.int64)
    ranks[order[np.argsort(-pixels[order], kind="stable")]] = np.arange(len(ids))
    return ranks
