"""Which kind of question is asked for where: shares are met picture by picture, so that none depends on another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from dcvlr.sampling import seeded

AnswerType = Literal["multiple_choice", "number", "short_text"]
ANSWER_TYPES: tuple[AnswerType, ...] = ("multiple_choice", "number", "short_text")


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One question to be written: the `number`-th of `total` on its picture; `seed` is that of its requests."""

    number: int
    total: int
    answer_type: str
    difficulty: str
    style: str
    template: int
    seed: int


def slots(
    image_id: str,
    total: int,
    *,
    seed: int,
    answer_types: Mapping[str, float],
    difficulties: Mapping[str, float],
    styles: Sequence[str],
    templates: int,
) -> list[Slot]:
    """`total` slots of one picture.

    Kinds are drawn by systematic sampling (one random start, equal steps), so each picture has its shares to within
    one question and a data set of pictures has them on average; a picture's slots do not depend on other pictures.
    """
    rng = seeded(seed, image_id, "slots")
    types = _drawn(answer_types, total, rng.random())
    levels = _drawn(difficulties, total, rng.random())
    rng.shuffle(types)
    rng.shuffle(levels)
    first = rng.randrange(len(styles))
    return [
        Slot(
            number=n + 1,
            total=total,
            answer_type=types[n],
            difficulty=levels[n],
            style=styles[(first + n) % len(styles)],
            template=rng.randrange(templates),
            seed=rng.getrandbits(31),
        )
        for n in range(total)
    ]


def _drawn(shares: Mapping[str, float], total: int, start: float) -> list[str]:
    """One name per step, at the points (start + n) / total of the line that the shares divide."""
    names, edges = list(shares), list(accumulate(shares.values()))
    points = [(start + n) / total * edges[-1] for n in range(total)]
    return [next((name for name, edge in zip(names, edges, strict=True) if p < edge), names[-1]) for p in points]
