"""The filtering stage: which pictures are worth the costly models."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, ClassVar, Literal

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from dcvlr.execution.slices import Slices
from dcvlr.filtering.dedup.earlier import kept_earlier, require_runs, still_readable
from dcvlr.filtering.dedup.packs import known_in, packs_among
from dcvlr.filtering.dedup.pictures import DuplicateFinder, Pictures, by_most_pixels, pixels_that_count
from dcvlr.filtering.passes import ImageFilter
from dcvlr.filtering.rules import FilterPass, ScoreLimits, at_least, at_most, value_of
from dcvlr.images import LARGEST_SIDE
from dcvlr.memo.memo import measured_models
from dcvlr.protocols import Remembering, Scorer, StatisticsReader
from dcvlr.records import ImageRecord, ImageStatistics, id_bytes
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger
from dcvlr.rundir.record_list import RecordList
from dcvlr.settings import Fraction, SettingError, checked

SidePx = Annotated[int, Meta(ge=1, le=100_000)]

_NUMBERS = 3  # of a picture: its two hashes and its pixels
_SCORE_LIMITS = "dcvlr.filtering.rules.ScoreLimits"


@dataclass(frozen=True, kw_only=True)
@checked
class Filtering:
    """Drops what cannot be read, is too small or large, marked, a near-duplicate, or not safe for work.

    Every limit is kept by the value equal to it: below a minimum or above a threshold is rejected, only duplicates
    differ in fewer than `phash_threshold` bits. None switches a rule off, and so does a model that is None. Cheap rules
    come first, duplicates are sought among what they leave, and the models that cost most see what is left then.
    """

    name: ClassVar[str] = "filtering"
    folder: ClassVar[str] = "stage1_filtering"
    takes: ClassVar[type] = ImageRecord
    gives: ClassVar[type] = ImageRecord
    result: ClassVar[str] = "filtered_count"
    only_with: ClassVar[Mapping[str, Sequence[str]]] = {
        "nsfw_threshold": ("nsfw",),
        "watermark_threshold": ("watermark",),
        "phash_threshold": ("dedup.phash", "against"),
        "keep": ("dedup",),
    }

    statistics: StatisticsReader
    watermark: Scorer | None
    nsfw: Scorer | None
    scores: Mapping[str, ScoreLimits]
    dedup: Mapping[str, DuplicateFinder]
    keep: Literal["most_pixels", "first"]
    against: list[str]
    min_resolution: SidePx | None
    max_resolution: SidePx | None
    oversize: Literal["shrink", "reject"]
    phash_threshold: Annotated[int, Meta(ge=1, le=20)] | None
    watermark_threshold: Fraction | None
    nsfw_threshold: Fraction | None
    min_sharpness: Annotated[float, Meta(ge=0, le=1_000_000)] | None
    min_entropy: Annotated[float, Meta(ge=0, le=8)] | None
    min_brightness: Fraction | None
    max_brightness: Fraction | None

    def __post_init__(self) -> None:
        for low_key, high_key in (("min_resolution", "max_resolution"), ("min_brightness", "max_brightness")):
            least, most = getattr(self, low_key), getattr(self, high_key)
            if least is not None and most is not None and least > most:
                raise SettingError(low_key, least, f"at most {high_key} ({most!r}) is allowed")
        for name, limits in self.scores.items():
            if not isinstance(limits, ScoreLimits):
                raise SettingError(f"scores.{name}", limits, f"_target_: {_SCORE_LIMITS} is needed")

    def check_ready(self) -> None:
        """Raise `ConfigError` if `against` names what is neither a run directory nor a pack of such hashes."""
        require_runs(self.against)
        packs_among(self.against, self.statistics)

    def __call__(
        self, records: Sequence[ImageRecord], memo: Remembering, ledger: Ledger, files: Folder
    ) -> Sequence[ImageRecord]:
        image_filter = ImageFilter(records, memo, ledger)
        pictures = self._hashed(image_filter)
        if self.phash_threshold is not None and (packs := packs_among(self.against, self.statistics)):
            pictures = image_filter.keep_unknown(pictures, known_in(packs, pictures, self.phash_threshold, memo))
        image_filter.keep_unique(pictures, self.dedup)
        if passes := self._costly_passes(memo):
            image_filter.keep_passing(passes)
        kept = image_filter.kept
        image_filter.write(files)
        counts = {"total_input": len(records), "total_filtered": len(kept), "rejected": ledger.counts()}
        files.write_json("summary.json", {"stage": self.name, **counts, "rules": image_filter.rules})
        return kept

    @property
    def _longest_allowed(self) -> int | None:
        """None where nothing can be longer: what is shrunk is not."""
        shrinks = self.oversize == "shrink" and (self.max_resolution or LARGEST_SIDE) >= LARGEST_SIDE
        return None if shrinks else self.max_resolution

    def _hashed(self, image_filter: ImageFilter) -> Pictures:
        """What passes the cheap rules, with its hashes."""
        earlier, numbers = RecordList(ImageRecord), array("Q")
        for image, statistics in still_readable(kept_earlier(self.against), self.statistics, image_filter.memo):
            earlier.append(image)
            numbers.extend(_numbers_of([statistics]))
        numbers.extend(self._keep_passing(image_filter))
        phashes, content_phashes, pixels = np.array(numbers, np.uint64).reshape(-1, _NUMBERS).T.copy()
        passed = image_filter.kept
        ranks = len(earlier) + self._ranks(passed, pixels[len(earlier) :].astype(np.int64), image_filter.memo.slices())
        return Pictures(
            images=RecordList(ImageRecord, chain(earlier, passed)) if earlier else passed,
            phashes=phashes,
            content_phashes=content_phashes,
            ranks=np.concatenate([np.arange(len(earlier)), ranks]),
            earlier=len(earlier),
        )

    def _keep_passing(self, image_filter: ImageFilter) -> array[int]:
        """Leave what passes the cheap rules; the numbers of its statistics.

        A watermark model that has to look at pictures sees only what the statistics leave. It comes before duplicates
        are sought: of two copies the marked one must not be the one that is kept.
        """
        watermark = _score_pass("watermark", self.watermark, self.watermark_threshold)
        looks = [one for one in watermark if measured_models(one.model) != [self.statistics]]
        read = [one for one in watermark if one not in looks]
        beside = [look for finder in self.dedup.values() for look in finder.looks]
        numbers = image_filter.keep_passing([*self._cheap_passes(), *read], beside, _numbers_of)
        if not looks:
            return numbers
        again = FilterPass(model=self.statistics, rules=())
        return image_filter.keep_passing([again, *looks], numbers_of=_numbers_of)

    def _ranks(self, images: Sequence[ImageRecord], pixels: NDArray[np.int64], slices: Slices) -> NDArray[np.int64]:
        if self.keep == "first":
            return np.arange(len(images))
        ids = slices(lambda rows: id_bytes(image.id for image in images[rows.start : rows.stop]), len(images))
        return by_most_pixels(pixels, np.concatenate([id_bytes([]), *ids]))

    def _cheap_passes(self) -> list[FilterPass]:
        rules = (
            *at_least("min_resolution", "shorter side in pixels", _shorter_side, self.min_resolution),
            *at_most("max_resolution", "longer side in pixels", _longer_side, self._longest_allowed),
            *at_least("min_sharpness", "variance of the Laplacian", lambda i: i.sharpness, self.min_sharpness),
            *at_least("min_entropy", "entropy in bits per pixel", lambda i: i.entropy, self.min_entropy),
            *at_least("min_brightness", "mean brightness", lambda i: i.brightness, self.min_brightness),
            *at_most("max_brightness", "mean brightness", lambda i: i.brightness, self.max_brightness),
        )
        return [FilterPass(model=self.statistics, rules=rules)]

    def _costly_passes(self, memo: Remembering) -> list[FilterPass]:
        extra = [limits.filter_pass(name, memo) for name, limits in sorted(self.scores.items())]
        return [*_score_pass("nsfw", self.nsfw, self.nsfw_threshold), *extra]


def _numbers_of(statistics: Sequence[ImageStatistics]) -> Iterator[int]:
    """Both hashes of each picture, and how many pixels of it count."""
    for one in statistics:
        yield int(one.phash, 16)
        yield int(one.content_phash, 16)
        yield pixels_that_count(one)


def _shorter_side(statistics: ImageStatistics) -> int:
    """Of the picture as it is used: at most `LARGEST_SIDE` on its longer side."""
    longer = _longer_side(statistics)
    if longer <= LARGEST_SIDE:
        return min(statistics.width, statistics.height)
    return round(min(statistics.width, statistics.height) * LARGEST_SIDE / longer)


def _longer_side(statistics: ImageStatistics) -> int:
    return max(statistics.width, statistics.height)


def _score_pass(name: str, model: Scorer | None, threshold: float | None) -> list[FilterPass]:
    if model is None or threshold is None:
        return []
    return [FilterPass(model=model, rules=at_most(name, f"{name} score", value_of, threshold, f"{name}_threshold"))]
