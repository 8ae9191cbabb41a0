"""Which questions make the dataset: so many of each bin and band, within caps, pictures in turn, the rest at random."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dcvlr.selection.bands import Cell


class Candidate(NamedTuple):
    """What is kept in memory of a question that may be chosen."""

    position: int
    images: tuple[str, ...]
    dataset: str
    cell: Cell
    tie_break: int
    kind: str | None = None


@dataclass(frozen=True, kw_only=True)
class Caps:
    """At most so many questions of one picture, of one dataset of the source, and of one kind; None: any number."""

    per_image: int | None
    per_dataset: int | None
    per_kind: int | None = None


@dataclass
class Chosen:
    """Questions taken so far; `positions` are where they stand in the run."""

    caps: Caps
    positions: set[int] = field(default_factory=set)
    images: Counter[str] = field(default_factory=Counter)
    datasets: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str | None] = field(default_factory=Counter)
    cells: Counter[Cell] = field(default_factory=Counter)

    def full(self, candidate: Candidate) -> tuple[str, int] | None:
        """The cap that keeps a candidate out, or None."""
        held = (
            ("max_per_image", self.caps.per_image, max(self.images[image] for image in candidate.images)),
            ("max_per_dataset", self.caps.per_dataset, self.datasets[candidate.dataset]),
            ("max_per_kind", self.caps.per_kind if candidate.kind else None, self.kinds[candidate.kind]),
        )
        return next(((name, cap) for name, cap, count in held if cap is not None and count >= cap), None)

    def take(self, queue: Sequence[Candidate], count: int) -> int:
        """Take up to `count` of a queue, in its order; how many there were."""
        before = len(self.positions)
        for candidate in queue:
            if len(self.positions) - before >= count:
                break
            if candidate.position not in self.positions and self.full(candidate) is None:
                self._add(candidate)
        return len(self.positions) - before

    def _add(self, candidate: Candidate) -> None:
        self.positions.add(candidate.position)
        self.images.update(candidate.images)
        self.datasets[candidate.dataset] += 1
        self.kinds[candidate.kind] += 1
        self.cells[candidate.cell] += 1


def choose(candidates: Sequence[Candidate], wanted: Mapping[Cell, int], caps: Caps, *, fill: bool) -> Chosen:
    """As many of each cell as are wanted, the scarcest cell first, so that caps cost least.

    With `fill` what a cell lacks is taken from the nearest bands of its bin, the harder one first, then from other
    bins. The sum is then what is wanted in all, or as much as the caps allow: caps on pictures inside caps on datasets
    form a laminar matroid, in which whatever is taken first costs nothing in the end. A cap on kinds cuts across both,
    and so do questions about several pictures, which count for each: with these some questions may be missing that
    another choice would have found.
    """
    queues = _queues(candidates)
    chosen = Chosen(caps)
    scarcest = sorted((cell for cell in wanted if wanted[cell]), key=lambda cell: (_plenty(cell, queues, wanted), cell))
    short = {cell: wanted[cell] - chosen.take(queues.get(cell, ()), wanted[cell]) for cell in scarcest}
    if fill:
        for cell in sorted(short):
            for other in _nearest(cell, wanted):
                short[cell] -= chosen.take(queues.get(other, ()), short[cell])
    return chosen


def _queues(candidates: Sequence[Candidate]) -> dict[Cell, list[Candidate]]:
    """Candidates of each cell: first one of each picture, then second ones, at random."""
    turns: Counter[str] = Counter()
    queues: defaultdict[Cell, list[tuple[int, int, Candidate]]] = defaultdict(list)
    for candidate in sorted(candidates, key=lambda one: (one.tie_break, one.position)):
        turn = max(turns[image] for image in candidate.images)
        queues[candidate.cell].append((turn, len(queues[candidate.cell]), candidate))
        turns.update(candidate.images)
    return {cell: [candidate for *_, candidate in sorted(queue)] for cell, queue in queues.items()}


def _plenty(cell: Cell, queues: Mapping[Cell, Sequence[Candidate]], wanted: Mapping[Cell, int]) -> float:
    return len(queues.get(cell, ())) / wanted[cell]


def _nearest(cell: Cell, wanted: Mapping[Cell, int]) -> list[Cell]:
    """The other cells: those of the same bin first, bins that nobody wants last, near bands before far ones."""
    name, index = cell
    wanted_bins = {other for other, _ in wanted if any(wanted[key] for key in wanted if key[0] == other)}

    def distance(other: Cell) -> tuple[bool, bool, int, int, str]:
        return (other[0] != name, other[0] not in wanted_bins, abs(other[1] - index), other[1], other[0])

    return sorted((other for other in wanted if other != cell), key=distance)
