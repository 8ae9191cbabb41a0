"""What a card counts in a dataset, in one pass; of each picture only its name is kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from dcvlr.metadata.licences import PictureNames, count_licences
from dcvlr.records import Qa


@dataclass(kw_only=True)
class Tally:
    """`files` are the names of the pictures by dataset and folder; `licences` counts them by dataset and licence.

    `samples` has one record of each bin, that of the least id.
    """

    questions: int = 0
    bins: Counter[str] = field(default_factory=Counter)
    generators: Counter[str] = field(default_factory=Counter)
    datasets: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    made_from: Counter[str] = field(default_factory=Counter)
    samples: dict[str, Qa] = field(default_factory=dict)
    files: PictureNames = field(default_factory=PictureNames)
    licences: defaultdict[str, Counter[str | None]] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def pictures(self) -> int:
        return sum(map(len, self.files.values()))


def tally(qas: Iterable[Qa], row_files: Collection[str]) -> Tally:
    """The counts of a dataset; a licence of None is one that nothing states, nor the rows of the pictures' sources."""
    counts = Tally()
    for qa in qas:
        _count(counts, qa)
    for (dataset, licence), number in count_licences(counts.files, row_files).items():
        counts.licences[dataset][licence] = number
    return counts


def _count(counts: Tally, qa: Qa) -> None:
    counts.questions += 1
    counts.bins[qa.bin] += 1
    counts.generators[qa.generator] += 1
    counts.datasets[qa.dataset] += 1
    counts.samples[qa.bin] = min(counts.samples.get(qa.bin, qa), qa, key=lambda one: one.id)
    counts.kinds["open" if qa.options is None else "multiple choice"] += 1
    counts.made_from[qa.created_from] += 1
    counts.files.add(qa.pictures)
