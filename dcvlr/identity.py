"""What makes two settings of a model the same model: its declared name, revision and fields, less those of speed.

Where a class lives is no part of it: files and classes are moved and renamed without losing a measurement or a reply.
"""

from __future__ import annotations

import math
from dataclasses import Field, field, fields, is_dataclass
from pathlib import Path
from typing import Any

import msgspec
from blake3 import blake3

_SPEED = "dcvlr.speed"
_OLD = "dcvlr.old"


def speed(**options: Any) -> Any:
    """A dataclass field that cannot change a result (batch size, device, concurrency): not part of the identity."""
    return field(metadata={_SPEED: True}, compare=False, **options)


def added(*, old: Any, **options: Any) -> Any:
    """A field that a later version added: with the value `old` the model does what it did before there was the field.

    Then it is left out of the identity, so that what was measured before stays valid. A list or mapping is compared by
    its items.
    """
    return field(metadata={_OLD: old}, **options)


def describe(part: Any) -> dict[str, Any]:
    """Name, revision and result-changing fields of a dataclass, and of the parts inside it, as plain values.

    A class that declares no `name` is described by that of the class, one without `revision` by None. Of a model also
    how its pictures are decoded (`decode`) and what its local weights are (`weights_digest`), which reads them; a part
    that has a `content_digest` is described by it instead of its fields. Raises TypeError for a value that has no
    canonical form, since such a model could be confused with another.
    """
    description = _describe(part)
    if hasattr(part, "decode"):
        description["decode"] = _describe(part.decode)
    return description


def identity(model: Any) -> str:
    """16 hexadecimal digits that change exactly when a setting changes that could change a result.

    Raises TypeError where the model, or a part inside it, declares no stable `name` and `revision`.
    """
    _require_declared(model)
    canonical = msgspec.json.encode(describe(model), order="sorted")
    return digest(canonical)[:16]


def model_key(model: Any) -> str:
    """`<name>-<identity>`: the folder of a model's signals, and what progress and status call it."""
    return f"{model.name}-{identity(model)}"


def _describe(part: Any) -> dict[str, Any]:
    cls = type(part)
    settings = {f.name: _plain(getattr(part, f.name)) for f in fields(part) if _counts(f, getattr(part, f.name))}
    if content := getattr(part, "content_digest", ""):
        settings = {"content_digest": content}
    if weights := getattr(part, "weights_digest", ""):
        settings["weights_digest"] = _plain(weights)
    name = getattr(cls, "name", None)
    return {
        "name": name if isinstance(name, str) else cls.__qualname__,
        "revision": getattr(cls, "revision", None),
        "fields": settings,
    }


def _counts(declared: Field[Any], value: Any) -> bool:
    if _SPEED in declared.metadata:
        return False
    return _OLD not in declared.metadata or _plain(value) != _plain(declared.metadata[_OLD])


def _require_declared(value: Any) -> None:
    if isinstance(value, list | tuple):
        for item in value:
            _require_declared(item)
    elif isinstance(value, dict):
        _require_declared(list(value.values()))
    elif is_dataclass(value):
        cls = type(value)
        if not isinstance(getattr(cls, "name", None), str) or not isinstance(getattr(cls, "revision", None), int):
            raise TypeError(
                f"{cls.__qualname__} is part of a model's identity: declare name: ClassVar[str], which stays when the "
                "class is renamed, and revision: ClassVar[int], raised when the same fields give another result"
            )
        _require_declared([getattr(value, f.name) for f in fields(value) if _SPEED not in f.metadata])


def digest(data: bytes) -> str:
    """The first 128 bits of BLAKE3, in hexadecimal."""
    return blake3(data).hexdigest(length=16)


def file_digest(path: Path) -> str:
    """Like `digest`, of a file of any size."""
    hasher = blake3()
    hasher.update_mmap(path)
    return hasher.hexdigest(length=16)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value + 0.0  # -0.0 equals 0.0
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return _describe(value)
    raise TypeError(f"{value!r} of type {type(value).__name__} cannot be part of a model's identity")
