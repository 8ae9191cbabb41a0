"""Pictures on their way through the bins: a signal is measured when a bin needs it, on those still to be sorted."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from msgspec.structs import replace

from dcvlr.binning.bins import Bin, findings, signals_of
from dcvlr.binning.criteria import Signal, criteria_of_texts, with_objects, with_similarity
from dcvlr.binning.rules import script_finding
from dcvlr.protocols import Captioner, Detector, OcrModel, Rejections, Remembering, Signals, Similarity
from dcvlr.records import BinCriteria, BinnedImage, Caption, Detections, Failure, ImageRecord, OcrResult, Record
from dcvlr.rundir.record_list import InStep, RecordList, Subsequence

_BLOCK = 256  # pictures whose text is in memory at a time


@dataclass(frozen=True, kw_only=True)
class BinModels:
    """What measures the numbers that bins are decided on."""

    ocr: OcrModel
    detector: Detector
    captioner: Captioner
    similarity: Similarity | None


class Unsorted(Record, frozen=True):
    """A picture that is in no bin yet, and what was measured on it so far."""

    image: ImageRecord
    criteria: BinCriteria


class Sorted(Record, frozen=True):
    """A picture's bin, or the first reason for which it is in none, and what was measured on it by then."""

    id: str
    outcome: str
    criteria: BinCriteria | None


@dataclass(kw_only=True)
class Sorting:
    """Sends each picture to the first bin that takes it, and to the ledger what cannot be measured or lacks something.

    `left_out` has what each step found no bin for, in the order the pictures came.
    """

    bins: Mapping[str, Bin]
    models: BinModels
    memo: Remembering
    ledger: Rejections
    left_out: list[RecordList[Sorted]] = field(default_factory=list)
    _measured: dict[Signal, list[Signals[Any]]] = field(default_factory=dict)

    def __call__(self, images: Sequence[ImageRecord]) -> Sequence[BinnedImage]:
        """The pictures that are in a bin, in the order they came."""
        left = self._read(images)
        by_bin: dict[str, Sequence[Unsorted]] = {}
        for name, bin_ in self.bins.items():
            left = self._with_signals(left, signals_of(list(bin_.any_of.values())))
            members, left = _split(left, bin_)
            by_bin[name] = self._complete(members, name)
        return RecordList(BinnedImage, _in_order(images, by_bin))

    def signal(self, of: Signal, image_id: str) -> Any:
        """What was measured on a picture, None where it was not."""
        for signals in self._measured.get(of, []):
            try:
                return signals[image_id]
            except KeyError:
                continue
        return None

    def _read(self, images: Sequence[ImageRecord]) -> Sequence[Unsorted]:
        self.left_out.append(RecordList(Sorted))
        text: Signals[OcrResult] = self.memo.measure(self.models.ocr, images)
        self._measured["text"] = [text]
        starts = range(0, len(images), _BLOCK)
        blocks = (self._read_block(images[start : start + _BLOCK], text) for start in starts)
        return RecordList(Unsorted, chain.from_iterable(blocks))

    def _read_block(self, images: Sequence[ImageRecord], text: Signals[OcrResult]) -> Iterator[Unsorted]:
        read = []
        for image in images:
            lines = text[image.id]
            if isinstance(lines, Failure):
                self._failed(image, lines, None)
            elif lines.unread and not (finding := script_finding(lines)).passed:
                self.ledger.reject(image, [finding])
                self._leave_out(image, finding.name, None)
            else:
                read.append((image, lines))
        criteria = criteria_of_texts([lines for _, lines in read])
        return (Unsorted(image=image, criteria=found) for (image, _), found in zip(read, criteria, strict=True))

    def _with_signals(self, candidates: Sequence[Unsorted], needed: set[Signal]) -> Sequence[Unsorted]:
        """The candidates with what is needed beyond text; those that it cannot be had of are in the ledger."""
        measured = candidates
        if "objects" in needed:
            measured = RecordList(Unsorted, self._with_objects(measured))
        if "similarity" in needed and self.models.similarity is not None:
            measured = RecordList(Unsorted, self._with_similarity(measured, self.models.similarity))
        return measured

    def _with_objects(self, candidates: Sequence[Unsorted]) -> Iterator[Unsorted]:
        new = RecordList(ImageRecord, (one.image for one in candidates if one.criteria.num_objects is None))
        objects: Signals[Detections] = self.memo.measure(self.models.detector, new)
        self._measured.setdefault("objects", []).append(objects)
        self.left_out.append(RecordList(Sorted))
        for one in candidates:
            found = objects[one.image.id] if one.criteria.num_objects is None else None
            if isinstance(found, Failure):
                self._failed(one.image, found, one.criteria)
            else:
                yield one if found is None else replace(one, criteria=with_objects(one.criteria, found))

    def _with_similarity(self, candidates: Sequence[Unsorted], similarity: Similarity) -> Iterator[Unsorted]:
        new = RecordList(ImageRecord, (one.image for one in candidates if one.criteria.clip_similarity is None))
        captions: Signals[Caption] = self.memo.measure(self.models.captioner, new)
        self._measured.setdefault("similarity", []).append(captions)
        self.left_out.append(RecordList(Sorted))
        similarities = similarity(new, captions, self.memo)
        for one in candidates:
            value = similarities.get(one.image.id)
            if isinstance(value, Failure):
                self._failed(one.image, value, one.criteria)
            else:
                yield one if value is None else replace(one, criteria=with_similarity(one.criteria, value))

    def _complete(self, members: Sequence[Unsorted], name: str) -> Sequence[Unsorted]:
        """The members of a bin that have all that it requires."""
        requires = list(self.bins[name].requires.values())
        if not requires:
            return members
        measured = self._with_signals(members, signals_of(requires))
        self.left_out.append(RecordList(Sorted))
        return Subsequence(measured, (row for row, member in enumerate(measured) if self._has_all(member, name)))

    def _has_all(self, member: Unsorted, name: str) -> bool:
        lacking = self.bins[name].lacking(member.criteria)
        if lacking:
            found = findings(member.criteria, self.bins)
            self.ledger.reject(member.image, found, reasons=[finding.name for finding in lacking])
            self._leave_out(member.image, lacking[0].name, member.criteria)
        return not lacking

    def _failed(self, image: ImageRecord, failure: Failure, criteria: BinCriteria | None) -> None:
        self.ledger.failed(image, failure)
        self._leave_out(image, failure.kind, criteria)

    def _leave_out(self, image: ImageRecord, outcome: str, criteria: BinCriteria | None) -> None:
        self.left_out[-1].append(Sorted(id=image.id, outcome=outcome, criteria=criteria))


def _split(left: Sequence[Unsorted], bin_: Bin) -> tuple[Sequence[Unsorted], Sequence[Unsorted]]:
    """Those that a bin takes, and the others."""
    if not bin_.any_of:
        return left, []
    taken, others = array("I"), array("I")
    for row, one in enumerate(left):
        (taken if bin_.takes(one.criteria) else others).append(row)
    return Subsequence(left, taken), Subsequence(left, others)


def _in_order(images: Sequence[ImageRecord], by_bin: Mapping[str, Sequence[Unsorted]]) -> Iterator[BinnedImage]:
    """The members of all bins, each of which has its own in this order."""

    def binned(name: str, members: Sequence[Unsorted]) -> Iterator[BinnedImage]:
        return (BinnedImage(image=member.image, bin=name, criteria=member.criteria) for member in members)

    members = InStep((binned(name, members) for name, members in by_bin.items()), lambda one: one.image.id)
    return filter(None, (members.of(image.id) for image in images))
