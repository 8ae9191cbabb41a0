"""Which pictures are duplicates of one that is kept: pairs are looked at in rounds, until none is left to look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dcvlr.filtering.dedup.pictures import DuplicateFinder, Pair, Pictures
from dcvlr.protocols import Remembering
from dcvlr.records import Finding

FoundDuplicates = dict[int, tuple[int, Finding]]
"""By the index of a picture the index of the kept one that it is a duplicate of, and why it is."""


def duplicates(pictures: Pictures, finders: Sequence[DuplicateFinder], memo: Remembering) -> FoundDuplicates:
    """Every picture that was itself found to show what a kept one shows.

    There are no chains: that a picture shows what a rejected one shows leads to a look at it beside the one that is
    kept in its stead, and without a finding there it stays.
    """
    search = _Search(pictures, _merged(finder.candidates(pictures, memo) for finder in finders))
    while pairs := search.next_pairs():
        findings: list[Finding | None] = [None] * len(pairs)
        for finder in finders:
            left = [index for index, finding in enumerate(findings) if finding is None]
            found = finder.confirm(pictures, [pairs[index] for index in left], memo)
            for index, finding in zip(left, found, strict=True):
                findings[index] = finding
        search.add(pairs, findings)
    return search.rejected


def _merged(parts: Iterable[Mapping[int, Sequence[int]]]) -> dict[int, list[int]]:
    merged: defaultdict[int, list[int]] = defaultdict(list)
    for part in parts:
        for picture, others in part.items():
            merged[picture] += [other for other in others if other not in merged[picture]]
    return merged


class _Search:
    """What is known so far; in each round a picture that may still be a duplicate is held against one other."""

    def __init__(self, pictures: Pictures, candidates: dict[int, list[int]]) -> None:
        self._ranks = pictures.ranks
        self._candidates = candidates
        new = (picture for picture in candidates if picture >= pictures.earlier)
        self._order = sorted(new, key=lambda picture: int(self._ranks[picture]))
        self._seen: defaultdict[int, dict[int, Finding | None]] = defaultdict(dict)
        self._first: dict[int, int] = {}  # what a picture leads to through all that it is like
        self.rejected: FoundDuplicates = {}

    def next_pairs(self) -> list[Pair]:
        """Pairs whose look may reject a picture; where there are none, `rejected` is complete."""
        self.rejected, self._first = {}, {}
        pairs: list[Pair] = []
        unsettled: set[int] = set()
        for picture in self._order:  # the better of two is settled before the other
            alike = [other for other, finding in self._seen[picture].items() if finding is not None]
            kept = [other for other in alike if other not in self.rejected and other not in unsettled]
            if alike:
                self._first[picture] = self._best(self._first.get(other, other) for other in alike)
            if kept:
                best = self._best(kept)
                finding = self._seen[picture][best]
                assert finding is not None
                self.rejected[picture] = (best, finding)
            elif (other := next(self._unseen(picture, alike), None)) is not None:
                pairs.append((picture, other))
                unsettled.add(picture)
            elif any(other in unsettled for other in alike):
                unsettled.add(picture)
        return pairs

    def add(self, pairs: Sequence[Pair], findings: Sequence[Finding | None]) -> None:
        for (picture, other), finding in zip(pairs, findings, strict=True):
            self._seen[picture][other] = finding

    def _best(self, pictures: Iterable[int]) -> int:
        return min(pictures, key=lambda picture: int(self._ranks[picture]))

    def _unseen(self, picture: int, alike: Sequence[int]) -> Iterator[int]:
        """What the picture was not held against yet, in place of each the one that it leads to."""
        for other in (*alike, *self._candidates[picture]):
            first = self._first.get(other, other)
            if first not in self._seen[picture]:
                yield first
