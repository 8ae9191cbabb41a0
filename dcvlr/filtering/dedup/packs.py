"""Pictures of packs, of which nothing is left but hashes, so that a new delivery is held against them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dcvlr.decontamination.pack import Item, Pack, read_pack
from dcvlr.errors import ConfigError
from dcvlr.filtering.dedup.detail_hash import Detail, DetailHash
from dcvlr.filtering.dedup.pictures import Pictures
from dcvlr.identity import identity
from dcvlr.protocols import Remembering, StatisticsReader
from dcvlr.records import Failure, Finding

MOST_BITS = 12
"""Of 256: JPEG at quality 60, other sizes, grey and plain borders change fewer, other entries of a form at least 16."""

_BATCH = 64


def packs_among(against: Sequence[str], statistics: StatisticsReader) -> list[Pack]:
    """Those of `against` that are files, read; raises `ConfigError` for packs that cannot be compared with."""
    packs = [read_pack(Path(path).expanduser()) for path in against if Path(path).expanduser().is_file()]
    for pack in packs:
        pictures = [item for item in pack.items if item.phash]
        if not pictures:
            raise ConfigError(f"filtering.against: the pack {pack.header.name!r} holds no picture")
        if not all(item.detail for item in pictures):
            raise ConfigError(
                f"filtering.against: the pack {pack.header.name!r} holds no hashes of 256 bits; build it again with "
                "python -m dcvlr.decontaminate build"
            )
        if pack.header.statistics != identity(statistics):
            raise ConfigError(
                f"filtering.against: the pack {pack.header.name!r} was hashed with another filtering.statistics than "
                f"this run's ({identity(statistics)}): build it again with the same hash_decode"
            )
    return packs


def known_in(packs: Sequence[Pack], pictures: Pictures, threshold: int, memo: Remembering) -> dict[int, Finding]:
    """For the index of each new picture that a pack holds, with which item of it.

    Hashes of 64 bits that differ in fewer than `threshold` propose an item, one of 256 bits decides.
    """
    items = [(pack.header.name, item) for pack in packs for item in pack.items if item.phash]
    near = dict(_near(pictures, [item for _, item in items], threshold))
    signals = memo.measure(DetailHash(batch_size=_BATCH), [pictures.images[index] for index in near])
    found: dict[int, Finding] = {}
    for index, numbers in near.items():
        signal = signals[pictures.images[index].id]
        if isinstance(signal, Failure):
            continue  # it is read again by whatever comes next, which reports it
        distance, number = min((_distance(signal, items[number][1]), number) for number in numbers)
        if distance <= MOST_BITS:
            found[index] = _finding(distance, *items[number])
    return found


def _near(pictures: Pictures, items: Sequence[Item], threshold: int) -> Iterator[tuple[int, list[int]]]:
    wholes = np.array([int(item.phash or "0", 16) for item in items], np.uint64)
    contents = np.array([int(item.content_phash or item.phash or "0", 16) for item in items], np.uint64)
    for index in range(pictures.earlier, len(pictures)) if items else ():
        distances = np.minimum.reduce(
            [_bits(known, own) for known in (wholes, contents) for own in pictures.hashes(index)]
        )
        if (near := np.flatnonzero(distances < threshold)).size:
            yield index, near.tolist()


def _bits(known: NDArray[np.uint64], own: np.uint64) -> NDArray[np.uint8]:
    found: NDArray[np.uint8] = np.bitwise_count(known ^ own)
    return found


def _distance(own: Detail, item: Item) -> int:
    known = {item.detail, item.content_detail or item.detail}
    return min(
        (int(one, 16) ^ int(other, 16)).bit_count()
        for one in {own.phash, own.content_phash}
        for other in known
        if other
    )


def _finding(distance: int, pack: str, item: Item) -> Finding:
    reason = (
        f"shows what {item.id} of the pack {pack}, named in filtering.against, shows: {distance} of 256 bits of the "
        f"hash differ (up to {MOST_BITS} is the same)"
    )
    return Finding(name="duplicate", passed=False, value=distance, threshold=MOST_BITS, reason=reason)
