"""One pass of filtering: what passes goes on, what does not goes to the ledger with all that is known of it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress
from operator import not_
from typing import Any, NamedTuple

from msgspec.structs import replace

from dcvlr.execution.slices import Slices
from dcvlr.filtering.dedup.pictures import DuplicateFinder, Pictures
from dcvlr.filtering.dedup.resolve import duplicates
from dcvlr.filtering.rules import FilterPass
from dcvlr.memo.in_step import with_signals
from dcvlr.protocols import ImageModel, Rejections, Remembering, Signals
from dcvlr.records import (
    Failure,
    Finding,
    ImageRecord,
    ImageValues,
    Record,
    ValueRule,
    first_failure,
    id_bytes,
    repeated,
)
from dcvlr.rundir.record_list import EncodedRecords, InStep, RecordList, Subsequence, encoded


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


class Passed(NamedTuple):
    """Rows of the pictures that passed, and the numbers that were read from signals of theirs, one behind the other."""

    rows: array[int]
    numbers: array[int]


class NotPassed(NamedTuple):
    """The picture of a row that did not pass: what was found, or that it could not be measured."""

    row: int
    failure: Failure | None
    findings: list[Finding]


class Judged(NamedTuple):
    """What some pictures came to, and the numbers that rules read of those that could be measured."""

    passed: Passed
    values: EncodedRecords
    refused: list[NotPassed]


NumbersOf = Callable[[Sequence[Any]], Iterable[int]]


def no_numbers(_: Sequence[Any]) -> Iterable[int]:
    return ()


_SAME_FILE = "an earlier run, named in filtering.against, kept the same file"


@dataclass
class ImageFilter:
    """Nothing is kept of a picture that passes: what it was found to be is read again should it fail later."""

    memo: Remembering
    ledger: Rejections
    slices: Slices
    _results: list[PassResult] = field(default_factory=list)
    _values: list[ReadValues] = field(default_factory=list)
    _unique: list[Finding] = field(default_factory=list)  # what a picture gets that is no duplicate
    _left_out: list[RecordList[LeftOut]] = field(default_factory=list)  # of each search, in the order of the pictures

    def passing(
        self,
        passes: Sequence[FilterPass],
        images: Sequence[ImageRecord],
        beside: Sequence[ImageModel[Any]] = (),
        numbers_of: NumbersOf = no_numbers,
    ) -> Passed:
        """Rows of pictures that pass every rule of every pass, with numbers that are read from signals of the first.

        Models `beside` the passes look at the pictures while they are decoded; their signals are read later.
        """
        measured = self.memo.measure_together([*(filter_pass.model for filter_pass in passes), *beside], images)
        results = [PassResult(filter_pass, signals) for filter_pass, signals in zip(passes, measured, strict=False)]
        rules = [rule.name for one in passes for rule in one.rules]
        seen = len(self._results) + len(results)
        values = ReadValues(rules, seen, RecordList(tuple[int | float, ...]))
        passed = Passed(array("I"), array("Q"))
        self._left_out.append(RecordList(LeftOut))
        for part in self.slices(lambda rows: self._judged(results, images, rows, numbers_of), len(images)):
            values.rows.add(part.values)
            passed.rows.extend(part.passed.rows)
            passed.numbers.extend(part.passed.numbers)
            for one in part.refused:
                self._refuse(images[one.row], one, seen)
        self._results += results
        self._values += [values] if rules else []
        return passed

    def _judged(
        self, results: Sequence[PassResult], images: Sequence[ImageRecord], rows: range, numbers_of: NumbersOf
    ) -> Judged:
        """What becomes of the pictures of some rows."""
        passed, values, refused = Passed(array("I"), array("Q")), list[tuple[float | None, ...]](), list[NotPassed]()
        start = 0
        for block, found in with_signals(images[rows.start : rows.stop], [result.signals for result in results]):
            own = list(zip((result.filter_pass for result in results), found, strict=True))
            failures = list(map(first_failure, zip(*found, strict=True)))
            read = [(rule, rule.values(column, failures)) for one, column in own for rule in one.rules]
            is_measured = [failure is None for failure in failures]
            values.extend(compress(zip(*(numbers for _, numbers in read), strict=True), is_measured))
            held = list(map(all, zip(is_measured, *(rule.held(numbers) for rule, numbers in read), strict=True)))
            first = rows.start + start
            passed.rows.extend(compress(range(first, first + len(block)), held))
            passed.numbers.extend(numbers_of(list(compress(found[0], held))))
            for row in compress(range(len(block)), map(not_, held)):
                findings = self._earlier(block[row])
                if failures[row] is None:
                    findings += [finding for one, column in own for finding in one.findings(column[row])]
                refused.append(NotPassed(first + row, failures[row], findings))
            start += len(block)
        return Judged(passed, encoded(values), refused)

    def _refuse(self, image: ImageRecord, one: NotPassed, seen: int) -> None:
        if one.failure is None:
            self._reject(image, one.findings, seen)
        else:
            self.ledger.failed(image, one.failure, one.findings)
            self._leave_out(image, len(self._results), one.failure.kind)

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
            image = pictures.images[index]
            self._reject(image, [*self._earlier(image), named], len(self._results))
        self._unique = [Finding(name="duplicate", passed=True)] if finders else []
        left = (index for index in range(pictures.earlier, len(pictures)) if index not in found)
        return Subsequence(pictures.images, left)

    def without_known(self, pictures: Pictures, known: Mapping[int, Finding]) -> Pictures:
        """Pictures but those of a pack; `known` says by index of which item."""
        self._left_out.append(RecordList(LeftOut))
        for index, finding in sorted(known.items()):
            image = pictures.images[index]
            self._reject(image, [*self._earlier(image), finding], len(self._results))
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
        self.ledger.reject(image, findings)
        self._leave_out(image, seen, next(finding.name for finding in findings if not finding.passed))

    def _leave_out(self, image: ImageRecord, seen: int, outcome: str) -> None:
        self._left_out[-1].append(LeftOut(id=image.id, seen=seen, outcome=outcome))

    def _earlier(self, image: ImageRecord) -> list[Finding]:
        """What earlier passes found."""
        return [finding for result in self._results for finding in result.findings(image)] + self._unique
