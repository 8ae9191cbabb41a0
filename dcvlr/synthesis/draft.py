"""What a family of questions hands over, and how clear a picture must be for it to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Annotated

from msgspec import Meta

from dcvlr.errors import ConfigError
from dcvlr.records import Evidence, Scene
from dcvlr.settings import Fraction, checked


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A question whose answer was computed, before it is chosen, given options and numbered.

    `closed` questions make sense only with their options ("Which of these ..."). The order of `evidence` is part of
    what a family means, since `dcvlr.validation.checks.proof` computes the answer again from it.
    """

    question: str
    answer: str
    steps: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    distractors: tuple[str, ...] = ()
    closed: bool = False


@dataclass(frozen=True, kw_only=True)
@checked
class Limits:
    """From where on something is clear enough to be asked about; every share is of 1.

    Raises `ConfigError` for a limit out of range.
    """

    min_text_score: Fraction
    min_short_text_score: Fraction
    max_expected_slips: Annotated[float, Meta(ge=0, le=10)]
    min_object_score: Fraction
    row_overlap: Fraction
    rival_overlap: Fraction
    max_count: Annotated[int, Meta(ge=1, le=100)]
    min_gap: Fraction
    min_size_ratio: Annotated[float, Meta(ge=1, le=100)]
    min_letter_ratio: Annotated[float, Meta(ge=1, le=100)]
    min_lightness_gap: Annotated[float, Meta(ge=0, le=100)]
    min_colour_share: Fraction
    max_runner_up_share: Fraction

    def __post_init__(self) -> None:
        if self.rival_overlap > self.row_overlap:
            raise ConfigError(
                f"synthesis.generator.limits.rival_overlap={self.rival_overlap!r}: at most row_overlap "
                f"({self.row_overlap!r}) is allowed, or a line could share a row without being a rival in it"
            )


Family = Callable[[Scene, Random, Limits], Iterable[Draft]]
