"""Which pictures of a batch stand together: told by their ids, so that names and order change nothing."""

from __future__ import annotations

from collections.abc import Sequence

from dcvlr.identity import digest

_BITS = 64


def neighbours(ids: Sequence[str], size: int) -> list[list[int]]:
    """Groups of exactly `size`, as places in `ids`, the smallest id first; what is left over is in none.

    Digests of the ids are halved bit by bit; each half groups its own first, and what both leave over stands together.
    So a picture that comes or goes changes about as many groups as there are halvings, not all that come after it.
    """
    order = sorted((int(digest(one.encode())[: _BITS // 4], 16), position) for position, one in enumerate(ids))
    return [sorted(group, key=ids.__getitem__) for group in _grouped(order, size, _BITS - 1)[0]]


def _grouped(order: Sequence[tuple[int, int]], size: int, bit: int) -> tuple[list[list[int]], list[int]]:
    if len(order) < size or bit < 0:
        groups, rest = list[list[int]](), [position for _, position in order]
    else:
        low, high = (_grouped([one for one in order if one[0] >> bit & 1 == half], size, bit - 1) for half in (0, 1))
        groups, rest = low[0] + high[0], low[1] + high[1]
    whole = len(rest) - len(rest) % size
    return groups + [rest[start : start + size] for start in range(0, whole, size)], rest[whole:]
