"""How the checks that ask a model came out over a run."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from dcvlr.protocols import Check
from dcvlr.records import Failure, Finding
from dcvlr.validation.verdicts import Verdict, is_flag, round_of

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Rate:
    """`evaluated` questions got a value, with the sum `total`; `unmeasured` ones could not be asked this time."""

    evaluated: int = 0
    total: float = 0.0
    rejected: int = 0
    flagged: int = 0
    unmeasured: int = 0

    def add(self, answer: Finding | Failure) -> None:
        if isinstance(answer, Failure):
            self.rejected += answer.remembered
            self.unmeasured += not answer.remembered
            return
        self.rejected += not answer.passed
        self.flagged += is_flag(answer)
        if isinstance(answer.value, int | float):
            self.evaluated += 1
            self.total += answer.value

    def summary(self) -> dict[str, float | int | None]:
        return {
            "evaluated": self.evaluated,
            "mean": round(self.total / self.evaluated, 4) if self.evaluated else None,
            "rejected": self.rejected,
            "flagged": self.flagged,
            "unmeasured": self.unmeasured,
        }


class Rates:
    """One `Rate` for each of the checks that ask."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._of = {name: Rate() for name, check in checks.items() if round_of(check) == "asks"}

    def add(self, verdict: Verdict) -> None:
        for name, rate in self._of.items():
            rate.add(verdict.answers[name])

    def summary(self) -> dict[str, dict[str, float | int | None]]:
        return {name: rate.summary() for name, rate in self._of.items()}

    def tell(self) -> None:
        for name, rate in self.summary().items():
            mean = f", mean {rate['mean']:.3g}" if rate["mean"] is not None else ""
            counts = ", ".join(f"{rate[what]} {what}" for what in ("rejected", "flagged", "unmeasured") if rate[what])
            log.info("%s: %s questions evaluated%s%s", name, rate["evaluated"], mean, f", {counts}" if counts else "")
