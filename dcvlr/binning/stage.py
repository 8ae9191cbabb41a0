"""The second stage: pictures rich in text (A), rich in objects (B) and the rest (C)."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from dcvlr.binning.balance import Balance, BalanceLimits, balance, balance_message
from dcvlr.binning.criteria import criteria_of_text, with_objects, with_similarity
from dcvlr.binning.details import format_image_results, image_details
from dcvlr.binning.outcome import Row, reject_dropped, reject_mismatched, row
from dcvlr.binning.rules import Thresholds, assign_bin, similarity_finding
from dcvlr.errors import ConfigError
from dcvlr.protocols import (
    Captioner,
    Detector,
    Files,
    OcrModel,
    Rejections,
    Remembering,
    Signals,
    Similarity,
)
from dcvlr.records import (
    BINS,
    BinCriteria,
    BinnedImage,
    Caption,
    Detections,
    Failure,
    ImageRecord,
    OcrResult,
)
from dcvlr.settings import Fraction, Whole, checked

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
@checked
class Binning:
    """OCR on every picture, the detector on those that are not A, a caption only for C and only to be checked.

    Raises `ConfigError` for a threshold that nothing or everything passes by mistake, and for shares that are none.
    """

    name: ClassVar[str] = "binning"
    folder: ClassVar[str] = "stage2_binning"
    result: ClassVar[str] = "bins"
    takes: ClassVar[type] = ImageRecord
    gives: ClassVar[type] = BinnedImage

    ocr: OcrModel
    detector: Detector
    captioner: Captioner
    similarity: Similarity | None
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
        _require_ratio(self.bins_ratio)

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(
            text_boxes=self.text_boxes_threshold,
            text_area=self.text_area_threshold,
            object_count=self.object_count_threshold,
            unique_objects=self.unique_objects_threshold,
            spatial_dispersion=self.spatial_dispersion_threshold,
            clip_similarity=self.clip_similarity_threshold,
        )

    def __call__(
        self, records: Sequence[ImageRecord], memo: Remembering, ledger: Rejections, files: Files
    ) -> list[BinnedImage]:
        text = memo.measure(self.ocr, records)
        read = self._judge_text(records, text, ledger)
        unsure = [image for image in read if image.bin != "A"]
        objects = memo.measure(self.detector, [image.image for image in unsure])
        rest = self._judge_objects(unsure, objects, ledger)
        plain = [image for image in rest if image.bin == "C"]
        captions = memo.measure(self.captioner, [image.image for image in plain]) if self.similarity else None
        checked = plain if captions is None else self._judge_captions(plain, captions, memo, ledger)
        settled = {image.image.id: image for image in (*checked, *(i for i in rest if i.bin == "B"))}
        latest = (image if image.bin == "A" else settled.get(image.image.id) for image in read)
        binned = [image for image in latest if image is not None]
        outcome = balance(binned, self.bins_ratio, self.balance)
        for image in outcome.dropped:
            reject_dropped(image, self.thresholds, outcome.quotas[image.bin], ledger)
        self._write(outcome, (row(image, text, objects, captions) for image in outcome.kept), files)
        self._display([image.image for image in outcome.kept], memo)
        return outcome.kept

    def details(self, images: Sequence[ImageRecord], memo: Remembering) -> Iterator[dict[str, Any]]:
        """Every criterion of every bin for each picture that can be measured; see `image_details`."""
        text, objects, captions = memo.measure_together([self.ocr, self.detector, self.captioner], images)
        similarities: Mapping[str, Any] = {}
        if self.similarity is not None:
            similarities = self.similarity(images, captions, memo)
        for image in images:
            signals: list[Any] = [text[image.id], objects[image.id], captions[image.id], similarities.get(image.id)]
            failure = next((signal for signal in signals if isinstance(signal, Failure)), None)
            if failure is not None:
                log.warning("%s: no details: %s: %s", image.path, failure.kind, failure.message)
                continue
            lines, found, caption, similarity = signals
            criteria = with_similarity(with_objects(criteria_of_text(lines), found), similarity)
            yield image_details(image.path, criteria, caption.text, self.thresholds)

    def _display(self, images: Sequence[ImageRecord], memo: Remembering) -> None:
        if self.display_details:
            for details in self.details(images, memo):
                log.info("%s", format_image_results(details))

    def _judge_text(
        self, images: Sequence[ImageRecord], text: Signals[OcrResult], ledger: Rejections
    ) -> list[BinnedImage]:
        """Bin A, and every other picture as C for now."""
        binned = []
        for image in images:
            lines = text[image.id]
            if isinstance(lines, Failure):
                ledger.failed(image, lines)
            else:
                binned.append(self._binned(image, criteria_of_text(lines)))
        return binned

    def _judge_objects(
        self, images: Sequence[BinnedImage], objects: Signals[Detections], ledger: Rejections
    ) -> list[BinnedImage]:
        """Bins B and C of pictures that are not A."""
        binned = []
        for image in images:
            found = objects[image.image.id]
            if isinstance(found, Failure):
                ledger.failed(image.image, found)
            else:
                binned.append(self._binned(image.image, with_objects(image.criteria, found)))
        return binned

    def _judge_captions(
        self, images: Sequence[BinnedImage], captions: Signals[Caption], memo: Remembering, ledger: Rejections
    ) -> list[BinnedImage]:
        """The pictures of bin C whose captions match them."""
        assert self.similarity is not None
        similarities = self.similarity([image.image for image in images], captions, memo)
        matching = []
        for image in images:
            value = similarities[image.image.id]
            if isinstance(value, Failure):
                ledger.failed(image.image, value)
                continue
            judged = self._binned(image.image, with_similarity(image.criteria, value))
            if similarity_finding(judged.criteria, self.thresholds).passed:
                matching.append(judged)
            else:
                reject_mismatched(judged, self.thresholds, ledger)
        return matching

    def _binned(self, image: ImageRecord, criteria: BinCriteria) -> BinnedImage:
        return BinnedImage(image=image, bin=assign_bin(criteria, self.thresholds), criteria=criteria)

    def _write(self, outcome: Balance, rows: Iterable[Row], files: Files) -> None:
        files.write_lines("all_binned_images.jsonl", rows)
        for name in BINS:
            written = files.read_lines("all_binned_images.jsonl", msgspec.Raw)
            pairs = zip(outcome.kept, written, strict=True)
            files.write_lines(f"bin_{name}.jsonl", (line for image, line in pairs if image.bin == name))
        by_bin = Counter(image.bin for image in outcome.kept)
        summary = {
            "stage": self.name,
            "bin_distribution": {name: by_bin[name] for name in BINS},
            "total_binned": len(outcome.kept),
            "wanted_shares": None if self.bins_ratio is None else dict(zip(BINS, self.bins_ratio, strict=True)),
            "total_with_exact_shares": outcome.strict_total,
        }
        files.write_json("summary.json", summary)
        log.info("binning: %s", balance_message(outcome, self.bins_ratio, self.balance))


def _require_ratio(ratio: list[float] | None) -> None:
    if ratio is None:
        return
    if len(ratio) != len(BINS) or min(ratio) < 0 or abs(sum(ratio) - 1) > 1e-6:
        raise ConfigError(f"bins_ratio={ratio!r}: three shares for bins A, B, C that sum to 1, or null, are allowed")
