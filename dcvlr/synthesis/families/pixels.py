"""What pixels alone tell: the colour of a part, the brighter half, the shape of the picture."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from dcvlr.records import Evidence, PartColour, Scene
from dcvlr.synthesis.draft import Draft, Limits
from dcvlr.synthesis.size import full_size, whole

_PARTS = {
    "whole": "the whole picture",
    "left": "the left half of the picture",
    "right": "the right half of the picture",
    "top": "the upper half of the picture",
    "bottom": "the lower half of the picture",
    "centre": "the centre of the picture",
}
_HALVES = {"left": "left half", "right": "right half", "top": "upper half", "bottom": "lower half"}
# Colours that two people may name differently when they look at one thing, so never offered beside each other.
CONFUSABLE = {
    "black": ("grey", "brown", "blue", "purple", "green"),
    "white": ("grey", "yellow", "pink", "blue"),
    "grey": ("black", "white", "blue", "brown", "green", "purple"),
    "red": ("orange", "pink", "brown", "purple"),
    "orange": ("red", "yellow", "brown", "pink"),
    "yellow": ("orange", "green", "brown", "white"),
    "green": ("yellow", "blue", "grey", "black", "brown"),
    "blue": ("green", "purple", "grey", "black", "white"),
    "purple": ("blue", "pink", "red", "grey", "black"),
    "pink": ("red", "purple", "orange", "white"),
    "brown": ("orange", "red", "yellow", "black", "grey", "green"),
}
SHAPES = ("wider than tall", "taller than wide", "square")
_SQUARE = 0.01  # sides that differ by less than this share look equal
_OBLONG = 1.1  # one side is at least so many times the other where the picture is clearly not square


def dominant_colour(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    if scene.pixels is None:
        return
    for name, phrase in _PARTS.items():
        part = scene.pixels.parts.get(name)
        if part is None or not _has_main_colour(part, limits):
            continue
        others = sorted(set(CONFUSABLE) - {part.colour} - set(CONFUSABLE.get(part.colour, ())))
        yield Draft(
            question=f"Which colour covers most of {phrase}?",
            answer=part.colour,
            distractors=tuple(rng.sample(others, 3)),
            closed=True,
            steps=(
                f"In {phrase} {_percent(part.share)} % of the pixels are nearest to {part.colour} [P:{name}].",
                f"The next colour there has {_percent(part.runner_up_share)} %, so {part.colour} covers most of it.",
            ),
            evidence=(_colour_fact(name, phrase, part),),
        )


def brighter_side(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    yield from _brighter(scene, limits, ("left", "left half"), ("right", "right half"))


def brighter_level(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    yield from _brighter(scene, limits, ("top", "upper half"), ("bottom", "lower half"))


def centre_lightness(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    """The centre is part of the whole, so half the difference is as clear as between two halves."""
    parts = {} if scene.pixels is None else scene.pixels.parts
    if "centre" not in parts or "whole" not in parts:
        return
    centre, all_ = round(parts["centre"].lab[0], 1), round(parts["whole"].lab[0], 1)
    if abs(centre - all_) < limits.min_lightness_gap / 2:
        return
    answer, sign = ("brighter", ">") if centre > all_ else ("darker", "<")
    yield Draft(
        question="How light is the centre of the picture compared with the picture as a whole?",
        answer=answer,
        distractors=("darker" if answer == "brighter" else "brighter",),
        closed=True,
        steps=(
            f"The mean lightness L* is {centre} in the centre [P:centre] and {all_} in the whole picture [P:whole].",
            f"Since {centre} {sign} {all_}, the centre is {answer} than the picture as a whole.",
        ),
        evidence=(
            Evidence(kind="pixels", ref="P:centre", box=parts["centre"].box, text=f"centre: mean L* {centre}"),
            Evidence(kind="pixels", ref="P:whole", box=parts["whole"].box, text=f"whole picture: mean L* {all_}"),
        ),
    )


def half_of_colour(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    for halves in _clear_halves(scene, limits):
        (name, part), (other, rest) = rng.sample(halves, 2)
        if rest.colour == part.colour or rest.colour in CONFUSABLE.get(part.colour, ()):
            continue
        yield Draft(
            question=f"Which of these two halves of the picture is mostly {part.colour}?",
            answer=_HALVES[name],
            distractors=(_HALVES[other],),
            closed=True,
            steps=(
                f"In {_PARTS[name]} {_percent(part.share)} % of the pixels are nearest to {part.colour} [P:{name}].",
                f"Most of {_PARTS[other]} is {rest.colour} instead [P:{other}], so it is the {_HALVES[name]}.",
            ),
            evidence=(_colour_fact(name, _PARTS[name], part), _colour_fact(other, _PARTS[other], rest)),
        )


def aspect(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    size = full_size(scene)
    if size is None or max(size) < _OBLONG * min(size):
        return
    long, short = max(size), min(size)
    ratio = f"{long / short:.1f}"
    far = [f"{n / 10:.1f}" for n in range(10, 41, 5) if abs(n / 10 - long / short) >= 0.4]
    words = ("wide", "tall") if size[0] > size[1] else ("tall", "wide")
    yield Draft(
        question=f"About how many times as {words[0]} as it is {words[1]} is the picture?",
        answer=ratio,
        distractors=tuple(rng.sample(far, 3)),
        closed=True,
        steps=(
            f"The whole picture measures {size[0]} pixels across and {size[1]} pixels down [P:whole].",
            f"The longer side divided by the shorter side: {long} / {short} ≈ {ratio}.",
        ),
        evidence=(whole(size),),
    )


def orientation(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    size = full_size(scene)
    if size is None:
        return
    width, height = size
    if width >= _OBLONG * height:
        answer, compared = "wider than tall", f"the width is larger: {width} > {height}"
    elif height >= _OBLONG * width:
        answer, compared = "taller than wide", f"the height is larger: {height} > {width}"
    elif abs(width - height) <= _SQUARE * max(size):
        answer, compared = "square", f"the two differ by less than one part in a hundred: {width} and {height}"
    else:
        return
    yield Draft(
        question="Which word or words describe the shape of the whole picture?",
        answer=answer,
        distractors=tuple(word for word in SHAPES if word != answer),
        closed=True,
        steps=(
            f"The whole picture measures {width} pixels across and {height} pixels down [P:whole].",
            f"Comparing them, {compared}, so the picture is {answer}.",
        ),
        evidence=(whole(size),),
    )


def _brighter(scene: Scene, limits: Limits, low: tuple[str, str], high: tuple[str, str]) -> Iterator[Draft]:
    """`low` and `high` are two parts, each with the words for it."""
    if scene.pixels is None:
        return
    parts = scene.pixels.parts
    if low[0] not in parts or high[0] not in parts:
        return
    a, b = round(parts[low[0]].lab[0], 1), round(parts[high[0]].lab[0], 1)
    if abs(a - b) < limits.min_lightness_gap:
        return
    (name, lighter), (_, darker) = ((low[1], a), (high[1], b)) if a > b else ((high[1], b), (low[1], a))
    yield Draft(
        question="Which of these two halves of the picture is brighter overall?",
        answer=name,
        distractors=(low[1] if name == high[1] else high[1],),
        closed=True,
        steps=(
            f"The mean lightness L* of the {low[1]} is {a} [P:{low[0]}], that of the {high[1]} is {b} [P:{high[0]}].",
            f"Since {lighter} > {darker}, the {name} of the picture is brighter.",
        ),
        evidence=(
            Evidence(kind="pixels", ref=f"P:{low[0]}", box=parts[low[0]].box, text=f"{low[1]}: mean L* {a}"),
            Evidence(kind="pixels", ref=f"P:{high[0]}", box=parts[high[0]].box, text=f"{high[1]}: mean L* {b}"),
        ),
    )


def _clear_halves(scene: Scene, limits: Limits) -> Iterator[list[tuple[str, PartColour]]]:
    """Opposite halves that both have one main colour."""
    parts = {} if scene.pixels is None else scene.pixels.parts
    for pair in (("left", "right"), ("top", "bottom")):
        halves: list[tuple[str, PartColour]] = [
            (name, parts[name]) for name in pair if name in parts and _has_main_colour(parts[name], limits)
        ]
        if len(halves) == 2:
            yield halves


def _has_main_colour(part: PartColour, limits: Limits) -> bool:
    return part.share >= limits.min_colour_share and part.runner_up_share <= limits.max_runner_up_share


def _colour_fact(name: str, phrase: str, part: PartColour) -> Evidence:
    text = f"{phrase}: {_percent(part.share)} % {part.colour}, next colour {_percent(part.runner_up_share)} %"
    return Evidence(kind="pixels", ref=f"P:{name}", box=part.box, text=text)


def _percent(share: float) -> int:
    return round(100 * share)
