"""What is written about a binned picture, and about one that was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from msgspec.structs import asdict

from dcvlr.binning.bins import Bin, findings
from dcvlr.binning.sorting import Measured
from dcvlr.protocols import Rejections
from dcvlr.records import BinCriteria, Finding, ImageRecord, ImageValues, Record
from dcvlr.rundir.reader import RunDirectory


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


def reject_dropped(
    image: ImageRecord, name: str, criteria: BinCriteria, bins: Mapping[str, Bin], quota: int, ledger: Rejections
) -> None:
    """A picture that its full bin has no room for; the quota finding's value is what members were ranked by."""
    reason = f"bin {name} keeps its {quota} strongest members"
    value = bins[name].strength(criteria)
    cut = Finding(name="balance", passed=False, value=value, threshold=quota, reason=reason)
    ledger.reject(image, [*findings(criteria, bins), cut], reasons=("balance",))
