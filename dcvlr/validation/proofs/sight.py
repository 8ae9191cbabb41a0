"""Answers about objects and pixels, found again in what a QA cites of them."""

from __future__ import annotations

import math
import re

from dcvlr.records import Evidence, Qa
from dcvlr.text.plurals import plural
from dcvlr.validation.proofs.reading import (
    UnprovenError,
    area,
    box_of,
    common_area,
    exactly,
    middle,
    of_kind,
    require,
    same_choice,
    winner,
)

_COLOUR = re.compile(r"(?P<part>[a-z ]+): (?P<share>\d+) % (?P<colour>[a-z]+), next colour (?P<next>\d+) %")
_LIGHTNESS = re.compile(r"(?P<part>[a-z ]+): mean L\* (?P<value>\d+(?:\.\d+)?)")
_PARTS = {
    "P:left": "left half",
    "P:right": "right half",
    "P:top": "upper half",
    "P:bottom": "lower half",
    "P:centre": "centre",
    "P:whole": "whole picture",
}


def count(qa: Qa) -> str:
    things = of_kind(qa, "object")
    label = things[0].text
    require(all(thing.text == label for thing in things), "the objects have different labels")
    asked = qa.question == f"How many {plural(label)} can be seen in the picture?"
    require(asked, f"the question does not ask for {label}")
    return str(len(things))


def leftmost(qa: Qa) -> str:
    return winner(_chosen(qa), lambda thing: -middle(box_of(thing))[0]).text


def rightmost(qa: Qa) -> str:
    return winner(_chosen(qa), lambda thing: middle(box_of(thing))[0]).text


def highest(qa: Qa) -> str:
    return winner(_chosen(qa), lambda thing: -middle(box_of(thing))[1]).text


def lowest(qa: Qa) -> str:
    return winner(_chosen(qa), lambda thing: middle(box_of(thing))[1]).text


def largest(qa: Qa) -> str:
    return winner(_chosen(qa), lambda thing: area(box_of(thing))).text


def nearest(qa: Qa) -> str:
    anchor, *others = of_kind(qa, "object")
    require(qa.question.endswith(f"the {anchor.text}?"), f"the question does not ask what is near {anchor.ref}")
    same_choice(qa, [thing.text for thing in others])
    start = middle(box_of(anchor))
    return winner(others, lambda thing: -math.dist(start, middle(box_of(thing)))).text


def overlap(qa: Qa) -> str:
    a, b = exactly(qa, 2, "object")
    require(f"the {a.text} and the {b.text}" in qa.question, "the question does not name both objects")
    common = common_area(box_of(a), box_of(b))
    if common == 0:
        return "no"
    if common > 0.5 * min(area(box_of(a)), area(box_of(b))):
        return "yes"
    raise UnprovenError("whether they overlap cannot be told from their boxes")


def dominant_colour(qa: Qa) -> str:
    (part,) = exactly(qa, 1, "pixels")
    colour = _main_colour(part)
    asked = any(qa.question.endswith(f" of {phrase}?") for phrase in _phrases(part.ref))
    require(asked, "the question asks for another part")
    return colour


def half_of_colour(qa: Qa) -> str:
    halves = exactly(qa, 2, "pixels")
    _check_opposite(halves)
    same_choice(qa, [_PARTS[half.ref] for half in halves])
    found = [half for half in halves if qa.question.endswith(f"mostly {_main_colour(half)}?")]
    require(len(found) == 1, "the colour of the question is not that of one half")
    return _PARTS[found[0].ref]


def brighter_half(qa: Qa) -> str:
    halves = exactly(qa, 2, "pixels")
    _check_opposite(halves)
    same_choice(qa, [_PARTS[half.ref] for half in halves])
    return _PARTS[winner(halves, _lightness).ref]


def centre_lightness(qa: Qa) -> str:
    centre, whole = exactly(qa, 2, "pixels")
    require((centre.ref, whole.ref) == ("P:centre", "P:whole"), "the evidence is not about the centre and the whole")
    require(_lightness(centre) != _lightness(whole), "both are equally light")
    return "brighter" if _lightness(centre) > _lightness(whole) else "darker"


def aspect(qa: Qa) -> str:
    width, height = _size(qa)
    asked = "wide as it is tall" if width > height else "tall as it is wide"
    require(width != height and asked in qa.question, "the question takes the shorter side for the longer one")
    return f"{max(width, height) / min(width, height):.1f}"


def orientation(qa: Qa) -> str:
    width, height = _size(qa)
    if abs(width - height) * 50 <= max(width, height):
        return "square"
    return "wider than tall" if width > height else "taller than wide"


def _chosen(qa: Qa) -> tuple[Evidence, ...]:
    things = of_kind(qa, "object")
    same_choice(qa, [thing.text for thing in things])
    return things


def _size(qa: Qa) -> tuple[float, float]:
    (whole,) = exactly(qa, 1, "pixels")
    _, _, width, height = box_of(whole)
    require(f"{width:.0f} x {height:.0f} pixels" in whole.text, f"the box and the text of {whole.ref} disagree")
    return width, height


def _check_opposite(halves: tuple[Evidence, ...]) -> None:
    refs = {half.ref for half in halves}
    require(refs in ({"P:left", "P:right"}, {"P:top", "P:bottom"}), "the evidence is not about two opposite halves")


def _main_colour(part: Evidence) -> str:
    fact = _COLOUR.fullmatch(part.text)
    if fact is None or fact["part"] not in _phrases(part.ref):
        raise UnprovenError(f"{part.ref} states no colour")
    require(int(fact["share"]) > 50 and int(fact["next"]) <= 100 - int(fact["share"]), "no colour covers most of it")
    return fact["colour"]


def _phrases(ref: str) -> tuple[str, ...]:
    """What a part may be called; nothing for a part that does not exist."""
    name = _PARTS.get(ref)
    return () if name is None else (f"the {name}", f"the {name} of the picture")


def _lightness(half: Evidence) -> float:
    fact = _LIGHTNESS.fullmatch(half.text)
    if fact is None or fact["part"] != _PARTS.get(half.ref):
        raise UnprovenError(f"{half.ref} states no lightness")
    return float(fact["value"])
