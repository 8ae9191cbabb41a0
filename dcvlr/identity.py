"""What makes two settings of a model the same model: its class, its revision and its fields, less those of speed."""

from __future__ import annotations

import math
from dataclasses import field, fields, is_dataclass
from pathlib import Path
from typing import Any

import msgspec
from blake3 import blake3

_SPEED = "dcvlr.speed"


def speed(**options: Any) -> Any:
    """A dataclass field that cannot change a result (batch size, device, concurrency): not part of the identity."""
    return field(metadata={_SPEED: True}, compare=False, **options)


def describe(model: Any) -> dict[str, Any]:
    """Class, revision and result-changing fields of a model, and how its pictures are decoded, as plain values.

    Raises TypeError for a value that has no canonical form, since such a model could be confused with another.
    """
    description = _describe(model)
    if hasattr(model, "decode"):
        description["decode"] = _describe(model.decode)
    return description


def _describe(part: Any) -> dict[str, Any]:
    cls = type(part)
    settings = {f.name: _plain(getattr(part, f.name)) for f in fields(part) if _SPEED not in f.metadata}
    revision = getattr(cls, "revision", None)
    return {"class": f"{cls.__module__}.{cls.__qualname__}", "revision": revision, "fields": settings}


def identity(model: Any) -> str:
    """16 hexadecimal digits that change exactly when a setting changes that could change a result."""
    canonical = msgspec.json.encode(describe(model), order="sorted")
    return digest(canonical)[:16]


def digest(data: bytes) -> str:
    """The first 128 bits of BLAKE3, in hexadecimal."""
    return blake3(data).hexdigest(length=16)


def file_digest(path: Path) -> str:
    """Like `digest`, of a file of any size."""
    hasher = blake3()
    hasher.update_mmap(path)
    return hasher.hexdigest(length=16)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return _describe(value)
    raise TypeError(f"{value!r} of type {type(value).__name__} cannot be part of a model's identity")
