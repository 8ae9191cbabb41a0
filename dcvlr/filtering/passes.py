"""One pass of filtering: what passes goes on, what does not goes to the ledger with all that is known of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress
from operator import not_
from typing import Any

from msgspec.structs import replace

from dcvlr.filtering.dedup.pictures import DuplicateFinder, Pictures
from dcvlr.filtering.dedup.resolve import duplicates
from dcvlr.filtering.rules import FilterPass
from dcvlr.memo.in_step import Columns, with_signals
from dcvlr.protocols import ImageModel, Rejections, Remembering, Signals
from dcvlr.records import Finding, ImageRecord, ImageValues, Record, ValueRule, first_failure, id_bytes, repeated
from dcvlr.rundir.record_list import InStep, RecordList, Subsequence


@dataclass(frozen=True)
class PassResult:
    """A pass of the filter, and what its model measured on the pictures it was shown."""

    filter_pass: FilterPass
    signals: Signals[Any]

    def findings(self, image: ImageRecord) -> list[Finding]:
        return self.filter_pass.findings(self.signals[image.id])


@dataclass(frozen=True)
class ReadValues:
    """What the rules of some passes read: a row of numbers for each picture that had signals, in their order.

    `seen` is how many passes there were with these.
    """

    rules: list[str]
    seen: int
    rows: RecordList[tuple[int | float, ...]]


class LeftOut(Record, frozen=True):
    """A picture that was rejected or not measured after `seen` passes, and why."""

    id: str
    seen: int
    outcome: str


_SAME_FILE = "an earlier run, named in filtering.against, kept the same file"


@dataclass
class ImageFilter:
    """Nothing is kept of a picture that passes: what it was found to be is read again should it fail later."""

    memo: Remembering
    ledger: Rejections
    _results: list[PassResult] = field(default_factory=list)
    _values: list[ReadValues] = field(default_factory=list)
    _unique: list[Finding] = field(default_factory=list)  # what a picture gets that is no duplicate
    _left_out: list[RecordList[LeftOut]] = field(default_factory=list)  # of each search, in the order of the pictures

    def passing(
        self, passes: Sequence[FilterPass], images: Sequence[ImageRecord], beside: Sequence[ImageModel[Any]] = ()
    ) -> Iterator[tuple[int, Any]]:
        """Rows of pictures that pass every rule of every pass, with the signal of the first.

        Models `beside` the passes look at the pictures while they are decoded; their signals are read later.
        """
        measured = self.memo.measure_together([*(filter_pass.model for filter_pass in passes), *beside], images)
        results = [PassResult(filter_pass, signals) for filter_pass, signals in zip(passes, measured, strict=False)]
        self._left_out.append(RecordList(LeftOut))
        rules = [rule.name for one in passes for rule in one.rules]
        values = ReadValues(rules, len(self._results) + len(results), RecordList(tuple[int | float, ...]))
        first = 0
        for block, found in with_signals(images, [result.signals for result in results]):
            yield from compress(enumerate(found[0], first), self._passed(passes, block, found, values))
            first += len(block)
        self._results += results
        self._values += [values] if rules else []

    def _passed(
        self, passes: Sequence[FilterPass], images: Sequence[ImageRecord], found: Columns, values: ReadValues
    ) -> list[bool]:
        """Which pictures pass; those that do not go to the ledger."""
        failures = list(map(first_failure, zip(*found, strict=True)))
        rules = [(rule, column) for one, column in zip(passes, found, strict=True) for rule in one.rules]
        read = [rule.values(column, failures) for rule, column in rules]
        is_measured = [failure is None for failure in failures]
        values.rows.extend(compress(zip(*read, strict=True), is_measured))
        held = [rule.held(own) for (rule, _), own in zip(rules, read, strict=True)]
        passed = list(map(all, zip(is_measured, *held, strict=True)))
        for row in compress(range(len(images)), map(not_, passed)):
            image, failure = images[row], failures[row]
            if failure is None:
                own = zip(passes, found, strict=True)
                self._reject(image, [one for each, column in own for one in each.findings(column[row])], values.seen)
            else:
                self.ledger.failed(image, failure, self._earlier(image))
                self._leave_out(image, len(self._results), failure.kind)
        return passed

    def without_duplicates(self, pictures: Pictures, finders: Mapping[str, DuplicateFinder]) -> Sequence[ImageRecord]:
        """What is left when every duplicate of a kept picture is gone; see `duplicates`."""
        found = duplicates(pictures, list(finders.values()), self.memo)
        if pictures.earlier:
            same = repeated(id_bytes(image.id for image in pictures.images))
            for index in same[same[:, 1] < pictures.earlier, 0].tolist():
                found[index] = (index, Finding(name="duplicate", passed=False, value=0, reason=_SAME_FILE))
        self._left_out.append(RecordList(LeftOut))
        for index, (kept, finding) in sorted(found.items()):
            named = finding if kept == index else replace(finding, kept=pictures.images[kept].id)
            self._reject(pictures.images[index], [named], len(self._results))
        self._unique = [Finding(name="duplicate", passed=True)] if finders else []
        left = (index for index in range(pictures.earlier, len(pictures)) if index not in found)
        return Subsequence(pictures.images, left)

    def without_known(self, pictures: Pictures, known: Mapping[int, Finding]) -> Pictures:
        """Pictures but those of a pack; `known` says by index of which item."""
        self._left_out.append(RecordList(LeftOut))
        for index, finding in sorted(known.items()):
            self._reject(pictures.images[index], [finding], len(self._results))
        return pictures.without(known)

    @property
    def rules(self) -> list[ValueRule]:
        """Every rule that was evaluated, in order."""
        return [rule.described for result in self._results for rule in result.filter_pass.rules]

    def values(self, images: Sequence[ImageRecord]) -> Iterator[ImageValues]:
        """What each rule read of each picture; None for those that a picture did not get to."""
        left_out = InStep(self._left_out, lambda one: one.id)
        names = [name for one in self._values for name in one.rules]
        read = [(one.seen, iter(one.rows), [None] * len(one.rules)) for one in self._values]
        for image in images:
            left = left_out.of(image.id)
            seen, outcome = (len(self._results), "kept") if left is None else (left.seen, left.outcome)
            numbers = chain.from_iterable(next(rows) if last <= seen else nothing for last, rows, nothing in read)
            values = dict(zip(names, numbers, strict=True))
            yield ImageValues(id=image.id, path=image.path, dataset=image.dataset, outcome=outcome, values=values)

    def _reject(self, image: ImageRecord, findings: Sequence[Finding], seen: int) -> None:
        self.ledger.reject(image, [*self._earlier(image), *findings])
        self._leave_out(image, seen, next(finding.name for finding in findings if not finding.passed))

    def _leave_out(self, image: ImageRecord, seen: int, outcome: str) -> None:
        self._left_out[-1].append(LeftOut(id=image.id, seen=seen, outcome=outcome))

    def _earlier(self, image: ImageRecord) -> list[Finding]:
        """What earlier passes found."""
        return [finding for result in self._results for finding in result.findings(image)] + self._unique
