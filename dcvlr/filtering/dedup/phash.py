"""Near-duplicates: perceptual hashes propose them, a look at both pictures decides."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from dcvlr.filtering.dedup.content_look import ContentLook, other_content, views
from dcvlr.filtering.dedup.crowds import nearest
from dcvlr.filtering.dedup.look import CloserLook
from dcvlr.filtering.dedup.looks import Looks
from dcvlr.filtering.dedup.near_hashes import near_hashes
from dcvlr.filtering.dedup.pair_difference import PairDifference, pair_of
from dcvlr.filtering.dedup.pictures import Indices, Pair, Pictures
from dcvlr.protocols import Remembering
from dcvlr.records import Failure, Finding, ImageRecord
from dcvlr.settings import checked

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
@checked
class ConfirmedHashes:
    """Pictures whose hashes differ in fewer than `threshold` of 64 bits and which then differ nowhere visibly.

    Hashes are of the whole and of the content, inside plain borders; the nearest two count. A hash sees the layout of a
    page and not what stands on it, so a pair is a duplicate only where its largest local difference is at most
    `max_difference`. Most pages of one layout have one size, or one has a border: what a look at each, or at what is
    inside the border, tells apart is not compared.
    """

    threshold: int | None
    max_difference: Annotated[float, Meta(ge=0, le=50)]
    look: CloserLook
    content_look: ContentLook
    difference: PairDifference

    @property
    def looks(self) -> list[CloserLook]:
        return [] if self.threshold is None else [self.look]

    def candidates(self, pictures: Pictures, memo: Remembering) -> dict[int, list[int]]:
        if self.threshold is None:
            return {}
        near = near_hashes(pictures, self.threshold)
        members = near.members()
        images = [pictures.images[index] for index in members.tolist()]
        looks = Looks(images, memo.measure(self.look, images))
        pairs = [(picture, other) for picture, others in near.few.items() for other in others]
        pairs += chain.from_iterable(_among(crowd, members, looks) for crowd in near.crowds)
        ends = np.array(pairs, np.int64).reshape(-1, 2)
        found = _by_picture(ends[self.may_be_copies(looks, np.searchsorted(members, ends), memo)])
        log.info("duplicates: %d pictures look like a better one, %d crowds", len(found), len(near.crowds))
        return found

    def may_be_copies(self, looks: Looks, rows: Indices, memo: Remembering) -> NDArray[np.bool_]:
        """For each pair, n x 2 rows of `looks`, whether neither wholes nor contents tell its pictures apart."""
        left = ~looks.other_content(*rows.T)
        elsewhere = np.flatnonzero(left & ~looks.in_place(*rows.T))
        if not elsewhere.size:
            return left
        inside, places = np.unique(rows[elsewhere], return_inverse=True)
        images = [looks.images[row] for row in inside.tolist()]
        signals = memo.measure(self.content_look, images)
        contents = [signals[image.id] for image in images]
        seen = views(looks.sizes(inside), looks.bits(inside), contents)
        one, other = places.reshape(-1, 2).T
        left[elsewhere] = ~other_content(seen.of(one), seen.of(other))
        return left

    def confirm(self, pictures: Pictures, pairs: Sequence[Pair], memo: Remembering) -> list[Finding | None]:
        findings: list[Finding | None] = [None] * len(pairs)
        if self.threshold is None or not pairs:
            return findings
        ends = np.array(pairs, np.int64)
        distances = pictures.distances(ends[:, 0], ends[:, 1])
        near = np.flatnonzero(distances < self.threshold).tolist()
        items = [pair_of(pictures.images[pairs[index][0]], pictures.images[pairs[index][1]]) for index in near]
        signals = memo.compute(self.difference, items)
        for index, item in zip(near, items, strict=True):
            found = signals[item.id]
            if isinstance(found, Failure):
                log.warning("%s and %s could not be compared: %s", item.first.path, item.second.path, found.message)
            elif found.value <= self.max_difference:
                findings[index] = self._finding(int(distances[index]), found.value, pictures.images[pairs[index][1]])
        return findings

    def _finding(self, distance: int, found: float, kept: ImageRecord) -> Finding:
        reason = (
            f"shows what {kept.file_name} ({kept.id}) shows, which is kept: {distance} of 64 bits of the hash differ, "
            f"and the largest local difference is {found} (up to {self.max_difference} is the same)"
        )
        return Finding(name="duplicate", passed=False, value=distance, threshold=self.threshold, reason=reason)


def _by_picture(pairs: Indices) -> dict[int, list[int]]:
    """For each first one of pairs, n x 2, the second ones, each once, in their order."""
    found: dict[int, list[int]] = {}
    for picture, other in pairs.tolist():
        if other not in (others := found.setdefault(picture, [])):
            others.append(other)
    return found


def _among(crowd: Indices, members: Indices, looks: Looks) -> Iterator[Pair]:
    rows = looks.known(np.searchsorted(members, crowd))
    found = nearest(looks.bits(rows), lambda worse, better: looks.near(rows[worse], rows[better]))
    for picture, others in zip(members[rows].tolist(), found, strict=True):
        yield from ((picture, other) for other in members[rows[others]].tolist())
