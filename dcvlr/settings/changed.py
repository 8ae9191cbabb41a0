"""What differs between two composed configurations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_NOT_A_DIFFERENCE = frozenset({"output_dir", "overwrite", "verbose", "dry_run", "report"})


def changed_settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Keys whose values differ, sorted, with both values; None for a key that is not there."""
    a, b = dict(_flat("", old)), dict(_flat("", new))
    for key in sorted(a.keys() | b.keys()):
        if a.get(key) != b.get(key) and key.split(".")[0] not in _NOT_A_DIFFERENCE:
            yield key, a.get(key), b.get(key)


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for name, part in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else str(name), part)
    else:
        yield prefix, value
