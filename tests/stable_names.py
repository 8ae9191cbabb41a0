"""The models of a plan or of a part of it, and the folders below `checkpoints` that they are remembered in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from dcvlr.identity import identity


def memo_folders(parts: Any) -> set[str]:
    return {f"{model.name}-{identity(model)}" for model in models(parts)}


def models(value: Any) -> Iterator[Any]:
    """Every part that takes part in the memo, also those that a part makes of itself."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from models(item)
    elif isinstance(value, dict):
        yield from models(list(value.values()))
    elif is_dataclass(value) and not isinstance(value, type):
        if hasattr(type(value), "revision"):
            yield value
            if hasattr(value, "texts"):
                yield value.texts(1)
        yield from models([getattr(value, f.name) for f in fields(value)])
