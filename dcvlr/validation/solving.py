"""Checks by answering again: with the picture, without it, with another one, or with the evidence painted out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, Protocol

from dcvlr.llm.solver import Share, Solver
from dcvlr.protocols import Remembering
from dcvlr.records import Failure, Finding, Qa
from dcvlr.records.requests import View

Action = Literal["reject", "flag"]


class Deprived(Protocol):
    """A check that keeps back what a question should need, and says in `solved` how it was solved all the same."""

    name: ClassVar[str]
    solved: ClassVar[str]

    @property
    def solver(self) -> Solver: ...
    @property
    def max_agreement(self) -> float: ...
    @property
    def action(self) -> Action: ...


def deprived(
    check: Deprived, qas: Sequence[Qa], views: Sequence[tuple[View, ...] | str], memo: Remembering
) -> list[Finding | Failure]:
    """A finding for each QA, asked with its `views`; where they are a text instead, it says why it is not asked."""
    posed = [(qa, shown) for qa, shown in zip(qas, views, strict=True) if not isinstance(shown, str)]
    found = iter(check.solver.shares(posed, memo))
    return [_not_asked(check, shown) if isinstance(shown, str) else _verdict(check, next(found)) for shown in views]


def _not_asked(check: Deprived, why: str) -> Finding:
    return Finding(name=check.name, passed=True, threshold=check.max_agreement, reason=f"not asked: {why}")


def _verdict(check: Deprived, share: Share | Failure) -> Finding | Failure:
    if isinstance(share, Failure):
        return share
    is_solved = share.value > check.max_agreement
    return Finding(
        name=check.name,
        passed=not is_solved or check.action == "flag",
        value=round(share.value, 4),
        threshold=check.max_agreement,
        reason=f"{check.solved} in {share.agreeing} of {share.total} replies" if is_solved else "",
    )
