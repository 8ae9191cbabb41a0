"""What checks said of the questions of a run, in numbers: verdicts, reasons by their kind, and mean values."""

from __future__ import annotations

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from dcvlr.protocols import Check
from dcvlr.records import Failure, Finding
from dcvlr.validation.verdicts import Verdict, is_flag, round_of

log = logging.getLogger(__name__)

_VALUE = re.compile(r"'[^']*'|\"[^\"]*\"|[-+]?\d+(?:[.,]\d+)*(?:\s?%)?")
_LONGEST = 80  # letters of a kind


class Tallies:
    """Per check how many questions passed, were flagged, failed, were not checked or not measured; and why, by kind.

    The kind of a reason is what is left of it without what it quotes and counts: all of "words not in the evidence:
    amber" and "words not in the evidence: blue" are one.
    """

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._values: dict[str, list[float]]  # how many numbers a check that asks gave, and their sum
        self._values = {name: [0, 0.0] for name, one in checks.items() if round_of(one) == "asks"}
        self._verdicts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, verdict: Verdict) -> None:
        for name, answer in verdict.answers.items():
            self._verdicts[name][_verdict(answer)] += 1
            if reason := _kind(answer):
                self._reasons[name][reason] += 1
            value = None if isinstance(answer, Failure) else answer.value
            if name in self._values and isinstance(value, int | float):
                self._values[name][0] += 1
                self._values[name][1] += value

    def verdicts(self) -> dict[str, dict[str, Any]]:
        """Checks in the order of the config; reasons by how often they were given."""
        return {
            name: {**dict(sorted(counts.items())), "reasons": _by_count(self._reasons.get(name, {}))}
            for name, counts in self._verdicts.items()
        }

    def asked(self) -> dict[str, dict[str, float | int | None]]:
        """Of each check that asks how many questions got a value, their mean, and what became of the others."""
        found = {}
        for name, (count, total) in self._values.items():
            verdicts = self._verdicts.get(name, Counter())
            found[name] = {
                "evaluated": int(count),
                "mean": round(total / count, 4) if count else None,
                "rejected": verdicts["failed"],
                "flagged": verdicts["flagged"],
                "unmeasured": verdicts["not_measured"],
            }
        return found

    def log_asked(self) -> None:
        for name, rate in self.asked().items():
            mean = f", mean {rate['mean']:.3g}" if rate["mean"] is not None else ""
            counts = ", ".join(f"{rate[what]} {what}" for what in ("rejected", "flagged", "unmeasured") if rate[what])
            log.info("%s: %s questions evaluated%s%s", name, rate["evaluated"], mean, f", {counts}" if counts else "")


def _verdict(answer: Finding | Failure) -> str:
    if isinstance(answer, Failure):
        return "failed" if answer.remembered else "not_measured"
    if not answer.passed:
        return "failed"
    if is_flag(answer):
        return "flagged"
    return "not_checked" if answer.reason else "passed"


def _kind(answer: Finding | Failure) -> str:
    if isinstance(answer, Failure):
        return answer.kind
    if not answer.reason:
        return ""
    reason = answer.reason if answer.passed else answer.reason.partition(": ")[0]
    return _VALUE.sub("…", reason)[:_LONGEST]


def _by_count(reasons: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))
