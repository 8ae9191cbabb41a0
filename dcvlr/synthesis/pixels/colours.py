"""What can be read from pixels alone: the mean colour of each part of a picture and the colour a person would name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from dcvlr.identity import speed
from dcvlr.records import Box, PartColour, Picture, PixelFacts, within_max_side
from dcvlr.settings import Count, checked
from dcvlr.synthesis.pixels.palette import TERMS, UNNAMED, clear_term, to_lab

# Left, top, right and bottom edge of each part, as shares of the picture's sides.
PARTS: dict[str, Box] = {
    "whole": (0, 0, 1, 1),
    "left": (0, 0, 0.5, 1),
    "right": (0.5, 0, 1, 1),
    "top": (0, 0, 1, 0.5),
    "bottom": (0, 0.5, 1, 1),
    "centre": (0.25, 0.25, 0.75, 0.75),
    "upper left": (0, 0, 0.5, 0.5),
    "upper right": (0.5, 0, 1, 0.5),
    "lower left": (0, 0.5, 0.5, 1),
    "lower right": (0.5, 0.5, 1, 1),
    "left third": (0, 0, 1 / 3, 1),
    "middle third": (1 / 3, 0, 2 / 3, 1),
    "right third": (2 / 3, 0, 1, 1),
    "top third": (0, 0, 1, 1 / 3),
    "middle band": (0, 1 / 3, 1, 2 / 3),
    "bottom third": (0, 2 / 3, 1, 1),
}


@dataclass(frozen=True, kw_only=True)
@checked
class NamedColours:
    """Mean CIELAB colour of each part, and the basic colour term that most of its pixels clearly belong to."""

    name: ClassVar[str] = "named_colours"
    revision: ClassVar[int] = 2
    signal: ClassVar[type] = PixelFacts
    decode = within_max_side

    max_side: Annotated[int, Meta(ge=16)]
    batch_size: Count = speed()

    def check_ready(self) -> None:
        """Needs numpy alone."""

    def __call__(self, items: Sequence[Picture], /) -> list[PixelFacts]:
        return [_facts(picture) for picture in items]


def _facts(picture: Picture) -> PixelFacts:
    lab = to_lab(picture.pixels)
    terms = clear_term(lab)
    parts = {name: _part(shares, picture, lab, terms) for name, shares in PARTS.items()}
    return PixelFacts(width=picture.width, height=picture.height, parts=parts)


def _part(shares: Box, picture: Picture, lab: NDArray[np.float64], terms: NDArray[np.intp]) -> PartColour:
    left, top, right, bottom = shares
    rows, columns = _span(top, bottom, lab.shape[0]), _span(left, right, lab.shape[1])
    inside = terms[rows, columns].ravel()
    counts = np.bincount(inside, minlength=len(TERMS) + 1)[:UNNAMED]
    first, second = np.argsort(-counts, kind="stable")[:2]
    lightness, a, b = (round(float(v), 2) + 0.0 for v in lab[rows, columns].mean(axis=(0, 1)))
    width, height = picture.width, picture.height
    return PartColour(
        box=(round(left * width, 1), round(top * height, 1), round(right * width, 1), round(bottom * height, 1)),
        lab=(lightness, a, b),
        colour=TERMS[first] if counts[first] else "unnamed",
        share=round(float(counts[first]) / inside.size, 4),
        runner_up_share=round(float(counts[second]) / inside.size, 4),
        shares={
            term: round(n / inside.size, 4)
            for term, n in zip(TERMS, counts.tolist(), strict=True)
            if 100 * n >= inside.size
        },
    )


def _span(start: float, end: float, size: int) -> slice:
    """The pixels whose larger half is between two shares of a side; at least one."""
    first = min(round(start * size), size - 1)
    return slice(first, max(round(end * size), first + 1))
