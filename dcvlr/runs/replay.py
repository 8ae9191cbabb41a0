"""Asking the stages again about one picture, from what is stored: requests, replies and the verdict of every check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import cast

from dcvlr.binning.bins import findings
from dcvlr.binning.outcome import BinnedLine, binned_lines
from dcvlr.binning.stage import Binning
from dcvlr.config import saved_plan
from dcvlr.memo.recall import Exchange, Recall, carried_out
from dcvlr.pipeline import Plan
from dcvlr.protocols import Check
from dcvlr.records import BinCriteria, BinnedImage, Finding, ImageRecord, Qa
from dcvlr.rundir.reader import RunDirectory
from dcvlr.validation.stage import Validation
from dcvlr.validation.verdicts import surveyed, verdicts


class Replay:
    """The stages of a finished run, built from its kept config; nothing is loaded, sent or written."""

    def __init__(self, run: RunDirectory) -> None:
        self._run = run

    @cached_property
    def plan(self) -> Plan:
        return saved_plan(self._run.path)

    def row(self, image_id: str) -> BinnedLine | None:
        """What binning wrote of a picture."""
        return next((row for row in binned_lines(self._run) if row.id == image_id), None)

    def image(self, row: BinnedLine) -> ImageRecord:
        """The picture as its stages had it, with its copies and the rows that its source wrote."""
        alone = ImageRecord(id=row.id, path=row.path, dataset=row.dataset)
        return next((image for image in self._run.filtered if image.id == row.id), alone)

    def bin_findings(self, row: BinnedLine) -> list[Finding]:
        """The criteria that decided its bin, against the run's thresholds."""
        return findings(_criteria(row), cast("Binning", self.plan.stages["binning"]).bins)

    def written(self, row: BinnedLine) -> Sequence[Exchange]:
        """What the writer was asked about a picture, and what it replied; empty for a writer that asks no model."""
        if "synthesis" not in self.plan.stages:
            return []
        recall = self._recall()
        record = BinnedImage(image=self.image(row), bin=row.bin, criteria=_criteria(row))
        carried_out(self.plan.stages["synthesis"], [record], recall)
        return recall.exchanges

    def checked(self, qa: Qa) -> tuple[Sequence[Finding], Sequence[Exchange]]:
        """What every check says of a question by itself, and what the checks asked for it."""
        if not self._checks:
            return [], []
        recall = self._recall()
        (verdict,) = verdicts(self._checks, [qa], recall)
        return verdict.findings, recall.exchanges

    @cached_property
    def _checks(self) -> Mapping[str, Check]:
        if "validation" not in self.plan.stages:
            return {}
        checks = cast("Validation", self.plan.stages["validation"]).checks
        every = self._run.written
        return {name: surveyed(check, every) for name, check in checks.items()}

    def _recall(self) -> Recall:
        return Recall(self.plan.checkpoints)


def _criteria(row: BinnedLine) -> BinCriteria:
    return BinCriteria(**{name: getattr(row, name) for name in BinCriteria.__struct_fields__})
