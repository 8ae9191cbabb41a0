"""What is written about a binned picture, and about one that was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from dcvlr.binning.balance import Balance
from dcvlr.binning.bins import Bin, findings
from dcvlr.binning.sorting import InNoBin, Measured
from dcvlr.records import BinCriteria, BinnedImage, Finding, ImageRecord, ImageValues, Record
from dcvlr.rundir.files import JsonLinesFile
from dcvlr.rundir.ledger import Ledger
from dcvlr.rundir.reader import RunDirectory
from dcvlr.rundir.record_list import EncodedRecords, JoinedLines, encoded, within


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
    criteria = measured.criteria  # field by field: it is as fast again as to unpack them by name
    return BinnedLine(
        id=image.id,
        path=image.path,
        dataset=image.dataset,
        bin=name,
        num_text_boxes=criteria.num_text_boxes,
        text_area_ratio=criteria.text_area_ratio,
        num_objects=criteria.num_objects,
        unique_classes=criteria.unique_classes,
        spatial_dispersion=criteria.spatial_dispersion,
        clip_similarity=criteria.clip_similarity,
        caption=measured.caption,
        ocr_text=measured.text,
        detected_objects=measured.objects,
    )


def values_of(image: ImageRecord, outcome: str, criteria: BinCriteria | None) -> ImageValues:
    """What was measured of a picture and where it went, None for what its bin did not depend on."""
    values: Any = criteria or dict.fromkeys(BinCriteria.__struct_fields__)  # a record is written like a dict
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

    def of(self, rows: range, file: JsonLinesFile) -> PictureLines:
        """About the pictures of some rows; all lines stand in files as in this one."""
        kept = {one.row: (name, one) for name, own in self.outcome.kept.items() for one in within(own, rows, _row)}
        others = {one.row: one for own in self.left_out for one in within(own, rows, _row)}
        dropped = {one.row: one.criteria for own in self.outcome.dropped.values() for one in within(own, rows, _row)}
        of_all, values, binned = list[BinnedLine](), list[ImageValues](), list[BinnedImage]()
        for row, image in zip(rows, self.images[rows.start : rows.stop], strict=True):
            if row in kept:
                name, one = kept[row]
                of_all.append(line_of(image, name, one))
                values.append(values_of(image, name, one.criteria))
                binned.append(BinnedImage(image=image, bin=name, criteria=one.criteria))
            elif row in dropped:
                values.append(values_of(image, "balance", dropped[row]))
            elif row in others:
                values.append(values_of(image, others[row].outcome, others[row].criteria))
        lines = file.lines(of_all)
        each: dict[str, list[bytes]] = {name: [] for name in self.outcome.kept}
        for line_record, line in zip(of_all, lines.splitlines(keepends=True), strict=True):
            each[line_record.bin].append(line)
        of_bin = {name: _joined(own) for name, own in each.items()}
        return PictureLines(of_bin, (lines, len(of_all)), (file.lines(values), len(values)), encoded(binned))


def _joined(lines: Sequence[bytes]) -> JoinedLines:
    return b"".join(lines), len(lines)


def _row(record: Measured | InNoBin) -> int:
    return record.row


def reject_dropped(
    image: ImageRecord, name: str, criteria: BinCriteria, bins: Mapping[str, Bin], quota: int, ledger: Ledger
) -> None:
    """A picture that its full bin has no room for; the quota finding's value is what members were ranked by."""
    reason = f"bin {name} keeps its {quota} strongest members"
    value = bins[name].strength(criteria)
    cut = Finding(name="balance", passed=False, value=value, threshold=quota, reason=reason)
    ledger.reject(image, [*findings(criteria, bins), cut], reasons=("balance",))
