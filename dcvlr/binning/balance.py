"""How many pictures each bin keeps: all, unless a number of pictures or exact shares are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np

from dcvlr.binning.bins import Bin
from dcvlr.binning.sorting import Measured
from dcvlr.rundir.record_list import Subsequence
from dcvlr.sampling import quotas, shared_out
from dcvlr.settings import Count, checked


@dataclass(frozen=True, kw_only=True)
@checked
class BalanceLimits:
    """At most `size` pictures in all, None for no limit; `strict`: exact shares, which cost the rest."""

    size: Count | None
    strict: bool


@dataclass(frozen=True, kw_only=True)
class Balance:
    """`kept` and `dropped` of each bin, in the order they came; as many are kept as `quotas` says.

    `strict_total` is how many pictures exact shares would keep.
    """

    kept: Mapping[str, Sequence[Measured]]
    dropped: Mapping[str, Sequence[Measured]]
    quotas: dict[str, int]
    strict_total: int

    @property
    def total(self) -> int:
        """How many pictures are kept."""
        return sum(map(len, self.kept.values()))


def balance(
    members: Mapping[str, Sequence[Measured]],
    bins: Mapping[str, Bin],
    ratios: Sequence[float] | None,
    limits: BalanceLimits,
) -> Balance:
    """Where something is cut, a bin keeps its strongest members.

    Without `ratios` the shares are those that were found. Where `size` cuts and a bin is short of its share, the
    others fill up; with `strict` they are cut instead, so that the shares are exact.
    """
    found = {name: len(members[name]) for name in bins}
    total = sum(found.values())
    size = total if limits.size is None else min(limits.size, total)
    strict_total = total if ratios is None else _largest_full_total(found, ratios)
    allowed = _allowed(found, ratios, min(size, strict_total) if limits.strict else size)
    kept: dict[str, Sequence[Measured]] = {}
    dropped: dict[str, Sequence[Measured]] = {}
    for name, bin_ in bins.items():
        kept[name], dropped[name] = _cut(members[name], bin_, allowed[name])
    return Balance(kept=kept, dropped=dropped, quotas=allowed, strict_total=strict_total)


def balance_message(outcome: Balance, ratios: Sequence[float] | None, limits: BalanceLimits) -> str:
    """What each bin got and should have had of the pictures, in percent, and what exact shares would cost."""
    total, got = outcome.total, outcome.quotas
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


def _cut(members: Sequence[Measured], bin_: Bin, count: int) -> tuple[Sequence[Measured], Sequence[Measured]]:
    """The `count` strongest members of a bin, of equally strong ones those with the smallest ids, and the others."""
    if count == len(members):
        return members, []
    strengths = np.fromiter((bin_.strength(member.criteria) for member in members), np.float64, len(members))
    ids = np.fromiter((member.id.encode() for member in members), "S32", len(members))
    is_kept = np.zeros(len(members), bool)
    is_kept[np.lexsort((ids, -strengths))[:count]] = True
    return Subsequence(members, np.flatnonzero(is_kept)), Subsequence(members, np.flatnonzero(~is_kept))


def _allowed(found: Mapping[str, int], ratios: Sequence[float] | None, size: int) -> dict[str, int]:
    """`size` pictures shared out by `ratios`; what a bin cannot fill goes to those with room and a share above 0."""
    if ratios is None or size == sum(found.values()):
        return dict(zip(found, quotas(size, list(found.values())), strict=True)) if size else dict.fromkeys(found, 0)
    return shared_out(size, dict(zip(found, ratios, strict=True)), found)


def _largest_full_total(found: Mapping[str, int], ratios: Sequence[float]) -> int:
    """The largest total whose quotas every bin can fill."""
    # A quota is below its exact share plus one, so no larger total than these can do.
    shares = zip(found.values(), ratios, strict=True)
    total = min(sum(found.values()), *(floor((count + 1) / Fraction(str(share))) for count, share in shares if share))
    while any(quota > found[name] for name, quota in zip(found, quotas(total, ratios), strict=True)):
        total -= 1
    return total
