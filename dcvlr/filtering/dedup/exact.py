"""Duplicates in the strict sense: other files, the same pixels."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta

from dcvlr.filtering.dedup.near_hashes import near_groups
from dcvlr.filtering.dedup.pictures import Pair, Pictures
from dcvlr.identity import digest, speed
from dcvlr.protocols import Remembering
from dcvlr.records import Decode, Failure, Finding, Picture, Record
from dcvlr.settings import Count, checked

log = logging.getLogger(__name__)


class PixelsId(Record, frozen=True):
    """The first 128 bits of the BLAKE3 of a picture's size and upright RGB pixels, in hexadecimal."""

    id: str


@dataclass(frozen=True, kw_only=True)
@checked
class PixelsDigest:
    """What a picture shows to the last bit, whatever its format, metadata or compression."""

    name: ClassVar[str] = "pixels_digest"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = PixelsId

    batch_size: Count = speed()

    @property
    def decode(self) -> Decode:
        return Decode(max_side=None)

    def check_ready(self) -> None:
        """BLAKE3 is a core dependency: always ready."""

    def __call__(self, items: Sequence[Picture], /) -> list[PixelsId]:
        return [PixelsId(id=digest(str(item.pixels.shape).encode() + item.pixels.tobytes())) for item in items]


@dataclass(frozen=True, kw_only=True)
@checked
class EqualPixels:
    """Pictures that decode to the same pixels; equal files are one picture before any search.

    Only pictures whose hashes differ in fewer than `threshold` of 64 bits are decoded whole: equal pixels in two
    formats hash alike, but not always to the bit, since a JPEG is hashed from a shrunk decoding.
    """

    threshold: Annotated[int, Meta(ge=1, le=20)]
    digest: PixelsDigest

    @property
    def looks(self) -> tuple[()]:
        return ()

    def candidates(self, pictures: Pictures, memo: Remembering) -> dict[int, list[int]]:
        members = [index for group in near_groups(pictures, self.threshold) for index in group.tolist()]
        signals = memo.measure(self.digest, [pictures.images[index] for index in members])
        found: dict[int, list[int]] = {}
        best: dict[str, int] = {}
        for index in sorted(members, key=lambda index: int(pictures.ranks[index])):
            signal = signals[pictures.images[index].id]
            if isinstance(signal, Failure):
                log.warning("%s could not be compared: %s", pictures.images[index].path, signal.message)
            elif best.setdefault(signal.id, index) != index:
                found[index] = [best[signal.id]]
        return found

    def confirm(self, pictures: Pictures, pairs: Sequence[Pair], memo: Remembering) -> list[Finding | None]:
        ends = np.array(pairs, np.int64).reshape(-1, 2)
        distances = pictures.distances(ends[:, 0], ends[:, 1])
        near = [pair for pair, distance in zip(pairs, distances, strict=True) if distance < self.threshold]
        images = {index: pictures.images[index] for pair in near for index in pair}
        signals = memo.measure(self.digest, list(images.values()))
        equal = {pair for pair in near if _same(*(signals[pictures.images[index].id] for index in pair))}
        return [_finding(pictures, pair) if pair in equal else None for pair in pairs]


def _same(one: PixelsId | Failure, other: PixelsId | Failure) -> bool:
    return isinstance(one, PixelsId) and isinstance(other, PixelsId) and one.id == other.id


def _finding(pictures: Pictures, pair: Pair) -> Finding:
    kept = pictures.images[pair[1]]
    reason = f"has the pixels of {kept.file_name} ({kept.id}), which is kept: all are equal"
    return Finding(name="duplicate", passed=False, value=0, reason=reason)
