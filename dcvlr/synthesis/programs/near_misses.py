"""Wrong answers that a slip would give: another row, another column, another operation, off by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice
from random import Random

from msgspec.structs import replace

from dcvlr.synthesis.programs.evaluate import Value, evaluate
from dcvlr.synthesis.programs.expressions import Column, Constant, Expression, Label, OpCall, Read, walk
from dcvlr.synthesis.programs.rounding import AmbiguousError, decimals
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
    "after": ("before",),
    "before": ("after",),
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
WRONG = 3  # options beside the answer
_TRIED = 12  # programs that differ in one place


def near_misses(program: Expression, answer: Quantity, others: Sequence[Expression], rng: Random) -> list[Quantity]:
    """Values of programs that differ in one place, then the answer off in a digit; each unlike it and the others.

    How many of them are smaller than the answer is drawn first, so that its rank among the options says nothing. Nor
    do its decimals: all are written with as many, and one at most is whole where it is not, or the other way round.
    """
    smaller = rng.randint(0, WRONG)
    room = {True: smaller, False: WRONG - smaller}
    found: list[Quantity] = []
    most = _most(program)
    for value in chain(_of_variants(program, answer, others, rng), _off_in_a_digit(answer, most, rng)):
        side = value.number < answer.number
        if room[side] and value not in found and _may_join(found, value, answer):
            room[side] -= 1
            found.append(value)
        if not any(room.values()):
            break
    rest = (value for value in _off_in_a_digit(answer, most, rng) if value not in found)
    return [*found, *islice(rest, WRONG - len(found))]


def _may_join(found: Sequence[Quantity], value: Quantity, answer: Quantity) -> bool:
    """Whether no more than one of all is whole where the answer is not, or the other way round."""
    return _is_whole(value) is _is_whole(answer) or all(_is_whole(one) is _is_whole(answer) for one in found)


def _is_whole(value: Quantity) -> bool:
    return value.number % 1 == 0


def _written_like(value: Quantity, answer: Quantity) -> Quantity:
    """The value with the decimals of the answer: among 130.7 and 84.3 one sees that 66 is something else."""
    return replace(answer, number=value.number.quantize(Decimal(1).scaleb(-decimals(answer))))


def _most(program: Expression) -> Decimal:
    """Some of the rows of a column are at most all of them."""
    if isinstance(program, OpCall) and program.op == "count" and isinstance(program.args[0], OpCall):
        return Decimal(max(len(one.entries) for one in walk(program) if isinstance(one, Column)))
    return Decimal("Infinity")


def _of_variants(
    program: Expression, answer: Quantity, others: Sequence[Expression], rng: Random
) -> Iterator[Quantity]:
    variants = list(_variants(program, others))
    known: dict[int, Value] = {}  # of the parts that variants share
    for one in rng.sample(variants, min(_TRIED, len(variants))):
        try:
            value = evaluate(one, known)
        except (AmbiguousError, ArithmeticError, StopIteration):
            continue
        if isinstance(value, Quantity) and value.kind == answer.kind:
            value = _written_like(value, answer)
            if _is_possible(value, answer):
                yield value


def _is_possible(value: Quantity, answer: Quantity) -> bool:
    is_part = answer.kind == "percent" and answer.number <= 100
    return value.number != answer.number and value.number > 0 and not (is_part and value.number > 100)


def _variants(one: Expression, others: Sequence[Expression]) -> Iterator[Expression]:
    """The expression with one part exchanged, anywhere in it."""
    if not isinstance(one, OpCall):
        yield from _exchanged(one, None, others)
        return
    for other in _OTHER_OPERATIONS.get(one.op, ()):
        yield OpCall(other, one.args)
    if one.op in ("difference", "percent_of", "ratio", "percent_change"):
        yield OpCall(one.op, (one.args[1], one.args[0]))
        yield from one.args if one.op != "ratio" else ()  # nobody takes an amount for so many times another
    match one:
        case OpCall("at", (Column(entries) as looked_up, OpCall())):
            yield from (OpCall("at", (looked_up, Label(each.label, each.label_ref))) for each in entries)
    column = next((each for each in one.args if isinstance(each, Column)), None)
    for index, argument in enumerate(one.args):
        inside = _variants(argument, others) if isinstance(argument, OpCall) else _exchanged(argument, column, others)
        for variant in inside:
            yield OpCall(one.op, (*one.args[:index], variant, *one.args[index + 1 :]))


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


def _off_in_a_digit(answer: Quantity, most: Decimal, rng: Random) -> Iterator[Quantity]:
    """What no slip of the program gives: one digit up to three more or less, days for a date, tens for minutes."""
    if answer.kind in ("time", "duration", "date"):
        steps = [Decimal(1 if answer.kind == "date" else 10)]
    else:
        lowest = -1 if answer.number % 1 else 0  # among whole amounts 384.20 looks made up
        steps = [Decimal(1).scaleb(power) for power in range(lowest, max(1, answer.number.adjusted() + 1))]
    shifts = [times * step for step in steps for times in (-3, -2, -1, 1, 2, 3)]
    for shift in rng.sample(shifts, len(shifts)):
        value = replace(answer, number=answer.number + shift)
        is_none = value.number == 0 and answer.kind == "number"  # of what is counted, there may be none
        if value.number <= most and (is_none or _is_possible(value, answer)):
            yield value
