"""How large files may be: as people write it, 500MB or 2GiB, and what then goes into each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

from dcvlr.settings import SettingError

T = TypeVar("T")

_SIZE = re.compile(r"([1-9]\d*)(KB|MB|GB|KiB|MiB|GiB)")
_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def size_in_bytes(max_shard_size: str) -> int:
    """In the units that `datasets` knows too. Raises `SettingError` where it is no size."""
    size = _SIZE.fullmatch(max_shard_size)
    if size is None:
        raise SettingError("max_shard_size", max_shard_size, "a size is needed, such as 500MB")
    return int(size[1]) * _UNITS[size[2]]


def in_files(parts: Iterator[tuple[T, int]], most: int) -> Iterator[Iterator[T]]:
    """The parts of each file, which come with their sizes, to be taken to their end before the next file is asked for.

    A file takes no more than `most` unless its first part alone does. There is at least one, be it empty.
    """
    following = next(parts, None)

    def of_one_file() -> Iterator[T]:
        nonlocal following
        total = 0
        while following is not None and (not total or total + following[1] <= most):
            part, size = following
            total += size
            yield part
            following = next(parts, None)

    yield of_one_file()
    while following is not None:
        yield of_one_file()
