"""Every value against the annotation of its field: of a config node before anything is built, and of every object."""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, fields, is_dataclass
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from dcvlr.errors import ConfigError
from dcvlr.settings.allowed import allowed, choices

_LEAST_LIKENESS = 70  # of 100; below it a suggestion is a guess
_PLAIN = {bool, int, float, str, type(None)}
_WORDS = {"None": "null", "True": "true", "False": "false"}  # as people type them
_CONTAINERS = {list, tuple, dict, Mapping, Sequence, Union, types.UnionType}

PART_NEEDED = "one of its options is needed"  # config.py, which knows the whole key, says which there are

T = TypeVar("T")


class SettingError(ConfigError):
    """A wrong setting: the field of the object that refuses it, its value, and what is allowed there.

    Where the object stands in a config is put before the field by whoever builds it, with `within`.
    """

    def __init__(self, field: str, value: Any, allowed: str) -> None:
        super().__init__(f"{field}={_WORDS.get(repr(value), repr(value))}: {allowed}")
        self.field = field
        self.value = value
        self.allowed = allowed

    def __reduce__(self) -> tuple[type[SettingError], tuple[str, Any, str]]:
        return SettingError, (self.field, self.value, self.allowed)


@contextmanager
def within(key: str) -> Iterator[None]:
    """`key.` before the field that a `SettingError` of the block names."""
    try:
        yield
    except SettingError as error:
        raise SettingError(f"{key}.{error.field}", error.value, error.allowed) from error.__cause__


def checked(cls: type[T]) -> type[T]:
    """Below `@dataclass`: every object, however it is made, holds what the annotations of its fields allow.

    Raises `SettingError` before the class's own `__post_init__` runs, which is left with what needs two fields at once.
    """
    own: Callable[[T], None] | None = cls.__dict__.get("__post_init__")

    def check_then_own(self: T) -> None:
        hints = get_type_hints(cls, include_extras=True)
        for field in fields(self):  # type: ignore[arg-type]
            if field.init and is_plain(hints[field.name]):
                check_value(field.name, hints[field.name], getattr(self, field.name))
        if own is not None:
            own(self)

    cls.__post_init__ = check_then_own  # type: ignore[attr-defined]
    return cls


def check_settings(cls: type, values: Mapping[str, Any]) -> None:
    """Raise `SettingError` for a setting of dataclass `cls` that is unknown, missing or not what its field allows."""
    assert is_dataclass(cls), f"{cls} is built from a config, so it must be a dataclass"
    known = {field.name: field for field in fields(cls) if field.init}
    for name, value in values.items():
        if name not in known:
            there_are = f"there is no such setting; there are {', '.join(known)}{did_you_mean(name, known)}"
            raise SettingError(name, value, there_are)
    hints = get_type_hints(cls, include_extras=True)
    for name, field in known.items():
        if name in values:
            _check(name, hints[name], values[name])
        elif field.default is MISSING and field.default_factory is MISSING:
            needed = f": {allowed(hints[name])} is needed" if is_plain(hints[name]) else ""
            raise SettingError(name, None, f"it is missing{needed}")


def _check(name: str, hint: Any, value: Any) -> None:
    if is_plain(hint):
        check_value(name, hint, value)
    elif (value is None and type(None) not in get_args(hint)) or not isinstance(value, Mapping | None):
        raise SettingError(name, value, PART_NEEDED)


def check_value(name: str, hint: Any, value: Any) -> None:
    """Raise `SettingError` for a plain value that this annotation does not allow."""
    if not _allows(hint, value):
        raise SettingError(name, value, f"{allowed(hint)} is allowed{_meant(hint, value)}")


def _allows(hint: Any, value: Any) -> bool:
    try:
        msgspec.convert(value, type=hint, strict=True)
    except msgspec.ValidationError:
        return False
    return not isinstance(value, float) or math.isfinite(value)


def _meant(hint: Any, value: Any) -> str:
    if isinstance(value, str):
        return did_you_mean(value, choices(hint))
    is_name = type(value) in (int, float) and _allows(hint, str(value))
    return "; quote a name that is a number" if is_name else ""


def is_plain(hint: Any) -> bool:
    """Whether a value of this annotation stands in YAML as it is; others are parts, built from a node of their own."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint in _PLAIN or hint is Any or origin is Literal:
        return True
    if origin is Annotated:
        return is_plain(parts[0])
    return origin in _CONTAINERS and all(is_plain(part) for part in parts if part is not ...)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'rapidocr'?`, or nothing where no name is like `word`."""
    from rapidfuzz import fuzz, process

    found = process.extractOne(word, list(known), scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS)
    return f"; did you mean {found[0]!r}?" if found else ""
