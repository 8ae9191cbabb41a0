"""Questions that hold parts of a picture against each other: where most of a colour is, which third is lightest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from random import Random

from dcvlr.records import Evidence, PixelFacts
from dcvlr.synthesis.programs.expressions import Column, Read, Words, call
from dcvlr.synthesis.programs.forms.form import Form, like
from dcvlr.synthesis.scene.sight import Part, SightLimits, parts
from dcvlr.synthesis.scene.values import Quantity

QUARTERS = ("upper left", "upper right", "lower left", "lower right")
THIRDS = (("left third", "middle third", "right third"), ("top third", "middle band", "bottom third"))
HALVES = (("left", "right"), ("top", "bottom"))
NAMES = {
    **{name: f"{name} quarter" for name in QUARTERS},
    **{name: name for third in THIRDS for name in third},
    **{"left": "left half", "right": "right half", "top": "upper half", "bottom": "lower half"},
}
_HUES = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white")
_GUESSED = 0.5  # of pictures that are lightest at the top, as one would guess: not asked about that
_EVEN = 0.25  # of pictures that grow lighter from one side to the other, as most do: as many as of all others
_TOO_NEAR = 8  # percent points between a share and the half that it is held against


def about_parts(facts: PixelFacts, limits: SightLimits, rng: Random) -> Iterator[tuple[Form, list[Evidence]]]:
    """Only what is clear at a glance: the winner is far ahead, every step of an order is large.

    Halves are compared only where there is nothing else.
    """
    found = list(_of_several_parts(facts, limits, rng))
    yield from found
    if not found:
        for colour in _HUES:
            for names in HALVES:
                yield from _colour_of_halves(parts(facts, names), colour, limits, rng)


def _of_several_parts(facts: PixelFacts, limits: SightLimits, rng: Random) -> Iterator[tuple[Form, list[Evidence]]]:
    quarters = parts(facts, QUARTERS)
    for colour in _HUES if len(quarters) == len(QUARTERS) else ():
        yield from _colour_of_quarters(quarters, colour, limits)
    for thirds in THIRDS:
        for colour in _HUES:
            yield from _most_of_colour(parts(facts, thirds), colour, "third", limits)
        yield from _lightness(parts(facts, thirds), limits, rng)
    yield from _lightness(quarters, limits, rng)


def _colour_of_quarters(
    quarters: Sequence[Part], colour: str, limits: SightLimits
) -> Iterator[tuple[Form, list[Evidence]]]:
    shares = [part.shares.get(colour, 0) for part in quarters]
    if max(shares) < 100 * limits.min_colour_share:
        return
    yield from _most_of_colour(quarters, colour, "quarter", limits)
    c, evidence = _colour_column(quarters, colour)
    last, other = sorted(shares)[:2]
    if other - last >= 100 * limits.min_colour_gap and other >= 100 * limits.min_colour_share:
        yield Form(kind="colour_quarter_least", program=call("argmin", c), names={"c": c}, closed=True), evidence
    half = like(c.entries[0].value, Decimal(50))
    if all(abs(share - 50) >= _TOO_NEAR for share in shares) and min(shares) < 50 < max(shares):
        program = call("count", call("above", c, half))
        yield Form(kind="colour_quarters_count", program=program, names={"c": c, "n": half}), evidence


def _most_of_colour(
    some: Sequence[Part], colour: str, sort: str, limits: SightLimits
) -> Iterator[tuple[Form, list[Evidence]]]:
    shares = sorted((part.shares.get(colour, 0) for part in some), reverse=True)
    if len(shares) < 3 or shares[0] < 100 * limits.min_colour_share:
        return
    if shares[0] - shares[1] >= 100 * limits.min_colour_gap:
        c, evidence = _colour_column(some, colour)
        yield Form(kind=f"colour_{sort}_most", program=call("argmax", c), names={"c": c}, closed=True), evidence


def _colour_of_halves(
    halves: Sequence[Part], colour: str, limits: SightLimits, rng: Random
) -> Iterator[tuple[Form, list[Evidence]]]:
    if len(halves) != 2:
        return
    a, b = (part.shares.get(colour, 0) for part in halves)
    if max(a, b) < 100 * limits.min_colour_share or abs(a - b) < 100 * limits.min_colour_gap:
        return
    c, evidence = _colour_column(halves, colour)
    op = rng.choice(("argmax", "argmin"))
    kind = "colour_half_more" if op == "argmax" else "colour_half_less"
    yield Form(kind=kind, program=call(op, c), names={"c": c}, closed=True), evidence


def _lightness(some: Sequence[Part], limits: SightLimits, rng: Random) -> Iterator[tuple[Form, list[Evidence]]]:
    if len(some) < 3:
        return
    ordered = sorted(part.lightness for part in some)
    gap = Decimal(str(limits.min_lightness_gap))
    c, evidence = _lightness_column(some)
    sort = "quarter" if len(some) == 4 else "third"
    is_even = some[1].lightness == ordered[1] and rng.random() >= _EVEN
    if len(some) == 3 and not is_even and all(high - low >= gap for low, high in pairwise(ordered)):
        yield Form(kind="light_order", program=call("descending", c), names={"c": c}, closed=True), evidence
        yield Form(kind="dark_order", program=call("ascending", c), names={"c": c}, closed=True), evidence
    is_sky = max(some, key=lambda part: part.lightness).name == "top third" and rng.random() < _GUESSED
    if ordered[-1] - ordered[-2] >= gap and not is_sky:
        yield Form(kind=f"lightest_{sort}", program=call("argmax", c), names={"c": c}, closed=True), evidence
    if ordered[1] - ordered[0] >= gap:
        yield Form(kind=f"darkest_{sort}", program=call("argmin", c), names={"c": c}, closed=True), evidence


def _colour_column(some: Sequence[Part], colour: str) -> tuple[Column, list[Evidence]]:
    entries, evidence = [], []
    for part in some:
        name, share = NAMES[part.name], part.shares.get(colour, 0)
        ref = f"P:{part.name.replace(' ', '-')}:{colour}"
        evidence.append(Evidence(kind="pixels", ref=ref, box=part.box, text=f"{name}: {share}% {colour}"))
        entries.append(Read(Quantity("percent", Decimal(share), "0|%"), ref, name, ref))
    return Column(tuple(entries), Words("part", colour, "parts")), evidence


def _lightness_column(some: Sequence[Part]) -> tuple[Column, list[Evidence]]:
    entries, evidence = [], []
    for part in some:
        name, ref = NAMES[part.name], f"P:{part.name.replace(' ', '-')}:lightness"
        evidence.append(Evidence(kind="pixels", ref=ref, box=part.box, text=f"{name}: {part.lightness} mean lightness"))
        entries.append(Read(Quantity("number", part.lightness, "1|"), ref, name, ref))
    return Column(tuple(entries), Words("part", "mean lightness", "parts")), evidence
