"""Random choices that depend on the seed and on what is chosen for, and exact shares of a count."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import accumulate
from math import floor
from typing import TypeVar

from dcvlr.identity import digest

T = TypeVar("T")


def seeded(seed: int, *names: str) -> random.Random:
    """A generator for `(seed, names)`: the same numbers on every machine and in every order of calls."""
    return random.Random(int(digest("\x00".join((str(seed), *names)).encode()), 16))


def systematic(shares: Mapping[str, float], total: int, start: float) -> list[str]:
    """`total` names by their shares, in order: those at the points (start + n) / total of the line that these divide.

    Systematic sampling: with a random `start` from 0 to 1 each share is met to within one, and on average exactly.
    """
    names, edges = list(shares), list(accumulate(shares.values()))
    points = [(start + n) / total * edges[-1] for n in range(total)]
    return [next((name for name, edge in zip(names, edges, strict=True) if p < edge), names[-1]) for p in points]


def sampled(items: Sequence[T], most: int, *names: str) -> list[T]:
    """All items, or so many of them by the seed 0 and `names`, in their order."""
    if len(items) <= most:
        return list(items)
    return [items[index] for index in sorted(seeded(0, *names).sample(range(len(items)), most))]


def quotas(total: int, ratios: Sequence[float]) -> list[int]:
    """`total` shared out by `ratios`, with the exact sum: largest remainder (Hamilton); the earlier wins a tie."""
    shares = [Fraction(str(ratio)) for ratio in ratios]
    exact = [total * share / sum(shares) for share in shares]
    whole = [floor(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    for i in by_remainder[: total - sum(whole)]:
        whole[i] += 1
    return whole


def shared_out(total: int, shares: Mapping[str, float], most: Mapping[str, int]) -> dict[str, int]:
    """`total` shared out by `shares`; what is above the `most` of one goes to those with room and a share above 0."""
    given = dict.fromkeys(most, 0)
    while room := [name for name in most if shares[name] and given[name] < most[name]]:
        left = total - sum(given.values())
        if not left:
            break
        for name, more in zip(room, quotas(left, [shares[name] for name in room]), strict=True):
            given[name] = min(most[name], given[name] + more)
    return given
