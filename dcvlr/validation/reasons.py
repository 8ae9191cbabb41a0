"""What checks said of the questions of a run, in numbers: verdicts, and reasons by their kind."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from dcvlr.records import Failure, Finding
from dcvlr.validation.verdicts import Verdict, is_flag

_VALUE = re.compile(r"'[^']*'|\"[^\"]*\"|[-+]?\d+(?:[.,]\d+)*(?:\s?%)?")
_LONGEST = 80  # letters of a kind


class Reasons:
    """Per check how many questions passed, were flagged, failed, were not checked or not measured; and why, by kind.

    The kind of a reason is what is left of it without what it quotes and counts: all of "words not in the evidence:
    amber" and "words not in the evidence: blue" are one.
    """

    def __init__(self) -> None:
        self._verdicts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, verdict: Verdict) -> None:
        for name, answer in verdict.answers.items():
            self._verdicts[name][_verdict(answer)] += 1
            if reason := _kind(answer):
                self._reasons[name][reason] += 1

    def summary(self) -> dict[str, dict[str, Any]]:
        """Checks in the order of the config; reasons by how often they were given."""
        return {
            name: {**dict(sorted(counts.items())), "reasons": _by_count(self._reasons.get(name, {}))}
            for name, counts in self._verdicts.items()
        }


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
