"""Wrong answers that a slip would give: another row, another column, another operation, off by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random

from dcvlr.synthesis.programs.evaluate import Value, evaluate
from dcvlr.synthesis.programs.expressions import Call, Column, Constant, Expression, Label, Read, walk
from dcvlr.synthesis.programs.rounding import AmbiguousError
from dcvlr.synthesis.scene.values import Quantity

_OTHER_OPERATIONS: dict[str, tuple[str, ...]] = {
    "argmax": ("argmin",),
    "argmin": ("argmax",),
    "max": ("min",),
    "min": ("max",),
    "nth_largest": ("nth_smallest",),
    "nth_smallest": ("nth_largest",),
    "ascending": ("descending",),
    "descending": ("ascending",),
    "sum": ("max", "min"),
    "mean": ("max", "min"),
    "above": ("below",),
    "below": ("above",),
    "top": ("bottom",),
    "bottom": ("top",),
    "difference": ("plus",),
    "plus": ("difference",),
    "left_of": ("right_of", "higher_than"),
    "right_of": ("left_of", "lower_than"),
    "higher_than": ("lower_than", "left_of"),
    "lower_than": ("higher_than", "right_of"),
    "overlapping": ("inside",),
    "inside": ("overlapping",),
}
_ENOUGH = 3


def near_misses(program: Expression, answer: Value, others: Sequence[Expression], rng: Random) -> list[Value]:
    """Values of programs that differ in one place, of the answer's type and unlike it, in a drawn order."""
    found: list[Value] = []
    variants = list(_variants(program, others))
    known: dict[int, Value] = {}  # of the parts that variants share
    for one in rng.sample(variants, len(variants)):
        if len(found) >= _ENOUGH:
            break
        try:
            value = evaluate(one, known)
        except (AmbiguousError, ArithmeticError, StopIteration):
            continue
        if type(value) is type(answer) and value != answer and value not in found and _is_alike(value, answer):
            found.append(value)
    return found or list(_shifted(answer, rng))


def _is_alike(value: Value, answer: Value) -> bool:
    if not isinstance(value, Quantity) or not isinstance(answer, Quantity):
        return True
    return value.kind == answer.kind and value.number > 0


def _variants(one: Expression, others: Sequence[Expression]) -> Iterator[Expression]:
    """The expression with one part exchanged, anywhere in it."""
    if not isinstance(one, Call):
        yield from _exchanged(one, None, others)
        return
    for other in _OTHER_OPERATIONS.get(one.op, ()):
        yield Call(other, one.args)
    if one.op in ("difference", "percent_of", "ratio", "percent_change"):
        yield Call(one.op, (one.args[1], one.args[0]))
        yield from one.args
    column = next((each for each in one.args if isinstance(each, Column)), None)
    for index, argument in enumerate(one.args):
        inside = _variants(argument, others) if isinstance(argument, Call) else _exchanged(argument, column, others)
        for variant in inside:
            yield Call(one.op, (*one.args[:index], variant, *one.args[index + 1 :]))


def _exchanged(one: Expression, column: Column | None, others: Sequence[Expression]) -> Iterator[Expression]:
    if isinstance(one, Constant):
        yield from (other for other in others if isinstance(other, Constant) and other != one)
    match one:
        case Label(text) if column is not None:
            yield from (Label(each.label, each.label_ref) for each in column.entries if each.label != text)
        case Constant(value) if value.kind == "number" and value.number == int(value.number):
            yield from (
                Constant(replace(value, number=value.number + step)) for step in (1, -1) if value.number + step > 0
            )
        case Column():
            yield from (other for other in others if isinstance(other, Column) and other is not one)
        case Read():
            yield from (other for other in others if isinstance(other, Read) and other.value != one.value)


def labels_besides(program: Expression, answer: str) -> list[str]:
    """All rows that the program could have chosen, but for the answer; of two columns those of the answer's."""
    columns = [[each.label for each in one.entries] for one in walk(program) if isinstance(one, Column)]
    chosen = [labels for labels in columns if answer in labels] or columns
    return [label for label in dict.fromkeys(label for labels in chosen for label in labels) if label != answer]


def _shifted(answer: Value, rng: Random) -> Iterator[Value]:
    """Neighbours of an answer that no slip gives: one step of its last but one digit, one more, one fewer."""
    if isinstance(answer, Quantity):
        step = _step(answer)
        for times in rng.sample((-2, -1, 1, 2), 4):
            if answer.number + times * step > 0:
                yield replace(answer, number=answer.number + times * step)


def _step(answer: Quantity) -> Decimal:
    if answer.kind in ("time", "duration"):
        return Decimal(10)
    return Decimal(1) if abs(answer.number) < 100 or answer.kind == "date" else Decimal(10)


def padded(found: list[Value], answer: Value, rng: Random, count: int) -> list[Value]:
    """`count` wrong answers, near misses first; fewer where there are not so many that are different."""
    for value in _shifted(answer, rng):
        if len(found) >= count:
            break
        if value not in found:
            found.append(value)
    return found[:count]
