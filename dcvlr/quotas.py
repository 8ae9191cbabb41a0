"""Sharing out a number by ratios so that the sum is exact."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def quotas(total: int, ratios: Sequence[float]) -> list[int]:
    """`total` shared out by `ratios`, with the exact sum: largest remainder (Hamilton); the earlier wins a tie."""
    shares = [Fraction(str(ratio)) for ratio in ratios]
    exact = [total * share / sum(shares) for share in shares]
    whole = [floor(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    for i in by_remainder[: total - sum(whole)]:
        whole[i] += 1
    return whole
