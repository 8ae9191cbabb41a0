"""Questions that every check lets through, cut to the size that was asked for."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from dcvlr.errors import ConfigError
from dcvlr.protocols import Check, Files, Rejections, Remembering
from dcvlr.quotas import quotas
from dcvlr.records import BINS, Bin, Finding, LedgerEntry, Qa
from dcvlr.validation.selection import Passed, filled

log = logging.getLogger(__name__)

VALIDATED = "validated_qa_pairs.jsonl"
_FULL = "dataset_size"
_NOT_COMPARED = Finding(name="", passed=True, reason="not compared: failed another check")


@dataclass(frozen=True, kw_only=True)
class Validation:
    """Each QA gets a verdict from each of `checks`, by name; one that fails any goes to the ledger with them all.

    Of those that pass at most `dataset_size` are kept, bins by `bins_ratio`, pictures in turn. QAs of one picture
    must follow each other; `batch_size` QAs, rounded up to whole pictures, are checked at a time.
    """

    name: ClassVar[str] = "validation"
    folder: ClassVar[str] = "stage4_validation"
    result: ClassVar[str] = "validated_qa"
    takes: ClassVar[type] = Qa
    gives: ClassVar[type] = Qa

    checks: Mapping[str, Check]
    dataset_size: int | None
    bins_ratio: Sequence[float] | None
    seed: int
    batch_size: int

    def __post_init__(self) -> None:
        if self.dataset_size is not None and self.dataset_size < 1:
            raise ConfigError(f"dataset_size={self.dataset_size!r}: null (all) or a number from 1 is allowed")
        if self.batch_size < 1:
            raise ConfigError(f"validation.batch_size={self.batch_size!r}: a number from 1 is allowed")

    def __call__(self, records: Sequence[Qa], memo: Remembering, ledger: Rejections, files: Files) -> Sequence[Qa]:
        passed, failed = Passed(), bytearray(len(records))
        position = 0
        for batch in _whole_pictures(records, self.batch_size):
            for qa, findings in zip(batch, self._findings(batch, memo), strict=True):
                if all(finding.passed for finding in findings):
                    passed.add(qa, self.seed)
                else:
                    failed[position] = 1
                    ledger.add(_entry(qa, findings))
                position += 1
        chosen = self._chosen(passed)
        count = files.write_lines(VALIDATED, self._kept(records, failed, chosen, ledger))
        files.write_json("summary.json", _summary(len(records), count, ledger.counts(self.name)))
        return files.read_lines(VALIDATED, Qa)

    def _findings(self, batch: Sequence[Qa], memo: Remembering) -> Iterator[tuple[Finding, ...]]:
        """The findings of all checks for each QA; a check is called by its name in the config."""
        columns = {name: check(batch, memo) for name, check in self.checks.items() if not _compares(check)}
        good = [all(finding.passed for finding in row) for row in zip(*columns.values(), strict=True)]
        good = good if columns else [True] * len(batch)
        for name, check in self.checks.items():
            if _compares(check):
                compared = iter(check([qa for qa, is_good in zip(batch, good, strict=True) if is_good], memo))
                columns[name] = [next(compared) if is_good else _NOT_COMPARED for is_good in good]
        rows = [[_named(name, finding) for finding in columns[name]] for name in self.checks]
        return zip(*rows, strict=True) if rows else iter([()] * len(batch))

    def _chosen(self, passed: Passed) -> set[int] | None:
        """Positions among those that passed, or None for all."""
        if self.dataset_size is None or len(passed) <= self.dataset_size:
            if self.dataset_size is not None and len(passed) < self.dataset_size:
                log.warning("dataset_size=%d: only %d questions passed all checks", self.dataset_size, len(passed))
            return None
        given = filled(self.dataset_size, self.bins_ratio, passed.counts())
        self._report(given)
        return passed.choose(given)

    def _report(self, given: Mapping[Bin, int]) -> None:
        if self.dataset_size is None or self.bins_ratio is None:
            return
        for name, wanted in zip(BINS, quotas(self.dataset_size, self.bins_ratio), strict=True):
            if given[name] < wanted:
                log.warning("bin %s gives %d of %d wanted questions; the other bins fill up", name, given[name], wanted)

    def _kept(
        self, records: Iterable[Qa], failed: bytearray, chosen: set[int] | None, ledger: Rejections
    ) -> Iterator[Qa]:
        """What goes on; what does not fit any more is told to the ledger."""
        position = -1
        for qa, is_out in zip(records, failed, strict=True):
            if is_out:
                continue
            position += 1
            if chosen is None or position in chosen:
                yield qa
            else:
                reason = "passed all checks; the dataset has its size without it"
                ledger.add(_entry(qa, (Finding(name=_FULL, passed=False, threshold=self.dataset_size, reason=reason),)))


def _whole_pictures(records: Iterable[Qa], batch_size: int) -> Iterator[list[Qa]]:
    batch: list[Qa] = []
    for _, of_one_picture in groupby(records, key=lambda qa: qa.image_id):
        batch += of_one_picture
        if len(batch) >= batch_size:
            yield batch
            batch = []
    if batch:
        yield batch


def _compares(check: Check) -> bool:
    """Whether the check holds QAs against each other; then a QA that fails elsewhere may not knock out a good one."""
    return bool(getattr(check, "compares", False))


def _named(name: str, finding: Finding) -> Finding:
    """The finding under the check's name in the config, which may hold one check twice with other settings."""
    if finding.name == name:
        return finding
    return Finding(
        name=name, passed=finding.passed, value=finding.value, threshold=finding.threshold, reason=finding.reason
    )


def _entry(qa: Qa, findings: tuple[Finding, ...]) -> LedgerEntry:
    return LedgerEntry(
        stage=Validation.name,
        verdict="rejected",
        kind="qa",
        id=qa.id,
        path=qa.image,
        dataset=qa.dataset,
        reasons=tuple(finding.name for finding in findings if not finding.passed),
        findings=findings,
        record=qa,
    )


def _summary(original: int, validated: int, removed: Mapping[str, int]) -> dict[str, object]:
    """`removed` counts a QA once under each check that it failed."""
    share = (original - validated) / original if original else 0.0
    return {
        "stage": Validation.name,
        "original_count": original,
        "validated_count": validated,
        "removed_count": original - validated,
        "removal_rate_percent": round(100 * share, 2),
        "removed": dict(removed),
    }
