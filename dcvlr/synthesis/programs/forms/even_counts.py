"""Which counts of things are asked for: mostly there are two or three, which one would guess without looking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random

from dcvlr.synthesis.programs.evaluate import evaluate
from dcvlr.synthesis.programs.expressions import Call
from dcvlr.synthesis.programs.forms.form import Form
from dcvlr.synthesis.programs.rounding import AmbiguousError
from dcvlr.synthesis.scene.values import Quantity

_MANY = 8  # things from which on one is always asked how many there are
_COUNTING = frozenset({"at", "count", "sum", "plus", "difference"})


def evenly_counted(forms: Iterable[Form], rng: Random) -> Iterator[Form]:
    """Forms about objects without some of those that a small count answers."""
    return (form for form in forms if (count := _count(form)) is None or is_asked(count, rng))


def is_asked(count: int, rng: Random) -> bool:
    """The smaller, the more seldom: pictures have few things of most kinds, and no count is to be the usual answer."""
    return rng.random() < (count / _MANY) ** 2


def _count(form: Form) -> int | None:
    """The answer, where it is a count."""
    if not isinstance(form.program, Call) or form.program.op not in _COUNTING:
        return None
    try:
        answer = evaluate(form.program)
    except AmbiguousError:
        return None
    return int(answer.number) if isinstance(answer, Quantity) else None
