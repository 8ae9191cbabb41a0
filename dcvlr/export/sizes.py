"""Sizes of files as people write them: 500MB, 2GiB."""

from __future__ import annotations

import re

from dcvlr.settings import SettingError

_SIZE = re.compile(r"([1-9]\d*)(KB|MB|GB|KiB|MiB|GiB)")
_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def size_in_bytes(max_shard_size: str) -> int:
    """In the units that `datasets` knows too. Raises `SettingError` where it is no size."""
    size = _SIZE.fullmatch(max_shard_size)
    if size is None:
        raise SettingError("max_shard_size", max_shard_size, "a size is needed, such as 500MB")
    return int(size[1]) * _UNITS[size[2]]
