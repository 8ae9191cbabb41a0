"""From a form with a value to a question with options, steps and evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, permutations
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from dcvlr.records import Evidence
from dcvlr.synthesis.programs.draw import DrawnForm
from dcvlr.synthesis.programs.evaluate import Value, evaluate
from dcvlr.synthesis.programs.expressions import (
    Column,
    Expression,
    KindGroup,
    Label,
    NotStated,
    OpCall,
    operations,
    refs,
    walk,
    written,
)
from dcvlr.synthesis.programs.forms.form import Form
from dcvlr.synthesis.programs.forms.material import Material
from dcvlr.synthesis.programs.near_misses import WRONG, labels_besides, near_misses
from dcvlr.synthesis.programs.trace import steps
from dcvlr.synthesis.programs.wording import Wording
from dcvlr.synthesis.scene.values import Quantity


class ComputedQuestion(Struct, frozen=True, kw_only=True, gc=False):
    """A question whose answer was computed, before it is chosen, given options and numbered.

    `closed` questions make sense only with their options ("Which of these ...").
    """

    question: str
    answer: str
    steps: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    program: str
    operations: tuple[str, ...]
    closed: bool


def computed_question(one: DrawnForm, wording: Wording, found: Material, rng: Random) -> ComputedQuestion:
    assert one.answer is not None
    whole = walk(one.form.program)
    program = trimmed(one.form.program, whole)
    parts = whole if program is one.form.program else walk(program)
    known = dict(one.known) if program is one.form.program else dict[int, Value]()
    evaluate(program, known)
    question = wording.question(one.form.kind, one.form.names, one.answer, rng)
    called = found.called.ref if found.called and wording.says(found.called.kind, question) else ""
    return ComputedQuestion(
        question=question,
        answer=wording.answer(one.answer),
        steps=tuple(steps(parts, known, wording)),
        evidence=tuple(found.evidence[ref] for ref in dict.fromkeys([called] * bool(called) + refs(parts))),
        program=written(parts, *found.tilts, document=called),
        operations=operations(parts),
        closed=one.form.closed,
    )


def trimmed(program: Expression, parts: Sequence[Expression]) -> Expression:
    """The program of these parts with each column cut down to the rows that it names, where it looks at no others."""
    used: dict[int, set[str]] = {}
    whole: set[int] = set()
    for one in parts:
        if not isinstance(one, OpCall):
            continue
        named = {each.text for each in one.args if isinstance(each, Label)} if one.op in ("at", "pick") else set()
        for column in one.args:
            if isinstance(column, Column) and named:
                used.setdefault(id(column), set()).update(named)
            elif isinstance(column, Column):
                whole.add(id(column))
    return _cut(program, {column: named for column, named in used.items() if column not in whole}, {})


def _cut(one: Expression, rows: Mapping[int, set[str]], done: dict[int, Expression]) -> Expression:
    """The same expression, with columns that have the named `rows` alone; one part of it is made once."""
    if not rows:
        return one
    if id(one) not in done:
        if isinstance(one, OpCall):
            done[id(one)] = OpCall(one.op, tuple(_cut(each, rows, done) for each in one.args))
        elif isinstance(one, Column) and id(one) in rows:
            kept = tuple(each for each in one.entries if each.label in rows[id(one)])
            done[id(one)] = replace(one, entries=kept)
        else:
            done[id(one)] = one
    return done[id(one)]


def distractors(one: DrawnForm, wording: Wording, rng: Random) -> tuple[str, ...]:
    """Wrong answers to it, as far as there are any."""
    value = one.answer
    assert value is not None
    answer = wording.answer(value)
    if isinstance(value, NotStated):
        return ()
    if isinstance(value, bool):
        return (wording.answer(not value),)
    if isinstance(one.form.program, OpCall) and one.form.program.op == "names" and isinstance(value, tuple):
        return tuple(wording.answer(some) for some in _other_sets(one.form, value, rng))
    if isinstance(value, tuple):
        orders = [order for order in permutations(value) if order != value] if len(value) <= 4 else _swapped(value)
        return tuple(wording.answer(order) for order in rng.sample(orders, min(WRONG, len(orders))))
    if isinstance(value, Quantity):
        found = near_misses(one.form.program, value, one.form.others, rng)
        texts = dict.fromkeys(wording.answer(each) for each in found)
        return tuple(text for text in texts if text != answer)
    others = list(wording.language.weekdays) if answer in wording.language.weekdays else _rows(one)
    others = [other for other in others if other != answer]
    return tuple(rng.sample(others, min(WRONG, len(others))))


def _other_sets(form: Form, value: tuple[str, ...], rng: Random) -> list[tuple[str, ...]]:
    """Any other sets of the rows that could be named, of about as many, whether the answer is one row or several."""
    named = {each.text for each in form.names.values() if isinstance(each, Label)}
    rows = [label for label in sorted(labels_besides(form.program, "")) if label not in named]
    groups = [each.members for each in form.names.values() if isinstance(each, KindGroup)]
    if all(members.issuperset(value) for members in groups):
        rows = [row for row in rows if all(row in members for members in groups)]
    low, high = rng.choice(((-1, 0), (0, 1), (-1, 1)))
    sets = [some for size in range(1, len(rows) + 1) for some in combinations(rows, size) if some != value]
    near = [some for some in sets if low <= len(some) - len(value) <= high]
    others = near if len(near) >= min(WRONG, len(rows) - 1) else sets
    return rng.sample(others, min(WRONG, len(others)))


def _rows(one: DrawnForm) -> list[str]:
    """For a choice between named rows these, else all others of its column (of a group of kinds those that belong)."""
    named = [each.text for each in one.form.names.values() if isinstance(each, Label)]
    if one.form.closed and one.answer in named:
        return named
    groups = [each.members for each in one.form.names.values() if isinstance(each, KindGroup)]
    answer = one.answer if isinstance(one.answer, str) else ""
    rows = [row for row in labels_besides(one.form.program, answer) if row not in named]
    return [row for row in rows if all(row in members for members in groups)]


def _swapped(value: tuple[str, ...]) -> list[tuple[str, ...]]:
    orders = []
    for i in range(len(value)):
        for j in range(i + 1, len(value)):
            order = list(value)
            order[i], order[j] = order[j], order[i]
            orders.append(tuple(order))
    return orders
