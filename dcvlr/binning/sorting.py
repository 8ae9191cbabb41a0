"""Pictures on their way through the bins: a signal is measured when a bin needs it, on those still to be sorted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from msgspec.structs import replace

from dcvlr.binning.bins import Bin, findings, signals_of
from dcvlr.binning.criteria import Signal, count_objects, criteria_of_texts, with_objects, with_similarity
from dcvlr.binning.rules import script_finding
from dcvlr.memo.in_step import with_signals
from dcvlr.protocols import Captioner, Detector, OcrModel, Rejections, Remembering, Signals, Similarity
from dcvlr.records import BinCriteria, Caption, Detections, Failure, ImageRecord, OcrResult, Record
from dcvlr.rundir.record_list import RecordList, Subsequence


@dataclass(frozen=True, kw_only=True)
class BinModels:
    """What measures the numbers that bins are decided on."""

    ocr: OcrModel
    detector: Detector
    captioner: Captioner
    similarity: Similarity | None


class Measured(Record, frozen=True):
    """What was measured so far on the picture of a row: the numbers, and what its line says beside them."""

    row: int
    id: str
    criteria: BinCriteria
    text: str
    objects: dict[str, int] | None = None  # by label, where the numbers are those of objects too
    caption: str | None = None  # where the similarity is known


class InNoBin(Record, frozen=True):
    """The picture of a row that is in no bin: the first reason for it, and what was measured by then."""

    row: int
    outcome: str
    criteria: BinCriteria | None


@dataclass(kw_only=True)
class Sorting:
    """Sends each of `images` to the first bin that takes it, others to the ledger: unmeasured, or lacking something.

    `left_out` has what each step found no bin for, in the order the pictures came.
    """

    images: Sequence[ImageRecord]
    bins: Mapping[str, Bin]
    models: BinModels
    memo: Remembering
    ledger: Rejections
    left_out: list[RecordList[InNoBin]] = field(default_factory=list)

    def members(self) -> dict[str, Sequence[Measured]]:
        """The pictures of each bin, in the order they came."""
        left: Iterable[Measured] = self._read()
        members: dict[str, Sequence[Measured]] = {}
        for name, bin_ in self.bins.items():
            taken, left = _split(self._with_signals(left, signals_of(list(bin_.any_of.values()))), bin_)
            members[name] = self._complete(taken, name)
        return members

    def _read(self) -> Iterator[Measured]:
        self.left_out.append(RecordList(InNoBin))
        text: Signals[OcrResult] = self.memo.measure(self.models.ocr, self.images)
        first = 0
        for block, (texts,) in with_signals(self.images, [text]):
            yield from self._read_block(first, block, texts)
            first += len(block)

    def _read_block(
        self, first: int, images: Sequence[ImageRecord], texts: Sequence[OcrResult | Failure]
    ) -> Iterator[Measured]:
        read = []
        for row, (image, lines) in enumerate(zip(images, texts, strict=True), first):
            if isinstance(lines, Failure):
                self._failed(row, lines, None)
            elif lines.unread and not (finding := script_finding(lines)).passed:
                self.ledger.reject(image, [finding])
                self._leave_out(row, finding.name, None)
            else:
                read.append((row, image.id, lines))
        found = criteria_of_texts([lines for _, _, lines in read])
        for (row, image_id, lines), criteria in zip(read, found, strict=True):
            yield Measured(row=row, id=image_id, criteria=criteria, text=lines.text)

    def _with_signals(self, candidates: Iterable[Measured], needed: set[Signal]) -> Iterable[Measured]:
        """The candidates with what is needed beyond text; those that it cannot be had of are in the ledger."""
        measured = candidates
        if "objects" in needed:
            measured = self._with_objects(_listed(measured))
        if "similarity" in needed and self.models.similarity is not None:
            measured = self._with_similarity(_listed(measured), self.models.similarity)
        return measured

    def _with_objects(self, candidates: Sequence[Measured]) -> Iterator[Measured]:
        new = Subsequence(self.images, (one.row for one in candidates if one.criteria.num_objects is None))
        objects: Signals[Detections] = self.memo.measure(self.models.detector, new)
        self.left_out.append(RecordList(InNoBin))
        found_in_new = chain.from_iterable(found for _, (found,) in with_signals(new, [objects]))
        for one in candidates:
            if one.criteria.num_objects is not None:
                yield one
                continue
            found = next(found_in_new)
            if isinstance(found, Failure):
                self._failed(one.row, found, one.criteria)
            else:
                yield replace(one, criteria=with_objects(one.criteria, found), objects=count_objects(found))

    def _with_similarity(self, candidates: Sequence[Measured], similarity: Similarity) -> Iterator[Measured]:
        new = Subsequence(self.images, (one.row for one in candidates if one.criteria.clip_similarity is None))
        captions: Signals[Caption] = self.memo.measure(self.models.captioner, new)
        self.left_out.append(RecordList(InNoBin))
        similarities = similarity(new, captions, self.memo)
        for one in candidates:
            value = similarities.get(one.id)
            if isinstance(value, Failure):
                self._failed(one.row, value, one.criteria)
            elif value is None:
                yield one
            else:
                caption = captions[one.id]
                assert not isinstance(caption, Failure), "a caption that is none has no similarity"
                yield replace(one, criteria=with_similarity(one.criteria, value), caption=caption.text)

    def _complete(self, taken: Iterable[Measured], name: str) -> Sequence[Measured]:
        """Those that have all that a bin requires."""
        requires = list(self.bins[name].requires.values())
        if not requires:
            return _listed(taken)
        measured = _listed(self._with_signals(taken, signals_of(requires)))
        self.left_out.append(RecordList(InNoBin))
        return RecordList(Measured, (one for one in measured if self._has_all(one, name)))

    def _has_all(self, one: Measured, name: str) -> bool:
        lacking = self.bins[name].lacking(one.criteria)
        if lacking:
            found = findings(one.criteria, self.bins)
            self.ledger.reject(self.images[one.row], found, reasons=[finding.name for finding in lacking])
            self._leave_out(one.row, lacking[0].name, one.criteria)
        return not lacking

    def _failed(self, row: int, failure: Failure, criteria: BinCriteria | None) -> None:
        self.ledger.failed(self.images[row], failure)
        self._leave_out(row, failure.kind, criteria)

    def _leave_out(self, row: int, outcome: str, criteria: BinCriteria | None) -> None:
        self.left_out[-1].append(InNoBin(row=row, outcome=outcome, criteria=criteria))


def _listed(measured: Iterable[Measured]) -> Sequence[Measured]:
    return measured if isinstance(measured, RecordList) else RecordList(Measured, measured)


def _split(left: Iterable[Measured], bin_: Bin) -> tuple[Iterable[Measured], Iterable[Measured]]:
    """Those that a bin takes, and the others."""
    if not bin_.any_of:
        return left, []
    taken, others = RecordList(Measured), RecordList(Measured)
    for one in left:
        (taken if bin_.takes(one.criteria) else others).append(one)
    return taken, others
