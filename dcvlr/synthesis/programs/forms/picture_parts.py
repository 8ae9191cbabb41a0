"""Questions about where in a picture most of a colour is, and where it is brightest: in a corner, across or down it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import NamedTuple

from dcvlr.records import Evidence, PixelFacts
from dcvlr.synthesis.programs.expressions import Column, Read, Words, call
from dcvlr.synthesis.programs.forms.form import Appeal, Form, form, like
from dcvlr.synthesis.scene.sight import Part, SightLimits, parts
from dcvlr.synthesis.scene.values import Quantity

_VIVID = ("red", "orange", "yellow", "blue", "purple", "pink")
_COLOURS = (*_VIVID, "green", "black")  # of brown, white and grey one may argue
_GUESSED = 0.5  # of pictures that are brightest at the top, as one would guess: not asked about that
_EVEN = 0.25  # of pictures that grow brighter from one side to the other, as most do: as many as of all others
_MOST = 1.2  # times what all other parts have together
_MOST_BLACK = 2.0  # the same of black, since others may call what is dark by another name
_PATCH = 5  # percent of a part, from which on a vivid colour strikes the eye
_ALMOST_ALL = 4  # times what all other parts have together
_MOST_UNNAMED = 70  # percent of a part
_HARDLY_ANY = 3  # percent of a part
_NEAR_HALF = 15  # percent points from the half of a part, where one cannot tell whether it is more

Found = Iterator[tuple[Form, list[Evidence]]]


class Layout(NamedTuple):
    """Parts of a picture that are compared, and what each is called in the language of the questions."""

    name: str
    parts: Sequence[Part]
    answers: Mapping[str, str]


def about_parts(facts: PixelFacts, answers: Mapping[str, Mapping[str, str]], limits: SightLimits, rng: Random) -> Found:
    """Only what is clear at a glance: one part has far more of a colour than all others, steps of an order are large.

    Of each colour, and of light, either a corner is asked for or the place across and the one down: these follow from
    the corner.
    """
    layouts = [Layout(name, parts(facts, list(called)), called) for name, called in answers.items()]
    for colour in (*_COLOURS, None):
        found = {layout.name: _one_of(layout, colour, limits, rng) for layout in layouts}
        apart = [*found["across"], *found["down"]]
        yield from found["corners"] if not apart or (found["corners"] and rng.random() < 0.5) else apart


def _one_of(layout: Layout, colour: str | None, limits: SightLimits, rng: Random) -> list[tuple[Form, list[Evidence]]]:
    if len(layout.parts) < len(layout.answers):
        return []
    found = list(_of_colour(layout, colour, limits) if colour else _of_light(layout, limits, rng))
    return rng.sample(found, min(1, len(found)))


def _of_colour(layout: Layout, colour: str, limits: SightLimits) -> Found:
    shares = [part.shares.get(colour, 0) for part in layout.parts]
    *others, first = sorted(shares)
    least, gap = 100 * limits.min_colour_share, 100 * limits.min_colour_gap
    most = _MOST_BLACK if colour == "black" else _MOST
    c, evidence = _column(layout, colour)
    is_large = first >= least and first - others[-1] >= gap and first >= most * sum(others)
    is_patch = colour in _VIVID and first >= _PATCH and first >= _ALMOST_ALL * sum(others)
    if (is_large or is_patch) and all(_unnamed(part) <= _MOST_UNNAMED for part in layout.parts):
        yield _of_parts("colour_most", "colour", "argmax", c), evidence
    if layout.name != "corners":
        return
    if others[0] < _HARDLY_ANY and others[1] >= least:
        yield _of_parts("colour_least", "colour", "argmin", c), evidence
    half = like(c.entries[0].value, Decimal(50))
    if all(abs(share - 50) >= _NEAR_HALF for share in shares) and min(shares) < 50 < max(shares):
        yield form("colour_count", call("count", call("above", c, half)), appeal="colour", c=c, n=half), evidence


def _of_parts(kind: str, appeal: Appeal, op: str, c: Column) -> Form:
    return form(kind, call(op, c), appeal=appeal, closed=True, c=c)


def _unnamed(part: Part) -> int:
    """Percent of its pixels whose colour has no clear name: who looks at them may call them what was asked for."""
    return 100 - sum(part.shares.values())


def _of_light(layout: Layout, limits: SightLimits, rng: Random) -> Found:
    some = layout.parts
    ordered = sorted(part.lightness for part in some)
    gap = Decimal(str(limits.min_lightness_gap))
    c, evidence = _column(layout, None)
    is_even = some[1].lightness == ordered[1] and rng.random() >= _EVEN
    if len(some) == 3 and not is_even and all(high - low >= gap for low, high in pairwise(ordered)):
        yield _of_parts("light_order", "light", "descending", c), evidence
        yield _of_parts("dark_order", "light", "ascending", c), evidence
    is_sky = some[0].lightness == ordered[-1] and layout.name == "down" and rng.random() < _GUESSED
    if ordered[-1] - ordered[-2] >= gap and not is_sky:
        yield _of_parts("brightest", "light", "argmax", c), evidence
    if ordered[1] - ordered[0] >= gap:
        yield _of_parts("darkest", "light", "argmin", c), evidence


def _column(layout: Layout, colour: str | None) -> tuple[Column, list[Evidence]]:
    """The share of a colour in each part, or how light each is on the whole."""
    entries, evidence = [], []
    for part in layout.parts:
        name = layout.answers[part.name]
        value = Quantity("percent", Decimal(part.shares.get(colour, 0)), "0|%") if colour else _light(part)
        unit = f"% {colour}" if colour else " mean lightness"
        ref = f"P:{part.name.replace(' ', '-')}:{colour or 'lightness'}"
        evidence.append(Evidence(kind="pixels", ref=ref, box=part.box, text=f"{name}: {value.number}{unit}"))
        entries.append(Read(value, ref, name, ref))
    return Column(tuple(entries), Words("picture_part", colour or "mean lightness", layout.name)), evidence


def _light(part: Part) -> Quantity:
    return Quantity("number", part.lightness, "1|")
