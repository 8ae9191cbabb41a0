"""Which counts of things are asked for: mostly there are two or three, which one would guess without looking."""

from __future__ import annotations

from random import Random

_MANY = 8  # things from which on one is always asked how many there are


def is_asked(count: int, rng: Random) -> bool:
    """The smaller, the more seldom: pictures have few things of most kinds, and no count is to be the usual answer."""
    return rng.random() < (count / _MANY) ** 2
