"""Pictures on their way through the bins: a signal is measured when a bin needs it, on those still to be sorted."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec.structs import replace

from dcvlr.binning.bins import Bin, findings, signals_of
from dcvlr.binning.criteria import (
    Signal,
    count_objects,
    signal_of,
    with_objects,
    with_similarity,
)
from dcvlr.binning.rules import script_finding
from dcvlr.binning.text_numbers import TEXT_NUMBERS, TextNumbers
from dcvlr.memo.in_step import with_signals
from dcvlr.memo.readings import SignalReadings
from dcvlr.protocols import Captioner, Detector, OcrModel, Remembering, Signals, Similarity
from dcvlr.records import BinCriteria, Caption, Detections, Failure, Finding, ImageRecord, Record
from dcvlr.rundir.ledger import Ledger
from dcvlr.rundir.record_list import EncodedRecords, RecordList, Subsequence, encoded

_BARE = BinCriteria(num_text_boxes=0, text_area_ratio=0.0)


@dataclass(frozen=True, kw_only=True)
class BinModels:
    """What measures the numbers that bins are decided on."""

    ocr: OcrModel
    detector: Detector
    captioner: Captioner
    similarity: Similarity | None


class Measured(Record, frozen=True, array_like=True):
    """What was measured so far on the picture of a row: the numbers, and what its line says beside them."""

    row: int
    id: str
    criteria: BinCriteria
    text: str
    objects: dict[str, int] | None = None  # by label, where the numbers are those of objects too
    caption: str | None = None  # where the similarity is known


class InNoBin(Record, frozen=True, array_like=True):
    """The picture of a row that is in no bin: the first reason for it, and what was measured by then."""

    row: int
    outcome: str
    criteria: BinCriteria | None


class Lacking(NamedTuple):
    """What a picture lacks for every bin, as the ledger is to say it."""

    findings: list[Finding]
    reasons: list[str]


class WithoutBin(NamedTuple):
    """The picture of a row that is in no bin, why, and what was measured by then."""

    row: int
    why: Failure | Lacking
    criteria: BinCriteria | None

    @property
    def outcome(self) -> str:
        return self.why.kind if isinstance(self.why, Failure) else self.why.reasons[0]


class MeasuredPart(NamedTuple):
    """What was measured on some pictures, and those it could not be had of."""

    measured: list[Measured]
    left_out: list[WithoutBin]


class SortedPart(NamedTuple):
    """What some pictures were sorted into, with the rows of each part."""

    taken: EncodedRecords
    taken_rows: array[int]
    others: EncodedRecords
    other_rows: array[int]
    left_out: list[WithoutBin]


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Pictures that are still to be sorted: so many, of which `read` gives those between two, with these `signals`."""

    count: int
    read: Callable[[range], MeasuredPart]
    signals: frozenset[Signal]


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Pictures and what was measured on them, in the order they came."""

    signals: frozenset[Signal]
    measured: RecordList[Measured] = field(default_factory=lambda: RecordList(Measured))
    rows: array[int] = field(default_factory=lambda: array("I"))

    @property
    def count(self) -> int:
        return len(self.rows)

    def read(self, rows: range) -> MeasuredPart:
        return MeasuredPart(self.measured[rows.start : rows.stop], [])


@dataclass(kw_only=True)
class Sorting:
    """Sends each of `images` to the first bin that takes it, others to the ledger: unmeasured, or lacking something.

    `left_out` has what each step found no bin for, in the order the pictures came.
    """

    images: Sequence[ImageRecord]
    bins: Mapping[str, Bin]
    models: BinModels
    memo: Remembering
    ledger: Ledger
    left_out: list[RecordList[InNoBin]] = field(default_factory=list)

    def members(self) -> dict[str, Sequence[Measured]]:
        """The pictures of each bin, in the order they came."""
        left: Candidates | Listed = self._with_text()
        members: dict[str, Sequence[Measured]] = {}
        for name, bin_ in self.bins.items():
            left = self._with_signals(left, signals_of(list(bin_.any_of.values())))
            if bin_.any_of:
                taken, left = self._split(left, bin_.takes)
            else:
                taken, left = self._listed(left), Listed(signals=left.signals)
            members[name] = self._complete(taken, name)
        return members

    def _with_text(self) -> Candidates:
        text = SignalReadings(self.memo.measure(self.models.ocr, self.images), TEXT_NUMBERS)

        def read(rows: range) -> MeasuredPart:
            some, first = MeasuredPart([], []), rows.start
            for block, (texts,) in with_signals(self.images[rows.start : rows.stop], [text]):
                _add_texts(some, first, block, texts)
                first += len(block)
            return some

        return Candidates(count=len(self.images), read=read, signals=frozenset(["text"]))

    def _with_signals(self, candidates: Candidates | Listed, needed: set[Signal]) -> Candidates | Listed:
        """The candidates with what is needed beyond text."""
        new, measured = needed - candidates.signals, candidates
        if "objects" in new:
            measured = self._with_objects(self._listed(measured))
        if "similarity" in new and self.models.similarity is not None:
            measured = self._with_similarity(self._listed(measured), self.models.similarity)
        return measured

    def _with_objects(self, listed: Listed) -> Candidates:
        objects: Signals[Detections] = self.memo.measure(self.models.detector, Subsequence(self.images, listed.rows))

        def read(rows: range) -> MeasuredPart:
            some = MeasuredPart([], [])
            for block, (found,) in with_signals(listed.read(rows).measured, [objects]):
                for one, own in zip(block, found, strict=True):
                    if isinstance(own, Failure):
                        some.left_out.append(WithoutBin(one.row, own, one.criteria))
                    else:
                        of_both = with_objects(one.criteria, own)
                        some.measured.append(replace(one, criteria=of_both, objects=count_objects(own)))
            return some

        return Candidates(count=listed.count, read=read, signals=listed.signals | {"objects"})

    def _with_similarity(self, listed: Listed, similarity: Similarity) -> Candidates:
        new = Subsequence(self.images, listed.rows)
        captions: Signals[Caption] = self.memo.measure(self.models.captioner, new)
        similarities = similarity(new, captions, self.memo)

        def read(rows: range) -> MeasuredPart:
            some = MeasuredPart([], [])
            for one in listed.read(rows).measured:
                value = similarities.get(one.id)
                if isinstance(value, Failure):
                    some.left_out.append(WithoutBin(one.row, value, one.criteria))
                elif value is None:
                    some.measured.append(one)
                else:
                    caption = captions[one.id]
                    assert not isinstance(caption, Failure), "a caption that is none has no similarity"
                    of_both = with_similarity(one.criteria, value)
                    some.measured.append(replace(one, criteria=of_both, caption=caption.text))
            return some

        return Candidates(count=listed.count, read=read, signals=listed.signals | {"similarity"})

    def _complete(self, taken: Listed, name: str) -> Sequence[Measured]:
        """Those that have all that a bin requires."""
        requires = list(self.bins[name].requires.values())
        if self.models.similarity is None:  # what holds without it holds for all
            requires = [rule for rule in requires if signal_of(rule.criterion) != "similarity" or not rule.holds(_BARE)]
        if not requires:
            return taken.measured
        listed = self._listed(self._with_signals(taken, signals_of(requires)))

        def read(rows: range) -> MeasuredPart:
            some = MeasuredPart([], [])
            for one in listed.read(rows).measured:
                if lacking := self.bins[name].lacking(one.criteria):
                    why = Lacking(findings(one.criteria, self.bins), [finding.name for finding in lacking])
                    some.left_out.append(WithoutBin(one.row, why, one.criteria))
                else:
                    some.measured.append(one)
            return some

        return self._listed(Candidates(count=listed.count, read=read, signals=listed.signals)).measured

    def _listed(self, candidates: Candidates | Listed) -> Listed:
        return candidates if isinstance(candidates, Listed) else self._split(candidates, lambda _: True)[0]

    def _split(self, candidates: Candidates | Listed, takes: Callable[[BinCriteria], bool]) -> tuple[Listed, Listed]:
        """Those that a bin takes, and the others; those that lack a signal go to the ledger."""
        taken, others = Listed(signals=candidates.signals), Listed(signals=candidates.signals)
        self.left_out.append(RecordList(InNoBin))
        for part in self.memo.slices()(lambda rows: _sorted(candidates.read(rows), takes), candidates.count):
            taken.measured.add(part.taken)
            taken.rows.extend(part.taken_rows)
            others.measured.add(part.others)
            others.rows.extend(part.other_rows)
            for one in part.left_out:
                self._leave_out(one)
        return taken, others

    def _leave_out(self, one: WithoutBin) -> None:
        if isinstance(one.why, Failure):
            self.ledger.failed(self.images[one.row], one.why)
        else:
            self.ledger.reject(self.images[one.row], one.why.findings, reasons=one.why.reasons)
        self.left_out[-1].append(InNoBin(row=one.row, outcome=one.outcome, criteria=one.criteria))


def _add_texts(
    some: MeasuredPart, first: int, images: Sequence[ImageRecord], texts: Sequence[TextNumbers | Failure]
) -> None:
    for row, (image, text) in enumerate(zip(images, texts, strict=True), first):
        if isinstance(text, Failure):
            some.left_out.append(WithoutBin(row, text, None))
        elif text.unread and not (finding := script_finding(text.unread)).passed:
            some.left_out.append(WithoutBin(row, Lacking([finding], [finding.name]), None))
        else:
            criteria = BinCriteria(num_text_boxes=text.num_text_boxes, text_area_ratio=text.text_area_ratio)
            some.measured.append(Measured(row=row, id=image.id, criteria=criteria, text=text.text))


def _sorted(read: MeasuredPart, takes: Callable[[BinCriteria], bool]) -> SortedPart:
    taken: list[Measured] = []
    others: list[Measured] = []
    for one in read.measured:
        (taken if takes(one.criteria) else others).append(one)
    rows, other_rows = (array("I", (one.row for one in some)) for some in (taken, others))
    return SortedPart(encoded(taken), rows, encoded(others), other_rows, read.left_out)
