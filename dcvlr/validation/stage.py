"""The fourth stage: questions that every check lets through."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, takewhile
from typing import ClassVar

from dcvlr.protocols import Check, Remembering
from dcvlr.records import Finding, Flagged, Qa
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger
from dcvlr.settings import Count, checked
from dcvlr.validation.rationales import Rationales
from dcvlr.validation.tallies import Tallies
from dcvlr.validation.verdicts import Answers, Verdict, completed, looked_at, surveyed

log = logging.getLogger(__name__)

_SCORES = ("solve", "judge")  # checks whose value says how good a question is, the more telling one first
VALIDATED = "validated_qa_pairs.jsonl"
FLAGGED = "flagged.jsonl"


@dataclass(frozen=True, kw_only=True)
@checked
class Validation:
    """Each QA gets a verdict from each of `checks`, by name; one that fails any goes to the ledger with them all,
    as unmeasured where none says no but one could not be asked this time. What a check flags passes and stands in
    `flagged.jsonl` too.

    QAs of one picture must follow each other; `batch_size` QAs, rounded up to whole pictures, are checked at a time.
    """

    name: ClassVar[str] = "validation"
    folder: ClassVar[str] = "stage4_validation"
    result: ClassVar[str] = "validated_qa"
    takes: ClassVar[type] = Qa
    gives: ClassVar[type] = Qa

    checks: Mapping[str, Check]
    rationales: Rationales
    batch_size: Count

    def __post_init__(self) -> None:
        self.rationales.require(self.checks)

    def __call__(self, records: Sequence[Qa], memo: Remembering, ledger: Ledger, files: Folder) -> Sequence[Qa]:
        checks = {name: surveyed(check, records) for name, check in self.checks.items()}
        slices = replace(memo.slices(), rows=self.batch_size)  # asked before a check loads a model
        tallies, unmeasured, thoughts = Tallies(checks), 0, Counter[str]()
        with files.open_lines(VALIDATED) as validated, files.open_lines(FLAGGED) as flagged:
            for batch, answers in slices(lambda rows: _looked_at(records, rows, checks, memo), len(records)):
                found = completed(checks, batch, answers, memo)
                worse = outdone(batch, found)
                both = list(zip(batch, found, strict=True))
                passed = [qa for qa, verdict in both if verdict.passed and qa.id not in worse]
                kept = self.rationales(passed, checks, memo, thoughts)
                for qa, verdict in both:
                    tallies.add(verdict)
                    if not verdict.passed:
                        unmeasured += not verdict.refusals
                        verdict.report(qa, ledger)
                    elif qa.id in worse:
                        ledger.reject(qa, [worse[qa.id]])
                    else:
                        validated.write(next(kept))
                        if verdict.flags:
                            flagged.write(Flagged(id=qa.id, image=qa.image, findings=verdict.flags))
        tallies.log_asked()
        summary = _summary(len(records), validated.count, unmeasured, ledger.counts())
        summary |= {"checked": tallies.asked(), "verdicts": tallies.verdicts()}
        if thoughts:
            summary["rationales"] = dict(sorted(thoughts.items()))
        files.write_json("summary.json", summary)
        return files.read_lines(VALIDATED, Qa)


def _looked_at(
    records: Sequence[Qa], rows: range, checks: Mapping[str, Check], memo: Remembering
) -> tuple[list[Qa], Answers]:
    batch = _whole_pictures(records, rows)
    return batch, looked_at(checks, batch, memo)


def _whole_pictures(records: Sequence[Qa], rows: range) -> list[Qa]:
    """All QAs of the pictures whose first one is in these rows."""
    before = records[rows.start - 1].image_id if rows.start else None
    batch = list(dropwhile(lambda qa: qa.image_id == before, records[rows.start : rows.stop]))
    rest = (records[row] for row in range(rows.stop, len(records) if batch else 0))
    return batch + list(takewhile(lambda qa: qa.image_id == batch[-1].image_id, rest))


def _summary(original: int, validated: int, unmeasured: int, removed: Mapping[str, int]) -> dict[str, object]:
    """`removed` counts a QA once under each check that it failed; what could not be asked is not removed."""
    gone = original - validated - unmeasured
    return {
        "stage": Validation.name,
        "original_count": original,
        "validated_count": validated,
        "removed_count": gone,
        "removal_rate_percent": round(100 * gone / original, 2) if original else 0.0,
        "removed": dict(removed),
        "unmeasured_count": unmeasured,
    }


def outdone(qas: Sequence[Qa], verdicts: Sequence[Verdict]) -> Mapping[str, Finding]:
    """Why each question goes that is not the best of its candidates, by id.

    The best has the highest agreement in `solve`, then the highest score of `judge`, then the fewest flags; of equals
    it is the first. Questions of one picture follow each other.
    """
    groups: defaultdict[tuple[str, int], list[tuple[Qa, Verdict]]] = defaultdict(list)
    for qa, verdict in zip(qas, verdicts, strict=True):
        if verdict.passed and qa.asked_for is not None:
            groups[qa.image_id, qa.asked_for.number].append((qa, verdict))
    found = {}
    for group in groups.values():
        best, _ = max(group, key=lambda one: _merits(one[1]))
        for qa, _ in group:
            if qa is not best:
                reason = f"another candidate for it is at least as good: {best.question!r}"
                found[qa.id] = Finding(name="candidates", passed=False, value=best.id, reason=reason)
    return found


def _merits(verdict: Verdict) -> tuple[float, ...]:
    scores = (getattr(verdict.answers.get(name), "value", None) for name in _SCORES)
    return (*(score if isinstance(score, int | float) else 0.0 for score in scores), -len(verdict.flags))
