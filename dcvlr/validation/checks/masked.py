"""Questions that a model answers with the cited evidence painted out of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from dcvlr.llm.solver import Solver, require_sight
from dcvlr.protocols import Remembering
from dcvlr.records import Failure, Finding, Qa
from dcvlr.records.requests import View
from dcvlr.settings import Fraction, checked
from dcvlr.validation.solving import Action, deprived


@dataclass(frozen=True, kw_only=True)
@checked
class Masked:
    """Rejected, or with `action: flag` only marked, where more than `max_agreement` of the replies agree.

    Only a QA all of whose evidence has a place in the picture is asked: with a part of it in sight, an answer would
    prove nothing.
    """

    name: ClassVar[str] = "masked"
    asks: ClassVar[bool] = True
    solved: ClassVar[str] = "solved with the evidence painted out"

    solver: Solver
    max_agreement: Fraction
    action: Action

    def check_ready(self) -> None:
        require_sight(f"validation.checks.{self.name}.solver.llm", self.solver.llm)

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding | Failure]:
        return deprived(self, qas, [_painted_out(qa) for qa in qas], memo)


def _painted_out(qa: Qa) -> tuple[View, ...] | str:
    unplaced = [evidence.ref for evidence in qa.evidence if evidence.box is None]
    if unplaced or not qa.evidence:
        return f"{', '.join(unplaced)} has no place in the picture" if unplaced else "there is no evidence"
    masks = [
        {e.box for e in qa.evidence if e.box is not None and e.picture == n} for n in range(1, len(qa.pictures) + 1)
    ]
    return tuple(
        View(image=image, masks=tuple(sorted(hidden))) for image, hidden in zip(qa.pictures, masks, strict=True)
    )
