"""Crops, mirror images and turned copies: embeddings propose pairs, one picture laid onto the other decides."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from dcvlr.filtering.dedup.all_sides import AllSides
from dcvlr.filtering.dedup.pair_difference import AlignedDifference, pair_of
from dcvlr.filtering.dedup.pictures import Pair, Pictures
from dcvlr.models.embeddings import vector
from dcvlr.protocols import Remembering
from dcvlr.records import Embedding, Failure, Finding, ImageRecord
from dcvlr.settings import checked

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]

_NEIGHBOURS = 4  # better pictures that one is looked at beside, however many of a layout are near it
_BLOCK = 1024


@dataclass(frozen=True, kw_only=True)
@checked
class NearEmbeddings:
    """Pictures whose embeddings have a cosine of at least `min_cosine` and which then, laid onto each other, are equal.

    Embeddings tell what is shown and not which word stands on a page, so a pair is a duplicate only where the largest
    local difference of what both show is at most `max_difference`. Each picture is compared with each: 100,000 take
    minutes, a million hours.
    """

    embeddings: AllSides
    min_cosine: Annotated[float, Meta(ge=0, le=1)]
    max_difference: Annotated[float, Meta(ge=0, le=50)]
    difference: AlignedDifference

    @property
    def looks(self) -> tuple[()]:
        return ()

    def candidates(self, pictures: Pictures, memo: Remembering) -> dict[int, list[int]]:
        order = sorted(range(len(pictures)), key=lambda index: int(pictures.ranks[index]))
        known, vectors = self._vectors(order, pictures, memo)
        found = {
            known[row]: [known[other] for other in others]
            for row, others in enumerate(nearest_before(vectors, self.min_cosine, pictures.earlier))
            if others
        }
        log.info("duplicates: %d pictures have an embedding near that of a better one", len(found))
        return found

    def confirm(self, pictures: Pictures, pairs: Sequence[Pair], memo: Remembering) -> list[Finding | None]:
        findings: list[Finding | None] = [None] * len(pairs)
        known, vectors = self._vectors(sorted({index for pair in pairs for index in pair}), pictures, memo)
        row = {index: number for number, index in enumerate(known)}
        cosines = {
            number: float(vectors[row[one]] @ vectors[row[other]])
            for number, (one, other) in enumerate(pairs)
            if one in row and other in row
        }
        near = [number for number, cosine in cosines.items() if cosine >= self.min_cosine]
        items = [pair_of(*(pictures.images[index] for index in pairs[number])) for number in near]
        signals = memo.compute(self.difference, items)
        for number, item in zip(near, items, strict=True):
            found = signals[item.id]
            if isinstance(found, Failure):
                log.warning("%s and %s could not be compared: %s", item.first.path, item.second.path, found.message)
            elif found.value <= self.max_difference:
                findings[number] = self._finding(cosines[number], found.value, pictures.images[pairs[number][1]])
        return findings

    def _vectors(self, indices: Sequence[int], pictures: Pictures, memo: Remembering) -> tuple[list[int], Vectors]:
        """Those of `indices` that have an embedding, and a row of length 1 for each."""
        signals = memo.measure(self.embeddings, [pictures.images[index] for index in indices])
        known, rows = [], []
        for index in indices:
            signal = signals[pictures.images[index].id]
            if isinstance(signal, Embedding):
                known.append(index)
                rows.append(vector(signal).astype(np.float32))
        if len(known) < len(indices):
            log.warning("%d pictures have no embedding and are not compared", len(indices) - len(known))
        vectors = np.stack(rows) if rows else np.empty((0, 1), np.float32)
        return known, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def _finding(self, cosine: float, found: float, kept: ImageRecord) -> Finding:
        reason = (
            f"shows what {kept.file_name} ({kept.id}) shows, which is kept: the cosine of their embeddings is "
            f"{cosine:.3f}, and laid onto each other their largest local difference is {found} (up to "
            f"{self.max_difference} is equal)"
        )
        return Finding(name="duplicate", passed=False, value=round(cosine, 3), threshold=self.min_cosine, reason=reason)


def nearest_before(vectors: Vectors, min_cosine: float, first: int = 0) -> list[list[int]]:
    """For each row from `first` on the few rows before it with the highest cosine of at least `min_cosine`."""
    found: list[list[int]] = [[] for _ in range(first)]
    for start in range(first, len(vectors), _BLOCK):
        block = vectors[start : start + _BLOCK]
        cosines = block @ vectors[: start + len(block)].T
        later = np.arange(cosines.shape[1])[None] >= (start + np.arange(len(block)))[:, None]
        cosines[later] = -1
        few = min(_NEIGHBOURS, cosines.shape[1])
        nearest = np.argpartition(-cosines, few - 1, axis=1)[:, :few]
        for row, columns in enumerate(nearest):
            near = [(-float(cosines[row, column]), int(column)) for column in columns]
            found.append([column for cosine, column in sorted(near) if -cosine >= min_cosine])
    return found
