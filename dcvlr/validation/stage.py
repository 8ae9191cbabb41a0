"""Questions that every check lets through, cut to the size that was asked for."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from dcvlr.errors import ConfigError
from dcvlr.protocols import Check, Files, Rejections, Remembering, Surveys
from dcvlr.records import BINS, Bin, Finding, Flagged, Qa
from dcvlr.sampling import quotas
from dcvlr.validation.rates import Rates
from dcvlr.validation.selection import Passed, filled
from dcvlr.validation.verdicts import Verdict, verdicts

log = logging.getLogger(__name__)

VALIDATED = "validated_qa_pairs.jsonl"
FLAGGED = "flagged.jsonl"
_FULL = "dataset_size"
_REJECTED, _UNMEASURED = 1, 2


@dataclass(frozen=True, kw_only=True)
class Validation:
    """Each QA gets a verdict from each of `checks`, by name; one that fails any goes to the ledger with them all,
    as unmeasured where none says no but one could not be asked this time. What a check flags passes and stands in
    `flagged.jsonl` too.

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
        checks = {
            name: check.among(records) if isinstance(check, Surveys) else check for name, check in self.checks.items()
        }
        passed, out, rates = Passed(), bytearray(len(records)), Rates(checks)
        judged = self._judged(records, checks, memo)
        files.write_lines(FLAGGED, self._sorted(judged, passed, out, rates, ledger))
        rates.tell()
        chosen = self._chosen(passed)
        count = files.write_lines(VALIDATED, self._kept(records, out, chosen, ledger))
        summary = _summary(len(records), count, out.count(_UNMEASURED), ledger.counts())
        files.write_json("summary.json", summary | {"checked": rates.summary()})
        return files.read_lines(VALIDATED, Qa)

    def _judged(
        self, records: Iterable[Qa], checks: Mapping[str, Check], memo: Remembering
    ) -> Iterator[tuple[Qa, Verdict]]:
        for batch in _whole_pictures(records, self.batch_size):
            yield from zip(batch, verdicts(checks, batch, memo), strict=True)

    def _sorted(
        self,
        judged: Iterable[tuple[Qa, Verdict]],
        passed: Passed,
        out: bytearray,
        rates: Rates,
        ledger: Rejections,
    ) -> Iterator[Flagged]:
        """Tells `passed` or the ledger about each, marks in `out` what is left out, gives what was flagged."""
        for position, (qa, verdict) in enumerate(judged):
            rates.add(verdict)
            if verdict.passed:
                passed.add(qa, self.seed)
                if verdict.flags:
                    yield Flagged(id=qa.id, image=qa.image, findings=verdict.flags)
            else:
                out[position] = _REJECTED if verdict.refusals else _UNMEASURED
                verdict.report(qa, ledger)

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

    def _kept(self, records: Iterable[Qa], out: bytearray, chosen: set[int] | None, ledger: Rejections) -> Iterator[Qa]:
        """What goes on; what does not fit any more is told to the ledger."""
        position = -1
        for qa, is_out in zip(records, out, strict=True):
            if is_out:
                continue
            position += 1
            if chosen is None or position in chosen:
                yield qa
            else:
                reason = "passed all checks; the dataset has its size without it"
                finding = Finding(name=_FULL, passed=False, threshold=self.dataset_size, reason=reason)
                ledger.reject(qa, [finding])


def _whole_pictures(records: Iterable[Qa], batch_size: int) -> Iterator[list[Qa]]:
    batch: list[Qa] = []
    for _, of_one_picture in groupby(records, key=lambda qa: qa.image_id):
        batch += of_one_picture
        if len(batch) >= batch_size:
            yield batch
            batch = []
    if batch:
        yield batch


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
