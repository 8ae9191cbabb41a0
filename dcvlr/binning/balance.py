"""Cutting bins to wanted shares: full bins keep their strongest members, short ones are reported and never padded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from dcvlr.records import BINS, Bin, BinCriteria, BinnedImage
from dcvlr.sampling import quotas


@dataclass(frozen=True, kw_only=True)
class Balance:
    """`kept` and `dropped` in the order they came; `shortfall` is how many a bin lacks of its quota."""

    kept: list[BinnedImage]
    dropped: list[BinnedImage]
    quotas: dict[Bin, int]
    shortfall: dict[Bin, int]


def balance(images: Sequence[BinnedImage], ratios: Sequence[float] | None, *, strict: bool) -> Balance:
    """Quotas are shares of all `images`; with `strict`, of as many as keep every bin at its share.

    Without ratios everything is kept.
    """
    found = dict.fromkeys(BINS, 0)
    for image in images:
        found[image.bin] += 1
    if ratios is None:
        return Balance(kept=list(images), dropped=[], quotas=found, shortfall=dict.fromkeys(BINS, 0))
    total = _largest_full_total(found, ratios) if strict else len(images)
    wanted = dict(zip(BINS, quotas(len(images), ratios), strict=True))
    allowed = dict(zip(BINS, quotas(total, ratios), strict=True))
    chosen = {image.image.id for name in BINS for image in _strongest(images, name, allowed[name])}
    return Balance(
        kept=[image for image in images if image.image.id in chosen],
        dropped=[image for image in images if image.image.id not in chosen],
        quotas=allowed,
        shortfall={name: max(0, wanted[name] - found[name]) for name in BINS},
    )


def strength(name: Bin, criteria: BinCriteria) -> float:
    """What makes a member strong: text area in A, number of objects in B, similarity of the caption in C."""
    if name == "A":
        return criteria.text_area_ratio
    value = criteria.num_objects if name == "B" else criteria.clip_similarity
    return value or 0


def _strongest(images: Sequence[BinnedImage], name: Bin, count: int) -> list[BinnedImage]:
    members = [image for image in images if image.bin == name]
    return sorted(members, key=lambda image: (-strength(name, image.criteria), image.image.id))[:count]


def _largest_full_total(found: Mapping[Bin, int], ratios: Sequence[float]) -> int:
    """The largest total whose quotas every bin can fill."""
    # A quota is below its exact share plus one, so no larger total than these can do.
    shares = zip(found.values(), ratios, strict=True)
    total = min(sum(found.values()), *(floor((count + 1) / Fraction(str(share))) for count, share in shares if share))
    while any(quota > found[name] for name, quota in zip(BINS, quotas(total, ratios), strict=True)):
        total -= 1
    return total
