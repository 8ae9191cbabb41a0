"""Arithmetic with labelled amounts that stand in one column: sums, differences, the largest and the smallest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations, pairwise
from random import Random

from dcvlr.records import Evidence, Scene
from dcvlr.synthesis.draft import Draft, Limits
from dcvlr.synthesis.families.labels import Labelled, labelled_values
from dcvlr.synthesis.reading import Line, lines_of, shared_width
from dcvlr.synthesis.values import amount

Row = tuple[Labelled, Decimal]
_MOST = 4  # labels that one question names
_MONEY = re.compile(
    r"\b(?:(?:sub)?total|sum|tax|vat|gst|cash|change|amount|price|due|balance|net|gross|paid|payment|discount|tip|"
    r"rounding|cost|fee|RM|MYR|USD|EUR|GBP)\b|[$€£]",
    re.IGNORECASE,
)


def amount_sum(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    rows = _column(scene, limits)
    for (a, x), (b, y) in _shuffled_pairs(rows, rng):
        if x <= 0 or y <= 0 or x == y:
            continue
        total = x + y
        yield Draft(
            question=f'What is the sum of the amounts printed beside "{a.name}" and "{b.name}"?',
            answer=str(total),
            distractors=_other_amounts(total, [x - y, y - x, *(value for _, value in rows)], rng),
            steps=(_reads(a), _reads(b), f"Added up: {x} + {y} = {total}."),
            evidence=_evidence([a, b]),
        )


def amount_difference(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    rows = _column(scene, limits)
    for first, second in _shuffled_pairs(rows, rng):
        (a, x), (b, y) = (first, second) if first[1] > second[1] else (second, first)
        if y <= 0 or x == y:
            continue
        rest = x - y
        yield Draft(
            question=f'By how much is the amount beside "{a.name}" larger than the amount beside "{b.name}"?',
            answer=str(rest),
            distractors=_other_amounts(rest, [x + y, *(value for _, value in rows)], rng),
            steps=(_reads(a), _reads(b), f"The difference is {x} - {y} = {rest}."),
            evidence=_evidence([a, b]),
        )


def largest_amount(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    yield from _extreme(scene, rng, limits, largest=True)


def smallest_amount(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    yield from _extreme(scene, rng, limits, largest=False)


def _extreme(scene: Scene, rng: Random, limits: Limits, *, largest: bool) -> Iterator[Draft]:
    rows = _column(scene, limits)
    different = list({value: (label, value) for label, value in rows}.values())
    if len(different) < 3:
        return
    chosen = rng.sample(different, min(_MOST, len(different)))
    chosen.sort(key=lambda row: row[0].label.number)
    order = sorted(chosen, key=lambda row: row[1], reverse=largest)
    word, sign = ("largest", ">") if largest else ("smallest", "<")
    best, value = order[0]
    chain = f" {sign} ".join(str(other) for _, other in order)
    yield Draft(
        question=f"Which of these labels has the {word} amount printed beside it?",
        answer=best.name,
        distractors=tuple(label.name for label, _ in order[1:]),
        closed=True,
        steps=(
            *(_reads(label) for label, _ in chosen),
            f'In order: {chain}, so the {word} amount, {value}, is beside "{best.name}".',
        ),
        evidence=_evidence([label for label, _ in chosen]),
    )


def _column(scene: Scene, limits: Limits) -> list[Row]:
    """Labelled amounts of money whose right edges are flush with, or whose widths lie over, those of the row before."""
    lines = lines_of(scene)
    rows = [(pair, value) for pair in labelled_values(lines, limits) if (value := amount(pair.value)) is not None]
    prefixes = {pair.value.rstrip("-0123456789.,") for pair, _ in rows}
    flush = all(
        shared_width(a.line.box, b.line.box) >= 0.8 or abs(a.line.box[2] - b.line.box[2]) <= a.line.height / 2
        for (a, _), (b, _) in pairwise(rows)
    )
    return rows if flush and len(prefixes) == 1 and _is_money([pair for pair, _ in rows], lines) else []


def _is_money(rows: Sequence[Labelled], lines: Sequence[Line]) -> bool:
    """Whether the rows or what stands above their values say so; lengths and weights have two decimals, too."""
    column, top = rows[0].line.box, min(row.label.box[1] for row in rows)
    heads = [line.text for line in lines if line.box[3] <= top + line.height / 2 and shared_width(line.box, column) > 0]
    return any(_MONEY.search(text) for text in [*heads, *(row.name for row in rows), *(row.value for row in rows)])


def _shuffled_pairs(rows: Sequence[Row], rng: Random) -> list[tuple[Row, Row]]:
    pairs = list(combinations(rows, 2))
    rng.shuffle(pairs)
    return pairs[:8]


def _other_amounts(answer: Decimal, others: Sequence[Decimal], rng: Random) -> tuple[str, ...]:
    different = sorted({other for other in others if other > 0 and other != answer})
    return tuple(str(other) for other in rng.sample(different, min(3, len(different))))


def _reads(row: Labelled) -> str:
    return f'Beside "{row.name}" {row.label.cite} the picture shows {row.value} {row.line.cite}.'


def _evidence(rows: Sequence[Labelled]) -> tuple[Evidence, ...]:
    return tuple(evidence for row in rows for evidence in (row.label.evidence, row.line.evidence))
