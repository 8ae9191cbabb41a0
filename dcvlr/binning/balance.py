"""How many pictures each bin keeps: all, unless a number of pictures or exact shares are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from dcvlr.binning.bins import Bin
from dcvlr.records import BinnedImage
from dcvlr.sampling import quotas
from dcvlr.settings import Count, checked


@dataclass(frozen=True, kw_only=True)
@checked
class BalanceLimits:
    """At most `size` pictures in all, None for no limit; `strict`: exact shares, which cost the rest."""

    size: Count | None
    strict: bool


@dataclass(frozen=True, kw_only=True)
class Balance:
    """`kept` and `dropped` in the order they came; `strict_total` is how many pictures exact shares would keep."""

    kept: Sequence[BinnedImage]
    dropped: Sequence[BinnedImage]
    quotas: dict[str, int]
    strict_total: int


def balance(
    images: Sequence[BinnedImage], bins: Mapping[str, Bin], ratios: Sequence[float] | None, limits: BalanceLimits
) -> Balance:
    """Where something is cut, a bin keeps its strongest members.

    Without `ratios` the shares are those that were found. Where `size` cuts and a bin is short of its share, the
    others fill up; with `strict` they are cut instead, so that the shares are exact.
    """
    found = dict.fromkeys(bins, 0)
    for image in images:
        found[image.bin] += 1
    size = len(images) if limits.size is None else min(limits.size, len(images))
    strict_total = len(images) if ratios is None else _largest_full_total(found, ratios)
    allowed = _allowed(found, ratios, min(size, strict_total) if limits.strict else size)
    if allowed == found:
        return Balance(kept=images, dropped=[], quotas=allowed, strict_total=strict_total)
    chosen = {
        image.image.id
        for name, bin_ in bins.items()
        for image in _strongest([image for image in images if image.bin == name], bin_, allowed[name])
    }
    return Balance(
        kept=[image for image in images if image.image.id in chosen],
        dropped=[image for image in images if image.image.id not in chosen],
        quotas=allowed,
        strict_total=strict_total,
    )


def balance_message(outcome: Balance, ratios: Sequence[float] | None, limits: BalanceLimits) -> str:
    """What each bin got and should have had of the pictures, in percent, and what exact shares would cost."""
    total = len(outcome.kept)
    got = {name: sum(image.bin == name for image in outcome.kept) for name in outcome.quotas}
    if ratios is None or not total:
        return ", ".join(f"{name} {got[name]}" for name in got)
    parts = (
        f"{name} {got[name]} ({got[name] / total:.0%}, wanted {share:.0%})"
        for name, share in zip(got, ratios, strict=True)
    )
    cost = total - outcome.strict_total
    if limits.strict or cost <= 0:
        return ", ".join(parts)
    return f"{', '.join(parts)}; binning.balance.strict=true would leave out {cost} of {total} for exact shares"


def _strongest(members: Sequence[BinnedImage], bin_: Bin, count: int) -> list[BinnedImage]:
    return sorted(members, key=lambda image: (-bin_.strength(image.criteria), image.image.id))[:count]


def _allowed(found: Mapping[str, int], ratios: Sequence[float] | None, size: int) -> dict[str, int]:
    """`size` pictures shared out by `ratios`; what a bin cannot fill goes to those with room and a share above 0."""
    if ratios is None or size == sum(found.values()):
        return dict(zip(found, quotas(size, list(found.values())), strict=True)) if size else dict.fromkeys(found, 0)
    shares = dict(zip(found, ratios, strict=True))
    allowed = dict.fromkeys(found, 0)
    while room := [name for name in found if shares[name] and allowed[name] < found[name]]:
        left = size - sum(allowed.values())
        if not left:
            break
        for name, more in zip(room, quotas(left, [shares[name] for name in room]), strict=True):
            allowed[name] = min(found[name], allowed[name] + more)
    return allowed


def _largest_full_total(found: Mapping[str, int], ratios: Sequence[float]) -> int:
    """The largest total whose quotas every bin can fill."""
    # A quota is below its exact share plus one, so no larger total than these can do.
    shares = zip(found.values(), ratios, strict=True)
    total = min(sum(found.values()), *(floor((count + 1) / Fraction(str(share))) for count, share in shares if share))
    while any(quota > found[name] for name, quota in zip(found, quotas(total, ratios), strict=True)):
        total -= 1
    return total
