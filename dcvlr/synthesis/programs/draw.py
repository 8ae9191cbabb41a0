"""Which of all the questions that a picture allows are asked: varied in depth, operation and kind of answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import Annotated

from msgspec import Meta

from dcvlr.settings import Fraction, checked
from dcvlr.synthesis.programs.evaluate import Value, evaluate
from dcvlr.synthesis.programs.expressions import Call, Column, operations
from dcvlr.synthesis.programs.forms.form import Form
from dcvlr.synthesis.programs.rounding import AmbiguousError


@dataclass(frozen=True, kw_only=True)
@checked
class Shares:
    """Wanted shares of a picture's questions, of 1: by their number of operations, from 1 on, and of yes or no."""

    operations: Annotated[Sequence[Fraction], Meta(min_length=1)]
    yes_no: Fraction


@dataclass(frozen=True)
class DrawnForm:
    """A form, how many operations its program has, and its answer: None as long as it was not needed."""

    form: Form
    depth: int
    answer: Value | None

    @cached_property
    def family(self) -> str:
        return self.form.kind.partition("_")[0]


def candidates(forms: Sequence[Form]) -> list[DrawnForm]:
    """One for each form; what is answered by yes or no is evaluated, since both are to be equally often right."""
    found = (DrawnForm(form, len(operations(form.program)), None) for form in forms)
    made = (answered(one) if _is_yes_no(one.form) else one for one in found)
    return [one for one in made if one is not None]


def answered(one: DrawnForm) -> DrawnForm | None:
    """None where the program has no value that everybody would agree with."""
    if one.answer is not None:
        return one
    try:
        answer = evaluate(one.form.program)
    except AmbiguousError:
        return None
    return None if isinstance(answer, Column) else replace(one, answer=answer)


def in_turn(candidates: Sequence[DrawnForm], total: int, shares: Shares, rng: Random) -> Iterator[DrawnForm]:
    """All candidates with an answer, those first that make `total` questions varied: the rest follow for where one is
    refused."""
    left = rng.sample(list(candidates), len(candidates))
    kinds: Counter[str] = Counter()
    families: Counter[str] = Counter()
    for wanted in _wanted(total, shares, rng):
        best = _next(left, wanted, kinds, families)
        if best is None:
            return
        kinds[best.form.kind] += 1
        families[best.family] += 1
        yield best
    for one in sorted(left, key=lambda one: kinds[one.form.kind]):
        if (best := answered(one)) is not None:
            yield best


def _next(left: list[DrawnForm], wanted: _Wanted, kinds: Counter[str], families: Counter[str]) -> DrawnForm | None:
    """Takes the best one with an answer out of those that are left, and all better ones without."""
    while left:
        best = min(left, key=lambda one: _cost(one, wanted, kinds, families))
        left.remove(best)
        if (done := answered(best)) is not None:
            return done
    return None


def _is_yes_no(form: Form) -> bool:
    return isinstance(form.program, Call) and form.program.op in ("more", "equal", "majority")


@dataclass(frozen=True)
class _Wanted:
    depth: int
    answer: bool | None  # yes or no; None for any other answer


def _wanted(total: int, shares: Shares, rng: Random) -> list[_Wanted]:
    """By systematic sampling: a picture has each share to within one question, a data set has it on average."""
    depths = _drawn({str(depth): share for depth, share in enumerate(shares.operations, start=1)}, total, rng)
    sorts = _drawn({"open": 1 - shares.yes_no, "yes_no": shares.yes_no}, total, rng)
    return [
        _Wanted(int(depth), rng.random() < 0.5 if sort == "yes_no" else None)
        for depth, sort in zip(depths, sorts, strict=True)
    ]


def _drawn(shares: Mapping[str, float], total: int, rng: Random) -> list[str]:
    names, edges, start = list(shares), list(accumulate(shares.values())), rng.random()
    points = [(start + n) / total * edges[-1] for n in range(total)]
    found = [next((name for name, edge in zip(names, edges, strict=True) if p < edge), names[-1]) for p in points]
    return rng.sample(found, total)


def _cost(one: DrawnForm, wanted: _Wanted, kinds: Counter[str], families: Counter[str]) -> tuple[float, ...]:
    """Least for the right sort of answer, then for what was not asked yet, then for the right number of operations."""
    truth = one.answer if isinstance(one.answer, bool) else None
    sort = float(truth is not wanted.answer)
    used = 2.0 * kinds[one.form.kind] + families[one.family]
    return (sort, abs(one.depth - wanted.depth) + 1.5 * used)
