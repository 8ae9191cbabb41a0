"""Random choices that depend on the seed and on what is chosen for, never on order, clock or process."""

from __future__ import annotations

import random

from dcvlr.identity import digest


def seeded(seed: int, *names: str) -> random.Random:
    """A generator for `(seed, names)`: the same numbers on every machine and in every order of calls."""
    return random.Random(int(digest("\x00".join((str(seed), *names)).encode()), 16))
