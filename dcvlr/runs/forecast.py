"""From a sample of pictures to all of them: counts with 90 % intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEVEL = 0.9
_TELLS_OF_PAIRS = 4  # of fewer than one in so many pictures a sample says too little about pairs among all


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A forecast count: `low` and `high` hold the outcome in nine of ten cases."""

    low: float
    middle: float
    high: float

    def __str__(self) -> str:
        if round(self.low) == round(self.high):
            return f"{round(self.middle):,}"
        return f"{round(self.middle):,} ({round(self.low):,} to {round(self.high):,})"

    def times(self, factor: float) -> Interval:
        return Interval(low=self.low * factor, middle=self.middle * factor, high=self.high * factor)

    def plus(self, other: Interval) -> Interval:
        """Both together, as if one were high where the other is."""
        return Interval(low=self.low + other.low, middle=self.middle + other.middle, high=self.high + other.high)

    def at_most(self, count: float) -> Interval:
        return Interval(low=min(self.low, count), middle=min(self.middle, count), high=min(self.high, count))

    def less(self, other: Interval, at_least: float) -> Interval:
        """Without what `other` takes, but not below `at_least`."""
        return Interval(
            low=max(at_least, self.low - other.high),
            middle=max(at_least, self.middle - other.middle),
            high=max(at_least, self.high - other.low),
        )


def exactly(count: float) -> Interval:
    """What is known."""
    return Interval(low=count, middle=count, high=count)


def share_of_all(hits: int, sample: int, of: int) -> Interval:
    """How many of `of` files have what `hits` of `sample` of them have, these among them.

    Of the others by the beta-binomial distribution that follows from Jeffreys' prior.
    """
    from scipy.stats import betabinom

    if of <= sample:
        return exactly(hits)
    rest = betabinom(of - sample, hits + 0.5, sample - hits + 0.5)
    low, high = rest.ppf([(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(low=hits + float(low), middle=hits * of / sample, high=hits + float(high))


def sum_over_all(values: Sequence[float], of: int) -> Interval:
    """What `values` of a sample of files come to over all `of` files.

    Student's prediction interval of a sum, with the finite number of files taken into account.
    """
    from scipy.stats import t

    sample, known = len(values), math.fsum(values)
    if of <= sample:
        return exactly(known)
    mean = known / sample
    variance = math.fsum((value - mean) ** 2 for value in values) / max(1, sample - 1)
    rest = of - sample
    half = float(t.ppf((1 + LEVEL) / 2, max(1, sample - 1))) * math.sqrt(variance * rest * of / sample)
    return Interval(low=max(known, mean * of - half), middle=mean * of, high=mean * of + half)


def lost_to_pairs(lost: int, sample: int, of: int) -> Interval | None:
    """Files that are lost among all for being like another one, beyond the share of the sample that is.

    Pairs grow as the square: of `lost` in the sample about `lost` * (of / sample)² are to be expected, Poisson with
    Jeffreys' prior. None where the sample is too small a part of all to say it.
    """
    from scipy.stats import gamma

    if of <= sample or sample < 2:
        return exactly(0)
    if of > _TELLS_OF_PAIRS * sample:
        return None
    scale = of * (of - 1) / (sample * (sample - 1)) - of / sample
    low, high = (float(end) for end in gamma.ppf([(1 - LEVEL) / 2, (1 + LEVEL) / 2], lost + 0.5))
    return Interval(low=low * scale, middle=lost * scale, high=high * scale)
