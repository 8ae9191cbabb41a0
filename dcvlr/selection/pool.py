"""The questions of a run between their scores and the choice: small fields of each, rejects to the ledger."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from dcvlr.identity import digest
from dcvlr.records import Finding, Qa
from dcvlr.rundir.ledger import Ledger
from dcvlr.selection.bands import Band, band_of
from dcvlr.selection.choice import Candidate, Chosen
from dcvlr.selection.pass_rates import Gates, Scores

_OUT = -1  # instead of a pass count: already in the ledger


def kind_of(qa: Qa) -> str | None:
    """The style or the form of program that a question was made by; None for those of people."""
    if qa.asked_for is not None:
        return qa.asked_for.style
    return None if qa.is_gold else qa.generator


@dataclass(kw_only=True)
class Pool:
    """Every question in order: `passes` has its pass count, or -1 if it is out; `candidates` those to choose from.

    `counts` are those of all that were measured, by pass count.
    """

    bands: Sequence[Band]
    gates: Gates
    has_student: bool
    size: int | None
    seed: int
    ledger: Ledger
    passes: array[int] = field(default_factory=lambda: array("h"))
    candidates: list[Candidate] = field(default_factory=list)
    counts: Counter[int] = field(default_factory=Counter)
    unmeasured: int = 0

    def add(self, qa: Qa, scores: Scores | None) -> None:
        """The next question with what its solvers gave; None where there is no student, and it passes."""
        if scores is None:
            self._let_in(qa, band=0, passes=0)
            return
        band = None
        if scores.passes is not None:
            self.counts[scores.passes] += 1
            band = band_of(self.bands, scores.passes)
        findings = scores.findings(self.gates, has_band=band is not None)
        if scores.passes is None or band is None or not all(finding.passed for finding in findings):
            is_unmeasured = scores.verdict(findings) == "unmeasured"
            self.unmeasured += is_unmeasured
            self.passes.append(_OUT)
            leave_out = self.ledger.unmeasured if is_unmeasured else self.ledger.reject
            leave_out(self._measured(qa, scores.passes), findings)
        else:
            self._let_in(qa, band=band, passes=scores.passes)

    def _let_in(self, qa: Qa, *, band: int, passes: int) -> None:
        tie_break = int(digest(f"{self.seed}/{qa.id}".encode())[:16], 16)
        cell = (qa.bin, band)
        images = tuple(image.id for image in qa.pictures)
        self.candidates.append(Candidate(len(self.passes), images, qa.dataset, cell, tie_break, kind_of(qa)))
        self.passes.append(passes)

    def outcomes(self, qas: Iterable[Qa], chosen: Chosen) -> Iterator[tuple[Qa, Finding | None]]:
        """Those of the same questions that stood every gate, with their pass counts, and why one was not chosen."""
        candidates = iter(self.candidates)
        for qa, passes in zip(qas, self.passes, strict=True):
            if passes == _OUT:
                continue
            candidate = next(candidates)
            is_chosen = candidate.position in chosen.positions
            yield self._measured(qa, passes), None if is_chosen else self._cut(candidate, passes, chosen)

    def _cut(self, candidate: Candidate, passes: int, chosen: Chosen) -> Finding:
        """Why a question that stood every gate was not chosen."""
        if full := chosen.full(candidate):
            name, limit = full
            value = passes if self.has_student else None
            reason = f"passed every gate; {limit} others of its {name.removeprefix('max_per_')} were chosen"
            return Finding(name=name, passed=False, value=value, threshold=limit, reason=reason)
        if not self.has_student:
            reason = "passed all checks; the dataset has its size without it"
            return Finding(name="dataset_size", passed=False, threshold=self.size, reason=reason)
        band = self.bands[candidate.cell[1]].name
        reason = f"passed every gate; the dataset has its questions of bin {candidate.cell[0]} with {band} passes"
        return Finding(name="quota", passed=False, value=passes, threshold=band, reason=reason)

    def _measured(self, qa: Qa, passes: int | None) -> Qa:
        return msgspec.structs.replace(qa, passes=passes) if self.has_student else qa
