"""What differs between two composed configurations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_NOT_A_DIFFERENCE = frozenset({"output_dir", "overwrite", "verbose", "dry_run", "report"})


def changed_settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Keys whose values differ, sorted, with both values; None for a key that is not there."""
    a, b = dict(flat(old)), dict(flat(new))
    for key in sorted(a.keys() | b.keys()):
        if a.get(key) != b.get(key) and key.split(".")[0] not in _NOT_A_DIFFERENCE:
            yield key, a.get(key), b.get(key)


def flat(values: Mapping[str, Any], separator: str = ".") -> Iterator[tuple[str, Any]]:
    """Every value of nested mappings, its name made of the keys on the way; an empty mapping is a value."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from ((f"{name}{separator}{inner}", one) for inner, one in flat(value, separator))
        else:
            yield str(name), value
