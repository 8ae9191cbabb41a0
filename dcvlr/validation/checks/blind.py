"""Questions that a model answers without the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from dcvlr.llm.solver import Solver
from dcvlr.protocols import Remembering
from dcvlr.records import Failure, Finding, Qa
from dcvlr.settings import Fraction, checked
from dcvlr.validation.solving import Action, deprived


@dataclass(frozen=True, kw_only=True)
@checked
class Blind:
    """Rejected, or with `action: flag` only marked, where more than `max_agreement` of the replies agree.

    The model is shown nothing, so one that sees no pictures will do; a question that it solves tests no eyes.
    """

    name: ClassVar[str] = "blind"
    asks: ClassVar[bool] = True
    is_blind: ClassVar[bool] = True  # no picture is sent, so it is the cheapest
    solved: ClassVar[str] = "solved without the picture"

    solver: Solver
    max_agreement: Fraction
    action: Action

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding | Failure]:
        return deprived(self, qas, [()] * len(qas), memo)
