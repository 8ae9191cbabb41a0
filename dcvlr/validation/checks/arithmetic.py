"""Every calculation in the reasoning, calculated again."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from msgspec import Meta

from dcvlr.records import Finding, Qa
from dcvlr.settings import checked
from dcvlr.text.equations import equations
from dcvlr.text.words import steps
from dcvlr.validation.each import each


@dataclass(frozen=True, kw_only=True)
@checked
class Arithmetic:
    """`tolerance` is relative; `equations` says what may besides be rounded, and what is left out."""

    name: ClassVar[str] = "arithmetic"

    tolerance: Annotated[float, Meta(ge=0, le=0.1)]

    @each
    def __call__(self, qa: Qa) -> Finding:
        tolerance = Decimal(str(self.tolerance))
        found = [equation for step in steps(qa.reasoning) for equation in equations(step, tolerance)]
        wrong = [equation.text for equation in found if not equation.right]
        reason = f"wrong: {'; '.join(wrong)}" if wrong else ""
        return Finding(name=self.name, passed=not wrong, value=len(found), threshold=self.tolerance, reason=reason)
