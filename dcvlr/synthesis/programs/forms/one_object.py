"""Questions about an object that is alone of its kind: in which part of the picture it is, across and down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from random import Random

from dcvlr.records import Box, Evidence
from dcvlr.synthesis.programs.expressions import Column, Label, Read, Words, call
from dcvlr.synthesis.programs.forms.form import Form, form
from dcvlr.synthesis.scene.sight import SceneObject, SightLimits
from dcvlr.synthesis.scene.values import Quantity
from dcvlr.text.plurals import is_plural_only

_LAYOUTS = ("across", "down")
_INSIDE = 0.65  # of the object, across or down, that is in the part where its middle is
_GUESSED = 0.5  # of objects in the middle, where one would guess them to be: not asked about


def about_one_object(
    single: Sequence[SceneObject],
    size: tuple[int, int],
    answers: Mapping[str, Mapping[str, str]],
    limits: SightLimits,
    rng: Random,
) -> Iterator[tuple[Form, list[Evidence]]]:
    """Only where most of the object is in one part, and its middle clearly so; `answers` are what parts are called."""
    for one in (one for one in single if not is_plural_only(one.label)):
        for axis in (0, 1):
            low, high = one.box[axis], one.box[axis + 2]
            third = size[axis] / 3
            middle = (low + high) / 2
            at = min(2, int(middle / third))
            inside = min(high, (at + 1) * third) - max(low, at * third)
            is_clear = min(abs(middle - third), abs(middle - 2 * third)) >= limits.min_gap * size[axis]
            if is_clear and inside >= _INSIDE * (high - low) and not (at == 1 and rng.random() < _GUESSED):
                yield _in_parts(one, axis, size, answers[_LAYOUTS[axis]])


def _in_parts(
    one: SceneObject, axis: int, size: tuple[int, int], answers: Mapping[str, str]
) -> tuple[Form, list[Evidence]]:
    """The part whose middle is nearest to that of the object."""
    entries, evidence = [], []
    for n, (part, name) in enumerate(answers.items()):
        ref = f"P:{part.replace(' ', '-')}"
        evidence.append(
            Evidence(kind="pixels", ref=ref, box=_third(n, axis, size), text=f"{name}: third of the picture")
        )
        entries.append(_placed(ref, name, _third(n, axis, size)))
    evidence.append(Evidence(kind="object", ref=one.ref, box=one.box, text=one.label))
    c = Column((*entries, _placed(one.ref, one.label, one.box)), Words("picture_part", "place", "places"))
    x = Label(one.label, one.ref)
    return form(f"object_{_LAYOUTS[axis]}", call("argmin", call("distances", c, x)), closed=True, c=c, x=x), evidence


def _third(n: int, axis: int, size: tuple[int, int]) -> Box:
    low, high = round(n * size[axis] / 3, 1), round((n + 1) * size[axis] / 3, 1)
    return (low, 0.0, high, float(size[1])) if axis == 0 else (0.0, low, float(size[0]), high)


def _placed(ref: str, label: str, box: Box) -> Read:
    return Read(Quantity("box", Decimal(0)), ref, label, ref, box=box)
