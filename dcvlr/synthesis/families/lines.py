"""Lines of text by where they stand: next to one another, first or last, on which side, in which size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from random import Random

from dcvlr.records import Scene
from dcvlr.synthesis.draft import Draft, Limits
from dcvlr.synthesis.reading import (
    Line,
    alone_in_row,
    clear,
    lines_of,
    normal,
    shared_width,
    unique,
)
from dcvlr.synthesis.size import full_size, whole

_CHOICES = 4


def line_below(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    lines = lines_of(scene)
    for upper, lower in _neighbours(lines, limits):
        if _can_be_named(upper, lines):
            yield Draft(
                question=f'What is written on the line directly below "{upper.text}"?',
                answer=lower.text,
                distractors=_others(lines, [upper, lower], rng, limits),
                steps=(
                    f'The line "{upper.text}" is found in the picture {upper.cite}.',
                    f'The next line under it, with nothing between them, reads "{lower.text}" {lower.cite}.',
                ),
                evidence=(upper.evidence, lower.evidence),
            )


def line_above(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    lines = lines_of(scene)
    for upper, lower in _neighbours(lines, limits):
        if _can_be_named(lower, lines):
            yield Draft(
                question=f'Which line of text stands directly above "{lower.text}"?',
                answer=upper.text,
                distractors=_others(lines, [upper, lower], rng, limits),
                steps=(
                    f'The line "{lower.text}" is found in the picture {lower.cite}.',
                    f'The next line over it, with nothing between them, reads "{upper.text}" {upper.cite}.',
                ),
                evidence=(lower.evidence, upper.evidence),
            )


def highest_line(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    yield from _order(scene, rng, limits, highest=True)


def lowest_line(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    yield from _order(scene, rng, limits, highest=False)


def largest_letters(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    lines = lines_of(scene)
    if len(lines) < 3:
        return
    first, second, third = sorted(lines, key=lambda line: line.height, reverse=True)[:3]
    # A slanted box is higher than its letters, so a line is only compared where its box fits.
    if not _is_text(first, limits) or first.slant > 1.15 or first.height < limits.min_letter_ratio * second.height:
        return
    yield Draft(
        question="Which text in the picture has the largest letters?",
        answer=first.text,
        distractors=_others(lines, [first], rng, limits),
        steps=(
            f'The letters of "{first.text}" {first.cite} are about {first.height:.0f} pixels high.',
            f"The next largest lines are about {second.height:.0f} {second.cite} and {third.height:.0f} {third.cite} "
            f'pixels high, so "{first.text}" has the largest letters.',
        ),
        evidence=(first.evidence, second.evidence, third.evidence),
    )


def upper_or_lower_half(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    yield from _half(scene, limits, low=1, words=("upper half", "lower half"))


def left_or_right_half(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    yield from _half(scene, limits, low=0, words=("left half", "right half"))


def _neighbours(lines: Sequence[Line], limits: Limits) -> Iterator[tuple[Line, Line]]:
    """Lines that fill their rows and follow each other closer than a line is high, in letters of about one size."""
    rows = sorted(lines, key=lambda line: line.middle)
    for upper, lower in pairwise(rows):
        height = min(upper.height, lower.height)
        if (
            lower.box[1] - upper.box[3] <= 0.6 * height
            and max(upper.height, lower.height) <= 1.6 * height
            and shared_width(upper.box, lower.box) >= 0.6
            and all(_is_text(line, limits) and alone_in_row(line, lines, limits) for line in (upper, lower))
            and normal(upper.text) != normal(lower.text)
        ):
            yield upper, lower


def _order(scene: Scene, rng: Random, limits: Limits, *, highest: bool) -> Iterator[Draft]:
    lines = lines_of(scene)
    fit = [line for line in lines if _is_text(line, limits) and _can_be_named(line, lines)]
    chosen: list[Line] = []
    for line in rng.sample(fit, len(fit)):
        if len(chosen) < _CHOICES and all(_apart(line, other) for other in chosen):
            chosen.append(line)
    if len(chosen) < 3:
        return
    chosen.sort(key=lambda line: line.middle, reverse=not highest)
    end, word = ("highest up", "top") if highest else ("lowest down", "bottom")
    best, *rest = chosen
    yield Draft(
        question=f"Which of these lines of text is {end} in the picture?",
        answer=best.text,
        distractors=tuple(line.text for line in rest),
        closed=True,
        steps=(
            f"From the {word} the lines follow each other as "
            + ", ".join(f'"{line.text}" {line.cite}' for line in chosen)
            + ".",
            f'The first of them in this order is "{best.text}", so it is {end}.',
        ),
        evidence=tuple(line.evidence for line in chosen),
    )


def _half(scene: Scene, limits: Limits, *, low: int, words: tuple[str, str]) -> Iterator[Draft]:
    """`low` is where a box keeps its low edge on the axis: 0 for x, 1 for y."""
    size, lines = full_size(scene), lines_of(scene)
    if size is None:
        return
    half, margin = size[low] / 2, limits.min_gap * size[low]
    for line in lines:
        begin, end = line.box[low], line.box[low + 2]
        if not _is_text(line, limits) or not _can_be_named(line, lines):
            continue
        if begin - half >= margin:
            answer = words[1]
        elif half - end >= margin:
            answer = words[0]
        else:
            continue
        axis = "top" if low else "left edge"
        yield Draft(
            question=f'In which half of the picture is the text "{line.text}"?',
            answer=answer,
            distractors=tuple(word for word in words if word != answer),
            closed=True,
            steps=(
                f'The text "{line.text}" reaches from {begin:.0f} to {end:.0f} pixels from the {axis} {line.cite}.',
                f"The middle of the picture is at {half:.0f} pixels [P:whole], so the text is in the {answer}.",
            ),
            evidence=(line.evidence, whole(size)),
        )


def _apart(line: Line, other: Line) -> bool:
    return abs(line.middle - other.middle) >= 2 * max(line.height, other.height) and normal(line.text) != normal(
        other.text
    )


def _is_text(line: Line, limits: Limits) -> bool:
    """Clear, and words rather than a number or a stray mark."""
    letters, signs = sum(c.isalpha() for c in line.text), len(normal(line.text))
    return clear(line, limits) and letters >= 3 and signs >= 4 and signs >= 0.6 * len(line.text.replace(" ", ""))


def _can_be_named(line: Line, lines: Sequence[Line]) -> bool:
    """Unique, and no part of another line."""
    return unique(line.text, lines) and not any(
        normal(line.text) in normal(other.text) for other in lines if other is not line
    )


def _others(lines: Sequence[Line], used: Sequence[Line], rng: Random, limits: Limits) -> tuple[str, ...]:
    taken = {normal(line.text) for line in used}
    fit = {normal(line.text): line.text for line in lines if _is_text(line, limits)}
    different = sorted(text for key, text in fit.items() if key not in taken)
    return tuple(rng.sample(different, min(3, len(different))))
