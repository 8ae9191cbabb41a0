"""Cutting the dataset to its size: bins by their shares, pictures in turn, the rest by lot."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from dcvlr.identity import digest
from dcvlr.records import BINS, Bin, Qa
from dcvlr.sampling import quotas


@dataclass
class Passed:
    """What is kept in memory of each QA that passed: about 20 bytes beside its picture's id."""

    bins: bytearray = field(default_factory=bytearray)
    lots: array[int] = field(default_factory=lambda: array("Q"))
    images: list[str] = field(default_factory=list)

    def add(self, qa: Qa, seed: int) -> None:
        self.bins.append(BINS.index(qa.bin))
        self.lots.append(int(digest(f"{seed}/{qa.id}".encode())[:16], 16))
        same = bool(self.images) and self.images[-1] == qa.image_id
        self.images.append(self.images[-1] if same else qa.image_id)

    def __len__(self) -> int:
        return len(self.lots)

    def counts(self) -> dict[Bin, int]:
        return {name: self.bins.count(number) for number, name in enumerate(BINS)}

    def choose(self, quota: dict[Bin, int]) -> set[int]:
        """Positions of as many as `quota` says in each bin: first one of each picture, then second ones, by lot."""
        turns = self._turns()
        chosen: set[int] = set()
        for number, name in enumerate(BINS):
            members = (position for position in range(len(self)) if self.bins[position] == number)
            in_turn = sorted(members, key=lambda position: (turns[position], self.lots[position]))
            chosen.update(in_turn[: quota[name]])
        return chosen

    def _turns(self) -> array[int]:
        """For each QA how many of its picture go before it."""
        turns = array("L", [0]) * len(self)
        seen: dict[str, int] = {}
        for position in sorted(range(len(self)), key=self.lots.__getitem__):
            image = self.images[position]
            turns[position] = seen.get(image, 0)
            seen[image] = turns[position] + 1
        return turns


def filled(size: int, ratios: Sequence[float] | None, found: dict[Bin, int]) -> dict[Bin, int]:
    """How many each bin gives: its share of `size`; what a bin cannot fill goes to the others, by their shares.

    Without ratios the bins keep the shares they have. The sum is `size` unless fewer were found.
    """
    size = min(size, sum(found.values()))
    shares = dict(zip(BINS, ratios if ratios is not None else [found[name] for name in BINS], strict=True))
    given: dict[Bin, int] = dict.fromkeys(BINS, 0)
    while left := size - sum(given.values()):
        open_bins = [name for name in BINS if given[name] < found[name]]
        if not any(shares[name] for name in open_bins):  # only bins that nobody wanted are left
            shares = dict.fromkeys(BINS, 1)
        more = quotas(left, [shares[name] for name in open_bins])
        for name, count in zip(open_bins, more, strict=True):
            given[name] += min(count, found[name] - given[name])
    return given
