"""What a family of questions hands over, and how clear a picture must be for it to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

from dcvlr.errors import ConfigError, require_range
from dcvlr.records import Evidence, Scene


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
class Limits:
    """From where on something is clear enough to be asked about; every share is of 1.

    Raises `ConfigError` for a limit out of range.
    """

    min_text_score: float
    min_short_text_score: float
    max_expected_slips: float
    min_object_score: float
    row_overlap: float
    rival_overlap: float
    max_count: int
    min_gap: float
    min_size_ratio: float
    min_letter_ratio: float
    min_lightness_gap: float
    min_colour_share: float
    max_runner_up_share: float

    def __post_init__(self) -> None:
        for key in (
            "min_text_score",
            "min_short_text_score",
            "min_object_score",
            "row_overlap",
            "rival_overlap",
            "min_gap",
        ):
            require_range(f"synthesis.generator.limits.{key}", getattr(self, key), 0, 1)
        for key in ("min_colour_share", "max_runner_up_share"):
            require_range(f"synthesis.generator.limits.{key}", getattr(self, key), 0, 1)
        for key in ("min_size_ratio", "min_letter_ratio"):
            require_range(f"synthesis.generator.limits.{key}", getattr(self, key), 1, 100)
        require_range("synthesis.generator.limits.max_expected_slips", self.max_expected_slips, 0, 10)
        require_range("synthesis.generator.limits.min_lightness_gap", self.min_lightness_gap, 0, 100)
        require_range("synthesis.generator.limits.max_count", self.max_count, 1, 100)
        if self.rival_overlap > self.row_overlap:
            raise ConfigError(
                f"synthesis.generator.limits.rival_overlap={self.rival_overlap!r}: at most row_overlap "
                f"({self.row_overlap!r}) is allowed, or a line could share a row without being a rival in it"
            )


Family = Callable[[Scene, Random, Limits], Iterable[Draft]]
