"""The second stage: each picture in the first bin that takes it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from heapq import merge
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from dcvlr.binning.balance import Balance, BalanceLimits, balance, balance_message
from dcvlr.binning.bins import Bin, require_bins
from dcvlr.binning.criteria import criteria_of_texts, with_objects, with_similarity
from dcvlr.binning.details import format_image_results, image_details
from dcvlr.binning.outcome import BinLines, reject_dropped
from dcvlr.binning.sorting import BinModels, Measured, Sorting
from dcvlr.execution.slices import Slices
from dcvlr.protocols import Captioner, Detector, OcrModel, Remembering, Similarity
from dcvlr.records import BinnedImage, ImageRecord, first_failure
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger
from dcvlr.rundir.record_list import RecordList
from dcvlr.settings import Fraction, Whole, checked
from dcvlr.settings.run_keys import require_bins_ratio

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
@checked
class Binning:
    """OCR on every picture; a detector and a caption only on those that a bin which needs them is asked about.

    The thresholds stand here, where users type them; the rules of `bins` hold the same values. Raises `ConfigError` for
    bins of which none or several take the rest, and for shares that are none.
    """

    name: ClassVar[str] = "binning"
    folder: ClassVar[str] = "stage2_binning"
    result: ClassVar[str] = "bins"
    takes: ClassVar[type] = ImageRecord
    gives: ClassVar[type] = BinnedImage
    only_with: ClassVar[Mapping[str, Sequence[str]]] = {"clip_similarity_threshold": ("similarity",)}

    ocr: OcrModel
    detector: Detector
    captioner: Captioner
    similarity: Similarity | None
    bins: Mapping[str, Bin]
    text_boxes_threshold: Whole
    text_area_threshold: Fraction
    object_count_threshold: Whole
    unique_objects_threshold: Whole
    spatial_dispersion_threshold: Fraction
    clip_similarity_threshold: Annotated[float, Meta(ge=-1, le=1)]
    bins_ratio: list[float] | None
    balance: BalanceLimits
    display_details: bool

    def __post_init__(self) -> None:
        require_bins(self.bins)
        require_bins_ratio(self.bins_ratio, self.bin_names)

    @property
    def bin_names(self) -> list[str]:
        """In the order in which they are asked."""
        return list(self.bins)

    def __call__(
        self, records: Sequence[ImageRecord], memo: Remembering, ledger: Ledger, files: Folder
    ) -> Sequence[BinnedImage]:
        models = BinModels(ocr=self.ocr, detector=self.detector, captioner=self.captioner, similarity=self.similarity)
        sorting = Sorting(images=records, bins=self.bins, models=models, memo=memo, ledger=ledger)
        outcome = balance(sorting.members(), self.bins, self.bins_ratio, self.balance)
        dropped = (_named(name, own) for name, own in outcome.dropped.items())
        for name, one in merge(*dropped, key=lambda member: member[1].row):
            reject_dropped(records[one.row], name, one.criteria, self.bins, outcome.quotas[name], ledger)
        lines = BinLines(images=records, outcome=outcome, left_out=sorting.left_out)
        binned = self._write_pictures(lines, memo.slices(), files)
        self._write_summary(outcome, files)
        self._display(binned, memo)
        return binned

    def details(self, images: Sequence[ImageRecord], memo: Remembering) -> Iterator[dict[str, Any]]:
        """Every criterion of every bin for each picture that can be measured; see `image_details`."""
        text, objects, captions = memo.measure_together([self.ocr, self.detector, self.captioner], images)
        similarities: Mapping[str, Any] = {}
        if self.similarity is not None:
            similarities = self.similarity(images, captions, memo)
        for image in images:
            signals: list[Any] = [text[image.id], objects[image.id], captions[image.id], similarities.get(image.id)]
            if failure := first_failure(signals):
                log.warning("%s: no details: %s: %s", image.path, failure.kind, failure.message)
                continue
            lines, found, caption, similarity = signals
            (of_text,) = criteria_of_texts([lines])
            criteria = with_similarity(with_objects(of_text, found), similarity)
            yield image_details(image.path, criteria, caption.text, self.bins)

    def _display(self, binned: Sequence[BinnedImage], memo: Remembering) -> None:
        if self.display_details:
            for details in self.details([image.image for image in binned], memo):
                log.info("%s", format_image_results(details))

    def _write_pictures(self, lines: BinLines, slices: Slices, files: Folder) -> RecordList[BinnedImage]:
        """The lines about every picture, and those that are in a bin."""
        binned = RecordList(BinnedImage)
        with ExitStack() as open_files:
            of_bin = {name: open_files.enter_context(files.open_lines(f"bin_{name}.jsonl")) for name in self.bins}
            of_all = open_files.enter_context(files.open_lines("all_binned_images.jsonl"))
            values = open_files.enter_context(files.open_lines("values.jsonl"))
            for part in slices(lambda rows: lines.of(rows, of_all), len(lines.images)):
                for name, own in part.of_bin.items():
                    of_bin[name].add(*own)
                of_all.add(*part.of_all)
                values.add(*part.values)
                binned.add(part.binned)
        return binned

    def _write_summary(self, outcome: Balance, files: Folder) -> None:
        summary = {
            "stage": self.name,
            "bin_distribution": outcome.quotas,
            "total_binned": outcome.total,
            "wanted_shares": None if self.bins_ratio is None else dict(zip(self.bins, self.bins_ratio, strict=True)),
            "total_with_exact_shares": outcome.strict_total,
            "bins": [{"name": name, "rules": bin_.limits()} for name, bin_ in self.bins.items()],
        }
        files.write_json("summary.json", summary)
        log.info("binning: %s", balance_message(outcome, self.bins_ratio, self.balance))


def _named(name: str, members: Iterable[Measured]) -> Iterator[tuple[str, Measured]]:
    return ((name, member) for member in members)
