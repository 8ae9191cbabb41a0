"""Questions answered once more, from the picture, by a model that does not know the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from dcvlr.llm.solver import Share, Solver, posed, require_sight
from dcvlr.protocols import Remembering
from dcvlr.records import Failure, Finding, Qa
from dcvlr.settings import Fraction, checked


@dataclass(frozen=True, kw_only=True)
@checked
class Solve:
    """At least `min_agreement` of the replies must agree with the answer.

    Raises `ConfigError` for settings out of range; `check_ready` for a model that sees no pictures.
    """

    name: ClassVar[str] = "solve"
    asks: ClassVar[bool] = True

    solver: Solver
    min_agreement: Fraction

    def check_ready(self) -> None:
        require_sight(f"validation.checks.{self.name}.solver.llm", self.solver.llm)

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding | Failure]:
        found = self.solver.shares(posed(qas), memo)
        return [self._verdict(qa, share) for qa, share in zip(qas, found, strict=True)]

    def _verdict(self, qa: Qa, share: Share | Failure) -> Finding | Failure:
        if isinstance(share, Failure):
            return share
        passed = share.value >= self.min_agreement
        reason = f"{share.agreeing} of {share.total} replies agree with {qa.answer!r}"
        if share.other is not None:
            reason += f", others say {share.other!r}"
        return Finding(
            name=self.name,
            passed=passed,
            value=round(share.value, 4),
            threshold=self.min_agreement,
            reason="" if passed else reason,
        )
