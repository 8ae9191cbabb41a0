"""What people who judged a sample of the questions of a dataset say of it, as numbers."""

from __future__ import annotations

from dcvlr.records.base import Record


class Precision(Record, frozen=True):
    """Share of questions that were judged right among those judged right or wrong, with a 95 % Wilson interval."""

    name: str
    right: int
    wrong: int
    unclear: int
    share: float | None
    low: float | None
    high: float | None

    def in_percent(self) -> tuple[str, str]:
        """The share and its interval as they are shown; dashes where nothing was decided."""
        if self.share is None or self.low is None or self.high is None:
            return "–", "–"
        return f"{100 * self.share:.1f} %", f"{100 * self.low:.1f} to {100 * self.high:.1f} %"


class Agreement(Record, frozen=True):
    """Cohen's kappa of two people over the questions that both judged; None where chance alone would agree always."""

    auditors: tuple[str, str]
    both: int
    same: int
    kappa: float | None


class Calibration(Record, frozen=True):
    """How well the value of a check foresees what people say, over questions that were judged right or wrong.

    `auc` is the chance that a question that is right has a higher value than one that is wrong, ties for a half; None
    where all are one or the other. `groups` are precisions from low values to high ones.
    """

    name: str
    auc: float | None
    groups: tuple[Precision, ...]


class Audit(Record, frozen=True):
    """What stands in audit.json of a run directory."""

    overall: Precision
    bins: tuple[Precision, ...]
    kinds: tuple[Precision, ...]
    flagged: tuple[Precision, ...]  # by check that had something against the question and let it pass
    refused: tuple[Precision, ...]  # by check that refused the question; those that are right were lost for nothing
    calibration: tuple[Calibration, ...]
    agreements: tuple[Agreement, ...]
