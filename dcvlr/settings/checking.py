"""Every value against the annotation of its field: of a config node before anything is built, and of every object."""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from dcvlr.errors import ConfigError
from dcvlr.settings.suggestions import did_you_mean
from dcvlr.settings.wording import allowed, choices

_PLAIN = {bool, int, float, str, type(None)}
_CONTAINERS = {list, tuple, dict, Mapping, Sequence, Union, types.UnionType}

T = TypeVar("T")


class SettingError(ConfigError):
    """A wrong setting, named by its field: whoever builds from a config puts where the object stands before it."""


def checked(cls: type[T]) -> type[T]:
    """Below `@dataclass`: every object, however it is made, holds what the annotations of its fields allow.

    Raises `SettingError` before the class's own `__post_init__` runs, which is left with what needs two fields at once.
    """
    own: Callable[[T], None] | None = cls.__dict__.get("__post_init__")

    def check_then_own(self: T) -> None:
        hints = get_type_hints(cls, include_extras=True)
        for field in fields(self):  # type: ignore[arg-type]
            if field.init and is_plain(hints[field.name]):
                _check_plain(field.name, hints[field.name], getattr(self, field.name))
        if own is not None:
            own(self)

    cls.__post_init__ = check_then_own  # type: ignore[attr-defined]
    return cls


def check_settings(key: str, cls: type, values: Mapping[str, Any]) -> None:
    """Raise `ConfigError` for a setting of dataclass `cls` that is unknown, missing or not what its field allows."""
    assert is_dataclass(cls), f"{cls} is built from a config, so it must be a dataclass"
    known = {field.name: field for field in fields(cls) if field.init}
    for name in values:
        if name not in known:
            raise ConfigError(
                f"{key}.{name}: there is no such setting; there are {', '.join(known)}{did_you_mean(name, known)}"
            )
    hints = get_type_hints(cls, include_extras=True)
    for name, field in known.items():
        if name in values:
            _check(f"{key}.{name}", hints[name], values[name])
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ConfigError(f"{key}.{name} is missing")


def _check(key: str, hint: Any, value: Any) -> None:
    if is_plain(hint):
        _check_plain(key, hint, value)
    elif value is None and type(None) not in get_args(hint):
        raise ConfigError(f"{key}=None: one of its options is needed, see the files in conf/{key.replace('.', '/')}")
    elif value is not None and not isinstance(value, Mapping):
        raise ConfigError(f"{key}={value!r}: one of its options is needed, as {key.rpartition('.')[2]}=<option>")


def _check_plain(key: str, hint: Any, value: Any) -> None:
    try:
        msgspec.convert(value, type=hint, strict=True)
    except msgspec.ValidationError:
        meant = did_you_mean(value, choices(hint)) if isinstance(value, str) else ""
        raise SettingError(f"{key}={value!r}: {allowed(hint)} is allowed{meant}") from None
    if isinstance(value, float) and not math.isfinite(value):
        raise SettingError(f"{key}={value!r}: {allowed(hint)} is allowed")


def is_plain(hint: Any) -> bool:
    """Whether a value of this annotation stands in YAML as it is; others are parts, built from a node of their own."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint in _PLAIN or hint is Any or origin is Literal:
        return True
    if origin is Annotated:
        return is_plain(parts[0])
    return origin in _CONTAINERS and all(is_plain(part) for part in parts if part is not ...)
