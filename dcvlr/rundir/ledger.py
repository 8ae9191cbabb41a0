"""Every record that was left out by one stage, with all that was evaluated about it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

from dcvlr.errors import ConfigError
from dcvlr.records import Failure, Finding, ImageRecord, LedgerEntry, Qa, to_json
from dcvlr.records.paths import relative_to
from dcvlr.records.printable import one_line
from dcvlr.rundir.belonging import LEDGER
from dcvlr.rundir.files import JsonLines, atomic_write

log = logging.getLogger(__name__)

_NO_PICTURE = "passed_over"
RecordKind = Literal["image", "qa"]


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What went into the source or a stage and came out; `losses` count each rejected record once, by its reason."""

    received: int
    kept: int
    losses: Mapping[str, int]
    unmeasured: int


@contextmanager
def ledger_at(path: Path, stage: str, root: str = "", *, kept_at: Path | None) -> Iterator[Ledger]:
    """The ledger of a stage, published at `path` when it ends, also by a `ConfigError` if there are entries.

    The error says that the reasons are in `kept_at`, where a ledger of the same stage is kept.
    """
    refused: ConfigError | None = None
    with atomic_write(path) as file:
        ledger = Ledger(file, stage, root)
        try:
            yield ledger
        except ConfigError as error:
            if not ledger.entries:
                raise
            refused = error
    if refused is not None:
        raise ConfigError(f"{refused}; {kept_at} has the reasons" if kept_at else str(refused)) from refused


class Ledger:
    """Writes the entries of `stage` as they come and counts their reasons; whoever opened the file publishes it.

    Paths in it are relative to `root`, where one is given.
    """

    def __init__(self, file: BinaryIO, stage: str, root: str = "") -> None:
        self._file = file
        self._stage = stage
        self._root = root
        self._reasons: Counter[str] = Counter()
        self._losses: Counter[str] = Counter()
        self.unmeasured_count = 0
        self.entries = 0

    def reject(
        self,
        record: ImageRecord | Qa,
        findings: Sequence[Finding],
        *,
        reasons: Sequence[str] | None = None,
        kind: RecordKind | None = None,
    ) -> None:
        """Leave a record out for good; `reasons` are by default the names of the findings that did not pass.

        `kind="qa"` with an image is a question about it that never came to be.
        """
        entry = self._entry("rejected", record, findings, reasons, kind)
        self._reasons.update(entry.reasons)
        self._losses[entry.reasons[0] if len(entry.reasons) == 1 else "several reasons"] += 1
        self._write(entry)

    def unmeasured(
        self,
        record: ImageRecord | Qa,
        findings: Sequence[Finding],
        *,
        reasons: Sequence[str] | None = None,
        kind: RecordKind | None = None,
    ) -> None:
        """Like `reject`, but no judgement: some model could not be asked this time, the next run tries again."""
        self.unmeasured_count += 1
        self._write(self._entry("unmeasured", record, findings, reasons, kind))

    def failed(self, image: ImageRecord, failure: Failure, findings: Sequence[Finding] = ()) -> None:
        """A picture that cannot be read is rejected; one that could not be measured this time is not judged.

        `findings` are what was evaluated before.
        """
        leave_out = self.reject if failure.remembered else self.unmeasured
        name = "unreadable" if failure.remembered else failure.kind
        leave_out(image, (*findings, failure.as_finding(name)), reasons=(name,))

    def counts(self) -> dict[str, int]:
        """Rejected records by reason, most frequent first; a record with two reasons counts in both."""
        return dict(sorted(self._reasons.items(), key=lambda item: (-item[1], item[0])))

    def losses(self) -> dict[str, int]:
        """Rejected records once each, by the reason that alone was against them; with more, under `several reasons`."""
        return dict(sorted(self._losses.items(), key=lambda item: (-item[1], item[0])))

    def flow(self, *, kept: int, received: int | None = None) -> Flow:
        """What became of `received` records; None where every record is either kept or in this ledger."""
        losses = self.losses()
        if received is None:
            received = kept + sum(losses.values()) + self.unmeasured_count
        return Flow(received=received, kept=kept, losses=losses, unmeasured=self.unmeasured_count)

    def _entry(
        self,
        verdict: Literal["rejected", "unmeasured"],
        record: ImageRecord | Qa,
        findings: Sequence[Finding],
        reasons: Sequence[str] | None,
        kind: RecordKind | None,
    ) -> LedgerEntry:
        if reasons is None:
            reasons = [finding.name for finding in findings if not finding.passed]
        return LedgerEntry(
            stage=self._stage,
            verdict=verdict,
            kind=kind or ("qa" if isinstance(record, Qa) else "image"),
            id=record.id,
            path=record.image if isinstance(record, Qa) else record.path,
            dataset=record.dataset,
            reasons=tuple(reasons),
            findings=tuple(findings),
            record=record if isinstance(record, Qa) else None,
            copies=() if isinstance(record, Qa) else record.copies,
        )

    def _write(self, entry: LedgerEntry) -> None:
        if log.isEnabledFor(logging.DEBUG):
            words = "; ".join(f.reason for f in entry.findings if f.reason and f.name in entry.reasons)
            title = entry.path if entry.record is None else entry.record.question
            log.debug(
                "%s: %s %s: %s: %s (%s)", entry.stage, entry.verdict, entry.id, title, ", ".join(entry.reasons), words
            )
        self.entries += 1
        self._file.write(to_json(relative_to(self._root, entry)) + b"\n")


def made_nothing(counts: Mapping[str, Any]) -> bool:
    """Whether the last stage let nothing through; `counts` are those of pipeline_results.json, in order of stages."""
    last = list(counts.values())[-1:]
    return [sum(count.values()) if isinstance(count, dict) else count for count in last] == [0]


def what_took_most(run_dir: Path) -> str:
    """The stage and the rule, or the failure, that most entries of the run's ledger name, with an example.

    Files that are no pictures take nothing from anybody: they are named only where nothing else was left out.
    """
    taken: Counter[tuple[str, str, str]] = Counter()
    examples: dict[tuple[str, str, str], str] = {}
    for entry in JsonLines(run_dir / LEDGER, LedgerEntry):
        for reason in entry.reasons:
            key = (entry.stage, entry.verdict, reason)
            taken[key] += 1
            if key not in examples:
                examples[key] = next((f.reason for f in entry.findings if f.name == reason and f.reason), "")
    if not taken:
        return "no record was left out, there was nothing to make it from"
    (stage, verdict, reason), count = max(taken.items(), key=lambda item: (item[0][2] != _NO_PICTURE, item[1]))
    example = examples[stage, verdict, reason]
    words = f"{stage} left out most, {count} records were {verdict} for {reason!r}"
    return words + (f", for example: {one_line(example)}" if example else "")
