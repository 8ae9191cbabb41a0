"""One pass of filtering: what passes goes on, what does not goes to the ledger with all that is known of it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice
from operator import itemgetter, not_
from typing import Any, NamedTuple

from msgspec import defstruct
from msgspec.structs import replace

from dcvlr.filtering.dedup.pictures import DuplicateFinder, Pictures
from dcvlr.filtering.dedup.resolve import duplicates
from dcvlr.filtering.rules import FilterPass
from dcvlr.memo.in_step import with_signals
from dcvlr.protocols import ImageModel, Remembering, Signals
from dcvlr.records import (
    Failure,
    Finding,
    ImageRecord,
    ImageValues,
    Record,
    ValueRule,
    first_failures,
    id_bytes,
    repeated,
)
from dcvlr.rundir.files import Folder, JsonLinesFile
from dcvlr.rundir.ledger import Ledger
from dcvlr.rundir.record_list import EncodedRecords, JoinedLines, RecordList, Subsequence, encoded, within


@dataclass(frozen=True)
class PassResult:
    """A pass of the filter, and what its model measured on the pictures it was shown."""

    filter_pass: FilterPass
    signals: Signals[Any]

    def findings(self, image: ImageRecord) -> list[Finding]:
        return self.filter_pass.findings(self.signals[image.id])


@dataclass(frozen=True)
class ReadValues:
    """What some rules read: the row of each picture that had signals, and their numbers."""

    rules: list[str]
    rows: RecordList[tuple[int | float | None, ...]]

    def of(self, rows: range) -> dict[str, Sequence[float | None]]:
        """By rule the numbers of some rows; None for what was not read."""
        found = within(self.rows, rows, itemgetter(0))
        if len(found) < len(rows):
            read, nothing = {one[0]: one for one in found}, (None,) * (len(self.rules) + 1)
            found = [read.get(row, nothing) for row in rows]
        return dict(zip(self.rules, islice(zip(*found, strict=True), 1, None), strict=True))


class LeftOut(Record, frozen=True, array_like=True):
    """The picture of a row that was rejected or not measured, and why."""

    row: int
    outcome: str


class NotPassed(NamedTuple):
    """The picture of a row that did not pass: what was found, or that it could not be measured."""

    row: int
    failure: Failure | None
    findings: list[Finding]


class Judged(NamedTuple):
    """Rows of those pictures that passed, numbers that were read from signals of theirs, and what rules read of all."""

    rows: array[int]
    numbers: array[int]
    values: EncodedRecords
    refused: list[NotPassed]


NumbersOf = Callable[[Sequence[Any]], Iterable[int]]


def no_numbers(_: Sequence[Any]) -> Iterable[int]:
    return ()


_SAME_FILE = "an earlier run, named in filtering.against, kept the same file"


class FilterLines(NamedTuple):
    """What the files get about some pictures: those that were kept, and what was read of all."""

    kept: JoinedLines
    values: JoinedLines


@dataclass
class ImageFilter:
    """Takes pictures out of `images`; those that are `left` are known by their rows.

    Nothing is kept of a picture that passes: what it was found to be is read again should it fail later.
    """

    images: Sequence[ImageRecord]
    memo: Remembering
    ledger: Ledger
    left: Sequence[int] = field(init=False)
    _results: list[PassResult] = field(default_factory=list)
    _values: list[ReadValues] = field(default_factory=list)
    _unique: list[Finding] = field(default_factory=list)  # what a picture gets that is no duplicate
    _left_out: list[RecordList[LeftOut]] = field(default_factory=list)  # of each search, in the order of the pictures

    def __post_init__(self) -> None:
        self.left = range(len(self.images))

    @property
    def kept(self) -> Sequence[ImageRecord]:
        """The pictures that are left."""
        return self.images if len(self.left) == len(self.images) else Subsequence(self.images, self.left)

    def keep_passing(
        self, passes: Sequence[FilterPass], beside: Sequence[ImageModel[Any]] = (), numbers_of: NumbersOf = no_numbers
    ) -> array[int]:
        """Leave what passes every rule of every pass; numbers that are read from signals of the first.

        Models `beside` the passes look at the pictures while they are decoded; their signals are read later.
        """
        images, before = self.kept, self.left
        measured = self.memo.measure_together([*(filter_pass.model for filter_pass in passes), *beside], images)
        results = [PassResult(filter_pass, signals) for filter_pass, signals in zip(passes, measured, strict=False)]
        rules = [rule.name for one in passes for rule in one.rules]
        values = ReadValues(rules, RecordList(tuple[int | float | None, ...]))
        rows, numbers = array("I"), array("Q")
        self._left_out.append(RecordList(LeftOut))
        for part in self.memo.slices()(
            lambda some: self._judged(results, images, before, some, numbers_of), len(images)
        ):
            values.rows.add(part.values)
            rows.extend(part.rows)
            numbers.extend(part.numbers)
            for one in part.refused:
                self._refuse(one)
        self.left = rows
        self._results += results
        self._values += [values] if rules else []
        return numbers

    def _judged(
        self,
        results: Sequence[PassResult],
        images: Sequence[ImageRecord],
        rows: Sequence[int],
        some: range,
        numbers_of: NumbersOf,
    ) -> Judged:
        """What becomes of some of the pictures that are in these rows."""
        passed, numbers, values, refused = array("I"), array("Q"), list[tuple[float | None, ...]](), list[NotPassed]()
        start = some.start
        for block, found in with_signals(images[some.start : some.stop], [result.signals for result in results]):
            own_rows = rows[start : start + len(block)]
            own = list(zip((result.filter_pass for result in results), found, strict=True))
            failures = first_failures(found)
            read = [(rule, rule.values(column, failures)) for one, column in own for rule in one.rules]
            is_measured = [failure is None for failure in failures]
            values.extend(compress(zip(own_rows, *(of_rule for _, of_rule in read), strict=True), is_measured))
            held = list(map(all, zip(is_measured, *(rule.held(of_rule) for rule, of_rule in read), strict=True)))
            passed.extend(compress(own_rows, held))
            numbers.extend(numbers_of(list(compress(found[0], held))))
            for n in compress(range(len(block)), map(not_, held)):
                findings = self._earlier(block[n])
                if failures[n] is None:
                    findings += [finding for one, column in own for finding in one.findings(column[n])]
                refused.append(NotPassed(own_rows[n], failures[n], findings))
            start += len(block)
        return Judged(passed, numbers, encoded(values), refused)

    def _refuse(self, one: NotPassed) -> None:
        if one.failure is None:
            self._reject(one.row, one.findings)
        else:
            self.ledger.failed(self.images[one.row], one.failure, one.findings)
            self._leave_out(one.row, one.failure.kind)

    def keep_unique(self, pictures: Pictures, finders: Mapping[str, DuplicateFinder]) -> None:
        """Leave no duplicate of a kept picture, see `duplicates`; `pictures` are those that are left."""
        found = duplicates(pictures, list(finders.values()), self.memo)
        if pictures.earlier:
            same = repeated(id_bytes(image.id for image in pictures.images))
            for index in same[same[:, 1] < pictures.earlier, 0].tolist():
                found[index] = (index, Finding(name="duplicate", passed=False, value=0, reason=_SAME_FILE))
        named = (
            (index, finding if kept == index else replace(finding, kept=pictures.images[kept].id))
            for index, (kept, finding) in sorted(found.items())
        )
        self._take_out((index - pictures.earlier, finding) for index, finding in named)
        self._unique = [Finding(name="duplicate", passed=True)] if finders else []

    def keep_unknown(self, pictures: Pictures, known: Mapping[int, Finding]) -> Pictures:
        """Leave what is not of a pack; `known` says by index which of the `pictures`, which are those left, is."""
        self._take_out((index - pictures.earlier, finding) for index, finding in sorted(known.items()))
        return pictures.without(known)

    def _take_out(self, found: Iterable[tuple[int, Finding]]) -> None:
        """Reject some of the pictures that are left, by their place among these, in order."""
        self._left_out.append(RecordList(LeftOut))
        gone = set[int]()
        for number, finding in found:
            row = self.left[number]
            self._reject(row, [*self._earlier(self.images[row]), finding])
            gone.add(row)
        if gone:
            self.left = array("I", (row for row in self.left if row not in gone))

    @property
    def rules(self) -> list[ValueRule]:
        """Every rule that was evaluated, in order."""
        return [rule.described for result in self._results for rule in result.filter_pass.rules]

    def write(self, files: Folder) -> None:
        """The pictures that are left, and what each rule read of all; None for those that a picture did not get to."""
        with files.open_lines("filtered_images.jsonl") as kept, files.open_lines("values.jsonl") as values:
            for part in self.memo.slices()(lambda rows: self._lines(rows, values), len(self.images)):
                kept.add(*part.kept)
                values.add(*part.values)

    def _lines(self, rows: range, file: JsonLinesFile) -> FilterLines:
        images = self.images[rows.start : rows.stop]
        outcomes = {one.row: one.outcome for own in self._left_out for one in within(own, rows, lambda one: one.row)}
        kept, values = list[ImageRecord](), list[ImageValues]()
        for row, image, read in zip(rows, images, self._read(rows), strict=True):
            outcome = outcomes.get(row, "kept")
            kept += [image] if row not in outcomes else []
            values.append(
                ImageValues(id=image.id, path=image.path, dataset=image.dataset, outcome=outcome, values=read)
            )
        return FilterLines((file.lines(kept), len(kept)), (file.lines(values), len(values)))

    def _read(self, rows: range) -> list[Any]:
        """What the rules of all passes read of each picture of some rows, in records: they are written like a dict."""
        read = {name: numbers for one in self._values for name, numbers in one.of(rows).items()}
        names = {f"rule_{number}": name for number, name in enumerate(read)}
        record = defstruct("Read", list(names), rename=names, gc=False)
        return list(map(record, *read.values())) if read else [{}] * len(rows)

    def _reject(self, row: int, findings: Sequence[Finding]) -> None:
        self.ledger.reject(self.images[row], findings)
        self._leave_out(row, next(finding.name for finding in findings if not finding.passed))

    def _leave_out(self, row: int, outcome: str) -> None:
        self._left_out[-1].append(LeftOut(row=row, outcome=outcome))

    def _earlier(self, image: ImageRecord) -> list[Finding]:
        """What earlier passes found."""
        return [finding for result in self._results for finding in result.findings(image)] + self._unique
