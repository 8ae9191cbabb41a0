"""Every value of a config node against the type of the field it is for, before anything is built."""

from __future__ import annotations

import math
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from dcvlr.errors import ConfigError

_PLAIN = {bool, int, float, str, type(None)}
_CONTAINERS = {list, tuple, dict, Mapping, Sequence, Union, types.UnionType}
_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text", type(None): "null"}


def check_settings(key: str, cls: type, values: Mapping[str, Any]) -> None:
    """Raise `ConfigError` for a setting of dataclass `cls` that is unknown, missing or of another type.

    Only types are checked here: what range a number must be in is the constructor's to say.
    """
    assert is_dataclass(cls), f"{cls} is built from a config, so it must be a dataclass"
    known = {field.name: field for field in fields(cls) if field.init}
    for name in values:
        if name not in known:
            raise ConfigError(f"{key}.{name}: there is no such setting; there are {', '.join(known)}")
    hints = get_type_hints(cls)
    for name, field in known.items():
        if name in values:
            _check(f"{key}.{name}", hints[name], values[name])
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ConfigError(f"{key}.{name} is missing")


def _check(key: str, hint: Any, value: Any) -> None:
    if _is_plain(hint):
        _check_plain(key, hint, value)
    elif value is None and type(None) not in get_args(hint):
        raise ConfigError(f"{key}=None: one of its options is needed, see the files in conf/{key.replace('.', '/')}")
    elif value is not None and not isinstance(value, Mapping):
        raise ConfigError(f"{key}={value!r}: one of its options is needed, as {key.rpartition('.')[2]}=<option>")


def _check_plain(key: str, hint: Any, value: Any) -> None:
    try:
        msgspec.convert(value, type=hint, strict=True)
    except msgspec.ValidationError:
        raise ConfigError(f"{key}={value!r}: {_describe(hint)} is allowed") from None
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{key}={value!r}: {_describe(hint)} is allowed")


def _is_plain(hint: Any) -> bool:
    if hint in _PLAIN or hint is Any or get_origin(hint) is Literal:
        return True
    return get_origin(hint) in _CONTAINERS and all(_is_plain(part) for part in get_args(hint) if part is not ...)


def _describe(hint: Any) -> str:
    if hint in _WORDS:
        return _WORDS[hint]
    if get_origin(hint) is Literal:
        return " or ".join(map(str, get_args(hint)))
    if get_origin(hint) in (Union, types.UnionType):
        return " or ".join(_describe(part) for part in get_args(hint))
    parts = [part for part in get_args(hint) if part is not ...]
    if get_origin(hint) in (dict, Mapping):
        return "a mapping" if parts[1] is Any else f"a mapping to {_describe(parts[1])}"
    return f"a list of {_describe(parts[0])}"
