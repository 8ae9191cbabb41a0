"""Questions about objects that a detector names: how many, more of which, what stands where."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from random import Random

from dcvlr.records import Detections
from dcvlr.synthesis.programs.evaluate import evaluate
from dcvlr.synthesis.programs.expressions import Column, KindGroup, OpCall, Read, Words, call
from dcvlr.synthesis.programs.forms.form import Form, form, labels
from dcvlr.synthesis.programs.forms.kinds_of_objects import about_kinds
from dcvlr.synthesis.programs.forms.places_of_objects import about_places
from dcvlr.synthesis.programs.rounding import AmbiguousError
from dcvlr.synthesis.scene.sight import SceneObject, SightLimits, countable, is_ahead
from dcvlr.synthesis.scene.values import Quantity, ValueKind
from dcvlr.text.plurals import is_plural_only
from dcvlr.text.question_words import QuestionWords

_MANY = 8  # things from which on one is always asked how many there are
_COUNTING = frozenset({"at", "count", "sum", "plus", "difference"})


def about_objects(found: Detections, limits: SightLimits, words: QuestionWords, rng: Random) -> Iterator[Form]:
    return evenly_counted(_about_objects(found, limits, words, rng), rng)


def _about_objects(found: Detections, limits: SightLimits, words: QuestionWords, rng: Random) -> Iterator[Form]:
    groups = countable(found, limits)
    counted = {label: objects for label, objects in groups.items() if not is_plural_only(label)}
    if counted:
        c = _counts(counted)
        yield from _about_counts(c, counted, rng)
        yield from about_kinds(c, _named_groups(found, counted, words))
    single = [objects[0] for objects in groups.values() if len(objects) == 1]
    size = (found.width, found.height)
    yield from _positions(single, size, limits)
    yield from _sizes(single, limits)
    yield from about_places(single, size, limits, rng)


def _named_groups(found: Detections, counted: Container[str], words: QuestionWords) -> list[KindGroup]:
    """Groups such as animals of which all that may belong to them is counted; none where a label is not known."""
    labels = {one.label or "" for one in found.objects} | set(found.unsure)
    known = {label for members, doubtful in words.groups.values() for label in (*members, *doubtful)}
    if labels - known - set(words.ungrouped):
        return []
    groups = []
    for name, (members, doubtful) in words.groups.items():
        there = labels & set(members)
        if there and not labels & set(doubtful) and all(label in counted for label in there):
            groups.append(KindGroup(name, frozenset(members)))
    return groups


def _about_counts(c: Column, groups: Mapping[str, Sequence[SceneObject]], rng: Random) -> Iterator[Form]:
    several = [label for label in labels(c) if len(groups[label.text]) > 1]
    for x in rng.sample(several, min(2, len(several))):
        yield form("object_count", call("at", c, x), c=c, x=x)
    if len(groups) < 2:
        return
    x = rng.choice(several) if several else rng.choice(labels(c))
    y = rng.choice([label for label in labels(c) if label != x])
    x, y = rng.sample((x, y), 2)
    a, b = call("at", c, x), call("at", c, y)
    sizes = sorted(len(groups[label.text]) for label in (x, y))
    if several:  # nobody adds one to one
        yield form("objects_together", call("plus", a, b), c=c, x=x, y=y)
    yield form("more_objects", call("more", a, b), c=c, x=x, y=y)
    if sizes[0] != sizes[1]:
        big, small = (x, y) if len(groups[x.text]) > len(groups[y.text]) else (y, x)
        program = call("difference", call("at", c, big), call("at", c, small))
        yield form("objects_difference", program, c=c, x=big, y=small)
    if several:
        yield form("objects_total", call("sum", c), c=c)
    if len(groups) >= 3:
        yield form("most_objects", call("argmax", c), closed=True, c=c)


def _counts(groups: Mapping[str, Sequence[SceneObject]]) -> Column:
    """How many there are of each kind; what is called by a plural, such as skis, nobody counts alike."""
    return Column(
        tuple(_counted(label, objects) for label, objects in groups.items()), Words("object_kind", "count", "objects")
    )


def _counted(label: str, objects: Sequence[SceneObject]) -> Read:
    refs = ", ".join(one.ref for one in objects)
    return Read(Quantity("number", Decimal(len(objects)), "0|"), refs, label, objects[0].ref)


def _positions(single: Sequence[SceneObject], size: tuple[int, int], limits: SightLimits) -> Iterator[Form]:
    """What is furthest to a side, ahead of all others by its middle and its edge; and orders from left to right."""
    if len(single) < 2:
        return
    for axis, kind, ops in ((0, "x", ("leftmost", "rightmost")), (1, "y", ("highest", "lowest"))):
        c = Column(tuple(_at(one, axis) for one in single), Words("object_kind", kind, "places"))
        for sign, op, name in ((1, "argmin", ops[0]), (-1, "argmax", ops[1])):
            best = min(single, key=lambda one: sign * one.centre[axis])
            if all(one is best or is_ahead(best, one, axis, sign, limits.min_gap * size[axis]) for one in single):
                yield form(f"object_{name}", call(op, c), closed=True, c=c)
        ordered = sorted(single, key=lambda one: one.centre[axis])
        apart = all(is_ahead(a, b, axis, 1, limits.min_gap * size[axis]) for a, b in pairwise(ordered))
        if axis == 0 and 3 <= len(single) <= 5 and apart:
            yield form("objects_left_to_right", call("ascending", c), closed=True, c=c)


def _sizes(single: Sequence[SceneObject], limits: SightLimits) -> Iterator[Form]:
    if len(single) < 2:
        return
    ranked = sorted(single, key=lambda one: -one.area)
    c = Column(tuple(_measured(one, "area", one.area) for one in single), Words("object_kind", "size", "places"))
    if ranked[0].area >= limits.min_size_ratio * ranked[1].area:
        yield form("object_largest", call("argmax", c), closed=True, c=c)
    if ranked[-2].area >= limits.min_size_ratio * ranked[-1].area:
        yield form("object_smallest", call("argmin", c), closed=True, c=c)


def _at(one: SceneObject, axis: int) -> Read:
    return _measured(one, "x" if axis == 0 else "y", one.centre[axis])


def _measured(one: SceneObject, kind: ValueKind, value: float) -> Read:
    return Read(Quantity(kind, Decimal(str(round(value, 1))), "1|"), one.ref, one.label, one.ref)


def evenly_counted(forms: Iterable[Form], rng: Random) -> Iterator[Form]:
    """Forms about objects without some of those that a small count answers."""
    return (form for form in forms if (count := _count(form)) is None or is_asked(count, rng))


def is_asked(count: int, rng: Random) -> bool:
    """The smaller, the more seldom: pictures have few things of most kinds, and no count is to be the usual answer."""
    return rng.random() < (count / _MANY) ** 2


def _count(form: Form) -> int | None:
    """The answer, where it is a count."""
    if not isinstance(form.program, OpCall) or form.program.op not in _COUNTING:
        return None
    try:
        answer = evaluate(form.program)
    except AmbiguousError:
        return None
    return int(answer.number) if isinstance(answer, Quantity) else None
