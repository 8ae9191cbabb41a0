"""What an annotation allows, in words for an error."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Meta

_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text", type(None): "null"}


def allowed(hint: Any) -> str:
    """`a number from 0 to 1 or null` of `Annotated[float, Meta(ge=0, le=1)] | None`."""
    if hint in _WORDS:
        return _WORDS[hint]
    origin, parts = get_origin(hint), [part for part in get_args(hint) if part is not ...]
    if origin is Annotated:
        return _described(hint) or allowed(parts[0]) + "".join(map(_bounds, _metas(hint)))
    if origin is Literal:
        *others, last = ("null" if part is None else str(part) for part in parts)
        return f"{', '.join(others)} or {last}" if others else last
    if origin in (Union, types.UnionType):
        return " or ".join(map(allowed, parts))
    if origin in (dict, Mapping):
        return "a mapping" if parts[1] is Any else f"a mapping to {allowed(parts[1])}"
    return f"a list of {allowed(parts[0])}"


def choices(hint: Any) -> list[str]:
    """The words of a `Literal` and the examples of a text, also inside an optional one."""
    if get_origin(hint) is Literal:
        return [part for part in get_args(hint) if isinstance(part, str)]
    if get_origin(hint) is Annotated:
        return [word for meta in _metas(hint) for word in meta.examples or ()]
    return [word for part in get_args(hint) for word in choices(part)]


def _metas(hint: Any) -> list[Meta]:
    return [part for part in get_args(hint)[1:] if isinstance(part, Meta)]


def _described(hint: Any) -> str:
    return next((meta.description for meta in _metas(hint) if meta.description), "")


def _bounds(meta: Meta) -> str:
    words = {
        " above {:g}": meta.gt,
        " from {:g}": meta.ge,
        " below {:g}": meta.lt,
        " to {:g}" if meta.ge is not None else " up to {:g}": meta.le,
        ", a multiple of {:g}": meta.multiple_of,
        " like {}": meta.pattern,
        ", at least {} long": meta.min_length,
    }
    return "".join(word.format(bound) for word, bound in words.items() if bound is not None)
