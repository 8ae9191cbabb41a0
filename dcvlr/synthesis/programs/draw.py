"""Which of all the questions that a picture allows are asked: varied in depth, operation and kind of answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Annotated

from msgspec import Meta

from dcvlr.settings import Fraction, checked
from dcvlr.synthesis.programs.evaluate import Value
from dcvlr.synthesis.programs.forms.form import Form


@dataclass(frozen=True, kw_only=True)
@checked
class Shares:
    """Wanted shares of a picture's questions, of 1: by their number of operations, from 1 on, and of yes or no.

    `unanswerable` are questions whose answer is not in the picture.
    """

    operations: Annotated[Sequence[Fraction], Meta(min_length=1)]
    yes_no: Fraction
    unanswerable: Annotated[float, Meta(ge=0, le=0.1)]


@dataclass(frozen=True)
class Candidate:
    """A form whose program has a value; `known` is the value of every part of the program."""

    form: Form
    answer: Value
    known: Mapping[int, Value]
    depth: int

    @property
    def family(self) -> str:
        return self.form.kind.partition("_")[0]


def in_turn(candidates: Sequence[Candidate], total: int, shares: Shares, rng: Random) -> list[Candidate]:
    """All candidates, those first that make `total` questions varied: the rest follow for where one is refused."""
    left = rng.sample(list(candidates), len(candidates))
    kinds: Counter[str] = Counter()
    families: Counter[str] = Counter()
    chosen: list[Candidate] = []
    for wanted in _wanted(total, shares, rng):
        best = min(left, key=lambda one: _cost(one, wanted, kinds, families), default=None)
        if best is None:
            break
        left.remove(best)
        chosen.append(best)
        kinds[best.form.kind] += 1
        families[best.family] += 1
    return chosen + sorted(left, key=lambda one: kinds[one.form.kind])


@dataclass(frozen=True)
class _Wanted:
    depth: int
    answer: bool | None  # yes or no; None for any other answer
    unanswerable: bool


def _wanted(total: int, shares: Shares, rng: Random) -> list[_Wanted]:
    """By systematic sampling: a picture has each share to within one question, a data set has it on average."""
    depths = _drawn({str(depth): share for depth, share in enumerate(shares.operations, start=1)}, total, rng)
    rest = max(0.0, 1 - shares.yes_no - shares.unanswerable)
    sorts = _drawn({"open": rest, "yes_no": shares.yes_no, "unanswerable": shares.unanswerable}, total, rng)
    return [
        _Wanted(int(depth), rng.random() < 0.5 if sort == "yes_no" else None, sort == "unanswerable")
        for depth, sort in zip(depths, sorts, strict=True)
    ]


def _drawn(shares: Mapping[str, float], total: int, rng: Random) -> list[str]:
    names, edges, start = list(shares), list(accumulate(shares.values())), rng.random()
    points = [(start + n) / total * edges[-1] for n in range(total)]
    found = [next((name for name, edge in zip(names, edges, strict=True) if p < edge), names[-1]) for p in points]
    return rng.sample(found, total)


def _cost(one: Candidate, wanted: _Wanted, kinds: Counter[str], families: Counter[str]) -> tuple[float, ...]:
    """Least for the right sort of answer, then for what was not asked yet, then for the right number of operations."""
    truth = one.answer if isinstance(one.answer, bool) else None
    sort = float(truth is not wanted.answer or one.form.unanswerable != wanted.unanswerable)
    used = 2.0 * kinds[one.form.kind] + families[one.family]
    return (sort, abs(one.depth - wanted.depth) + 1.5 * used)
