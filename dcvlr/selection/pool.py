"""The questions of a run between their exams and the choice: small fields of each, rejects to the ledger."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from dcvlr.identity import digest
from dcvlr.protocols import Rejections
from dcvlr.records import Finding, Qa
from dcvlr.selection.bands import Band, band_of
from dcvlr.selection.choice import Candidate, Chosen
from dcvlr.selection.pass_rates import Gates, Marks

_OUT = -1  # instead of a pass count: already in the ledger


@dataclass(kw_only=True)
class Pool:
    """Every question in order: `passes` has its pass count, or -1 if it is out; `candidates` those to choose from.

    `counts` are those of all that were measured, by pass count.
    """

    bands: Sequence[Band]
    gates: Gates
    seed: int
    ledger: Rejections
    passes: array[int] = field(default_factory=lambda: array("h"))
    candidates: list[Candidate] = field(default_factory=list)
    counts: Counter[int] = field(default_factory=Counter)
    unmeasured: int = 0

    def add(self, qa: Qa, marks: Marks) -> None:
        """The next question with what its exams gave."""
        band = None
        if marks.passes is not None:
            self.counts[marks.passes] += 1
            band = band_of(self.bands, marks.passes)
        findings = marks.findings(self.gates, has_band=band is not None)
        if marks.passes is None or band is None or not all(finding.passed for finding in findings):
            is_unmeasured = marks.verdict(findings) == "unmeasured"
            self.unmeasured += is_unmeasured
            self.passes.append(_OUT)
            leave_out = self.ledger.unmeasured if is_unmeasured else self.ledger.reject
            leave_out(_measured(qa, marks.passes), findings)
        else:
            lot = int(digest(f"{self.seed}/{qa.id}".encode())[:16], 16)
            self.candidates.append(Candidate(len(self.passes), qa.image_id, qa.dataset, (qa.bin, band), lot))
            self.passes.append(marks.passes)

    def kept(self, qas: Iterable[Qa], chosen: Chosen) -> Iterator[Qa]:
        """What was chosen of the same questions, with their pass counts; the ledger is told about the others."""
        candidates = iter(self.candidates)
        for qa, passes in zip(qas, self.passes, strict=True):
            if passes == _OUT:
                continue
            candidate, measured = next(candidates), _measured(qa, passes)
            if candidate.position in chosen.places:
                yield measured
            else:
                self.ledger.reject(measured, [self._cut(candidate, passes, chosen)])

    def _cut(self, candidate: Candidate, passes: int, chosen: Chosen) -> Finding:
        """Why a question that stood every exam was not chosen."""
        if full := chosen.full(candidate):
            name, limit = full
            reason = f"passed every gate; {limit} others of its {name.removeprefix('max_per_')} were chosen"
            return Finding(name=name, passed=False, value=passes, threshold=limit, reason=reason)
        band = self.bands[candidate.cell[1]].name
        reason = f"passed every gate; the dataset has its questions of bin {candidate.cell[0]} with {band} passes"
        return Finding(name="quota", passed=False, value=passes, threshold=band, reason=reason)


def _measured(qa: Qa, passes: int | None) -> Qa:
    return msgspec.structs.replace(qa, passes=passes)
