"""Where pictures lie: a run works with absolute paths; in its files they are relative to a root that it names.

A record class names its fields that hold paths, or records with paths, in `paths`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from dcvlr.records.base import Record

R = TypeVar("R")


def relative_to(root: str, record: R) -> R:
    """The record with paths below `root` relative to it; others, and anything that is no record, stay as they are."""
    return all_relative_to(root, [record])[0]


def all_relative_to(root: str, records: Sequence[R]) -> list[R]:
    """The same of many records."""
    if not root:
        return list(records)

    prefix = f"{root}/"

    def shortened(path: str) -> str:
        rest = path.removeprefix(prefix)
        return path if _is_whole(rest) else rest  # s3://bucket//a.png, https://host/get?from=https://other/a.png

    return [_with_paths(record, shortened) for record in records]


def absolute_from(root: str, record: R) -> R:
    """What `relative_to` was given."""
    return _with_paths(record, lambda path: path if _is_whole(path) else f"{root}/{path}") if root else record


def _is_whole(path: str) -> bool:
    return not path or path.startswith("/") or "://" in path


def _with_paths(value: Any, changed: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return changed(value)
    if isinstance(value, tuple):
        return tuple(_with_paths(item, changed) for item in value)
    if not isinstance(value, Record) or not value.paths:
        return value
    new = {}
    for name in value.paths:
        if held := getattr(value, name):
            new[name] = changed(held) if type(held) is str else _with_paths(held, changed)
    return replace(value, **new)
