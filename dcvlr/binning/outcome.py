"""What is written about a binned picture, and about one that was left out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, TypeVar

from msgspec.structs import asdict

from dcvlr.binning.balance import Balance
from dcvlr.binning.bins import Bin, findings
from dcvlr.binning.sorting import InNoBin, Measured
from dcvlr.protocols import Rejections
from dcvlr.records import BinCriteria, BinnedImage, Finding, ImageRecord, ImageValues, Record
from dcvlr.rundir.reader import RunDirectory
from dcvlr.rundir.record_list import EncodedRecords, encoded

JoinedLines = tuple[bytes, int]
"""Lines of JSON, and how many."""

OfRow = TypeVar("OfRow", Measured, InNoBin)


class BinnedLine(Record, frozen=True):
    """One line of the binning stage's files; None is 'not measured', since the bin did not depend on it."""

    paths: ClassVar[tuple[str, ...]] = ("path",)

    id: str
    path: str
    dataset: str
    bin: str
    num_text_boxes: int
    text_area_ratio: float
    num_objects: int | None
    unique_classes: int | None
    spatial_dispersion: float | None
    clip_similarity: float | None
    caption: str | None
    ocr_text: str
    detected_objects: dict[str, int] | None


def binned_lines(run: RunDirectory) -> Sequence[BinnedLine]:
    """Those of every picture that the run has sorted."""
    return run.of_stage("stage2_binning", "all_binned_images.jsonl", BinnedLine)


def line_of(image: ImageRecord, name: str, measured: Measured) -> BinnedLine:
    """The line of a picture in a bin."""
    return BinnedLine(
        id=image.id,
        path=image.path,
        dataset=image.dataset,
        bin=name,
        **asdict(measured.criteria),
        caption=measured.caption,
        ocr_text=measured.text,
        detected_objects=measured.objects,
    )


def values_of(image: ImageRecord, outcome: str, criteria: BinCriteria | None) -> ImageValues:
    """What was measured of a picture and where it went, None for what its bin did not depend on."""
    values = dict.fromkeys(BinCriteria.__struct_fields__) if criteria is None else asdict(criteria)
    return ImageValues(id=image.id, path=image.path, dataset=image.dataset, outcome=outcome, values=values)


class PictureLines(NamedTuple):
    """What the files get about some pictures, and those of them that are in a bin."""

    of_bin: dict[str, JoinedLines]
    of_all: JoinedLines
    values: JoinedLines
    binned: EncodedRecords


@dataclass(frozen=True, kw_only=True)
class BinLines:
    """What is written about `images` after their balance; those `left_out` before are in no bin."""

    images: Sequence[ImageRecord]
    outcome: Balance
    left_out: Sequence[Sequence[InNoBin]]

    def of(self, rows: range, line: Callable[[object], bytes]) -> PictureLines:
        """About the pictures of some rows; `line` is how a record stands in a file."""
        kept = {one.row: (name, one) for name, own in self.outcome.kept.items() for one in _within(own, rows)}
        others = {one.row: one for own in self.left_out for one in _within(own, rows)}
        dropped = {one.row: one.criteria for own in self.outcome.dropped.values() for one in _within(own, rows)}
        of_bin: dict[str, list[bytes]] = {name: [] for name in self.outcome.kept}
        of_all, values, binned = list[bytes](), list[bytes](), list[BinnedImage]()
        for row, image in zip(rows, self.images[rows.start : rows.stop], strict=True):
            if row in kept:
                name, one = kept[row]
                of_all.append(line(line_of(image, name, one)))
                of_bin[name].append(of_all[-1])
                values.append(line(values_of(image, name, one.criteria)))
                binned.append(BinnedImage(image=image, bin=name, criteria=one.criteria))
            elif row in dropped:
                values.append(line(values_of(image, "balance", dropped[row])))
            elif row in others:
                values.append(line(values_of(image, others[row].outcome, others[row].criteria)))
        lines = {name: _joined(own) for name, own in of_bin.items()}
        return PictureLines(lines, _joined(of_all), _joined(values), encoded(binned))


def _within(records: Sequence[OfRow], rows: range) -> Iterable[OfRow]:
    """Those about these rows; records are in the order of theirs."""
    start = bisect_left(records, rows.start, key=_row)
    return records[start : bisect_left(records, rows.stop, start, key=_row)]


def _row(record: Measured | InNoBin) -> int:
    return record.row


def _joined(lines: Sequence[bytes]) -> JoinedLines:
    return b"".join(lines), len(lines)


def reject_dropped(
    image: ImageRecord, name: str, criteria: BinCriteria, bins: Mapping[str, Bin], quota: int, ledger: Rejections
) -> None:
    """A picture that its full bin has no room for; the quota finding's value is what members were ranked by."""
    reason = f"bin {name} keeps its {quota} strongest members"
    value = bins[name].strength(criteria)
    cut = Finding(name="balance", passed=False, value=value, threshold=quota, reason=reason)
    ledger.reject(image, [*findings(criteria, bins), cut], reasons=("balance",))
