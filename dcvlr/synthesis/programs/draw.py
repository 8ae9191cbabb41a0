"""Which of all the questions that a picture allows are asked: varied in depth, operation and kind of answer."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct
from msgspec.structs import replace

from dcvlr.sampling import systematic
from dcvlr.settings import Fraction, checked
from dcvlr.synthesis.programs.evaluate import Value, evaluate
from dcvlr.synthesis.programs.expressions import Column, OpCall, depth
from dcvlr.synthesis.programs.forms.form import Appeal, Form
from dcvlr.synthesis.programs.rounding import AmbiguousError


@dataclass(frozen=True, kw_only=True)
@checked
class Shares:
    """Wanted shares of a picture's questions, of 1: by their number of operations, from 1 on, and of yes or no."""

    operations: Annotated[Sequence[Fraction], Meta(min_length=1)]
    yes_no: Fraction


_SHORT = 2.0  # by how much worse an operation too few is than one too many: most of what a page offers has few
_USED = 1.5  # by how many operations a question may be off before one of a family that was asked is drawn again
_LAST = 6.0  # the same for what one asks of a page that says little else
_MOST_FILLERS = 0.15  # of a picture's questions, but one at least
_PUT_OFF: Mapping[Appeal, float] = {
    "usual": 0.0,
    "anywhere": 2.0,
    "contrived": _LAST,
    "filler": _LAST,
    "colour": _LAST,
    "light": 2 * _LAST,
}


class DrawnForm(Struct, frozen=True, gc=False):
    """A form, how many operations its program has, and its answer: None as long as it was not needed.

    `known` is the value of every part of its program by its `id`, as soon as there is an answer.
    """

    form: Form
    depth: int
    answer: Value | None
    known: Mapping[int, Value] = {}


def candidates(forms: Sequence[Form]) -> list[DrawnForm]:
    """One for each form; what is answered by yes or no is evaluated, since both are to be equally often right."""
    found = (DrawnForm(form, depth(form.program), None) for form in forms)
    made = (answered(one) if _is_yes_no(one.form) else one for one in found)
    return [one for one in made if one is not None]


def answered(one: DrawnForm) -> DrawnForm | None:
    """None where the program has no value that everybody would agree with."""
    if one.answer is not None:
        return one
    known: dict[int, Value] = {}
    try:
        answer = evaluate(one.form.program, known)
    except AmbiguousError:
        return None
    return None if isinstance(answer, Column) else replace(one, answer=answer, known=known)


def in_turn(candidates: Sequence[DrawnForm], total: int, shares: Shares, rng: Random) -> Iterator[DrawnForm]:
    """All candidates with an answer, those first that make `total` questions varied: the rest follow for where one is
    refused."""
    in_any_order = sorted(candidates, key=lambda _: rng.random())
    drawn = _with_few_fillers(in_any_order, max(1, int(total * _MOST_FILLERS)))
    left, depths = _grouped(drawn), {one.depth for one in drawn}
    asked: Counter[str] = Counter()
    used = {one.form.kind: _PUT_OFF[one.form.appeal] for one in drawn}
    families: defaultdict[str, list[str]] = defaultdict(list)
    for kind in used:
        families[_family(kind)].append(kind)
    for wanted in _wanted(total, shares, rng):
        best = _next(left, wanted.answer, {depth: _off(depth, wanted.depth) for depth in depths}, used)
        if best is None:
            return
        asked[best.form.kind] += 1
        used[best.form.kind] += 2 * _USED
        for kind in families[_family(best.form.kind)]:
            used[kind] += _USED
        yield best
    rest = [(asked[each.kind], n, one) for each in left for n, one in each.forms]
    for _, _, one in sorted(rest, key=lambda each: each[:2]):
        if (best := answered(one)) is not None:
            yield best


def _family(kind: str) -> str:
    return kind.partition("_")[0]


def _with_few_fillers(drawn: Sequence[DrawnForm], most: int) -> list[DrawnForm]:
    """At most so many, and one for two others that the page offers."""
    is_filler = [one.form.appeal == "filler" for one in drawn]
    most = min(most, max(1, is_filler.count(False) // 2))
    return [
        one
        for one, filler, so_far in zip(drawn, is_filler, accumulate(is_filler), strict=True)
        if not filler or so_far <= most
    ]


class _Candidates(NamedTuple):
    """Those of one kind, depth and answer, with their numbers: the first of them comes before the others."""

    kind: str
    depth: int
    answer: Value | None  # yes or no; None for any other, which is not known yet
    forms: deque[tuple[int, DrawnForm]]


def _grouped(drawn: Sequence[DrawnForm]) -> list[_Candidates]:
    groups: dict[tuple[str, int, Value | None], _Candidates] = {}
    for n, one in enumerate(drawn):
        key = one.form.kind, one.depth, one.answer
        if key not in groups:
            groups[key] = _Candidates(*key, deque())
        groups[key].forms.append((n, one))
    return list(groups.values())


def _next(
    left: list[_Candidates], wanted: bool | None, off: Mapping[int, float], used: Mapping[str, float]
) -> DrawnForm | None:
    """Takes the best one with an answer out of those that are left, and all better ones without.

    Best is the right sort of answer, then what was not asked yet, then the right number of operations.
    """
    while left:
        right = [one for one in left if one.answer is wanted] or left
        best = min(right, key=lambda one: (off[one.depth] + used[one.kind], one.forms[0][0]))
        _, form = best.forms.popleft()
        if not best.forms:
            left.remove(best)
        if (done := answered(form)) is not None:
            return done
    return None


def _off(depth: int, wanted: int) -> float:
    return max(depth - wanted, _SHORT * (wanted - depth))


def _is_yes_no(form: Form) -> bool:
    return isinstance(form.program, OpCall) and form.program.op in ("more", "equal", "same", "majority")


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
    return rng.sample(systematic(shares, total, rng.random()), total)
