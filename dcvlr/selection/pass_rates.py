"""What a student and a teacher make of a question: how often each finds its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dcvlr.llm.solver import Share
from dcvlr.records import Failure, Finding


@dataclass(frozen=True, kw_only=True)
class Gates:
    """What a question must stand besides its quota."""

    max_blind_share: float
    min_teacher_agreeing: int


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What came of one question; None for what was not asked."""

    seen: Share | Failure
    blind: Share | Failure | None
    teacher: Share | Failure | None

    @property
    def passes(self) -> int | None:
        """How many of the student's samples are right, None where that is not known."""
        return None if isinstance(self.seen, Failure) else self.seen.agreeing

    def findings(self, gates: Gates, *, has_band: bool) -> tuple[Finding, ...]:
        """A finding for each solver that was asked, `passes` first."""
        held = [_of_student(self.seen, has_band=has_band)]
        if self.blind is not None:
            held.append(_of_blind(self.blind, gates.max_blind_share))
        if self.teacher is not None:
            held.append(_of_teacher(self.teacher, gates.min_teacher_agreeing))
        return tuple(held)

    def verdict(self, findings: Sequence[Finding]) -> Literal["rejected", "unmeasured"]:
        """Of a question that failed: unmeasured where none says no but one could not be asked this time."""
        held = [result for result in (self.seen, self.blind, self.teacher) if result is not None]
        refused = any(
            isinstance(result, Share) and not finding.passed for result, finding in zip(held, findings, strict=True)
        )
        passing = any(isinstance(result, Failure) and not result.remembered for result in held)
        return "unmeasured" if passing and not refused else "rejected"


def _of_student(share: Share | Failure, *, has_band: bool) -> Finding:
    if isinstance(share, Failure):
        return share.as_finding("passes")
    reason = f"{share.agreeing} of {share.total} passes are in no band of selection.quotas"
    return Finding(name="passes", passed=has_band, value=share.agreeing, reason="" if has_band else reason)


def _of_blind(share: Share | Failure, max_share: float) -> Finding:
    if isinstance(share, Failure):
        return share.as_finding("blind")
    is_out = share.value > max_share
    reason = f"the student is right without the picture in {share.agreeing} of {share.total} replies"
    return Finding(
        name="blind",
        passed=not is_out,
        value=round(share.value, 4),
        threshold=max_share,
        reason=reason if is_out else "",
    )


def _of_teacher(share: Share | Failure, least: int) -> Finding:
    if isinstance(share, Failure):
        return share.as_finding("teacher")
    reason = f"the teacher agrees with the answer in {share.agreeing} of {share.total} replies"
    if share.other is not None:
        reason += f", others say {share.other!r}"
    passed = share.agreeing >= least
    return Finding(
        name="teacher", passed=passed, value=share.agreeing, threshold=least, reason="" if passed else reason
    )
