"""The decontamination stage: pictures of benchmarks go out before any costly model sees them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from dcvlr.decontamination.pack import Pack, read_packs
from dcvlr.errors import ConfigError
from dcvlr.identity import identity
from dcvlr.protocols import Remembering, StatisticsReader
from dcvlr.records import Failure, Finding, ImageRecord
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger
from dcvlr.rundir.record_list import RecordList
from dcvlr.settings import checked

log = logging.getLogger(__name__)

_BLOCK = 512  # pictures held against all of the packs at a time


@dataclass(frozen=True, kw_only=True)
@checked
class Decontamination:
    """Drops pictures whose hash differs in fewer than `phash_threshold` of 64 bits from one of a benchmark.

    `packs` are files of `python -m dcvlr.decontaminate build`. `statistics` is the one of filtering, which has mostly
    looked at every picture by then; packs must have been built with the same.
    """

    name: ClassVar[str] = "decontamination"
    folder: ClassVar[str] = "stage1_decontamination"
    takes: ClassVar[type] = ImageRecord
    gives: ClassVar[type] = ImageRecord
    result: ClassVar[str] = "clean_count"

    statistics: StatisticsReader
    packs: list[str]
    phash_threshold: Annotated[int, Meta(ge=1, le=20)]

    def check_ready(self) -> None:
        """Raise `ConfigError` for no packs, packs that cannot be read or whose hashes were made in another way."""
        if not self.packs:
            raise ConfigError("decontamination.packs=[]: give the files of python -m dcvlr.decontaminate build")
        for path, pack in zip(self.packs, self._packs, strict=True):
            if pack.header.statistics not in ("", identity(self.statistics)):
                raise ConfigError(
                    f"decontamination.packs: {path!r} was hashed with another filtering.statistics than this run's "
                    f"({identity(self.statistics)}): build it again with the same hash_decode"
                )

    def __call__(
        self, records: Sequence[ImageRecord], memo: Remembering, ledger: Ledger, files: Folder
    ) -> Sequence[ImageRecord]:
        kept = RecordList(ImageRecord)
        hits: Counter[str] = Counter({pack.header.name: 0 for pack in self._packs})
        for image, hit in self._looked_at(records, memo, ledger):
            if hit is None:
                kept.append(image)
            else:
                hits[hit.benchmark] += 1
                ledger.reject(image, [hit.finding(self.phash_threshold)])
        files.write_lines("clean_images.jsonl", kept)
        counts = {"total_input": len(records), "total_clean": len(kept), "rejected": ledger.counts()}
        files.write_json("summary.json", {"stage": self.name, **counts, "benchmarks": dict(sorted(hits.items()))})
        log.info("decontamination: %d of %d pictures are in a benchmark", hits.total(), len(records))
        return kept

    @cached_property
    def _packs(self) -> list[Pack]:
        return read_packs(self.packs)

    def _looked_at(
        self, records: Sequence[ImageRecord], memo: Remembering, ledger: Ledger
    ) -> Iterator[tuple[ImageRecord, Hit | None]]:
        """Each picture that could be hashed, with what it is too near to."""
        signals = memo.measure(self.statistics, records)
        known = KnownPictures(self._packs)
        for start in range(0, len(records), _BLOCK):
            readable: list[ImageRecord] = []
            hashes: list[int] = []
            for image in records[start : start + _BLOCK]:
                signal = signals[image.id]
                if isinstance(signal, Failure):
                    ledger.failed(image, signal)
                else:
                    readable.append(image)
                    hashes.append(int(signal.phash, 16))
            yield from zip(readable, known.hits(hashes, self.phash_threshold), strict=True)


@dataclass(frozen=True)
class Hit:
    distance: int
    benchmark: str
    item: str

    def finding(self, threshold: int) -> Finding:
        reason = f"differs from {self.item} of the benchmark {self.benchmark} in {self.distance} of 64 bits of the hash"
        return Finding(name="benchmark", passed=False, value=self.distance, threshold=threshold, reason=reason)


class KnownPictures:
    """The hashes of all packs; of equally near ones the first is named."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        known = [(item.phash, pack.header.name, item.id) for pack in packs for item in pack.items if item.phash]
        self._names = [(benchmark, item) for _, benchmark, item in known]
        self._hashes: NDArray[np.uint64] = np.array([int(phash, 16) for phash, *_ in known], np.uint64)

    def hits(self, hashes: Sequence[int], threshold: int) -> list[Hit | None]:
        """For each hash the nearest known one, if it differs in fewer than `threshold` bits."""
        if not self._names:
            return [None] * len(hashes)
        found: list[Hit | None] = []
        for value in hashes:
            distances = np.bitwise_count(self._hashes ^ np.uint64(value))
            nearest = int(distances.argmin())
            near = int(distances[nearest]) < threshold
            found.append(Hit(int(distances[nearest]), *self._names[nearest]) if near else None)
        return found
