"""The JSON object in a reply, wherever it stands, with the backslashes of LaTeX that models forget to double."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_COMMANDS = (  # those that begin like an escape of JSON: \b \f \n \r \t \u
    *("bar", "because", "begin", "beta", "bf", "big", "Big", "bigl", "bigr", "bigg", "binom", "bmod", "bot", "boxed"),
    *("bullet", "fbox", "flat", "forall", "frac", "nabla", "ne", "nearrow", "neg", "neq", "newline", "ni", "nmid"),
    *("not", "notin", "nparallel", "nu", "rangle", "rceil", "rfloor", "rho", "right", "rightarrow", "rm", "root"),
    *("tan", "tanh", "tau", "text", "textbf", "textit", "textrm", "tfrac", "therefore", "theta", "tilde", "times"),
    *("to", "top", "triangle", "triangleq", "underbrace", "underline", "uparrow", "upsilon"),
)
_ESCAPE = re.compile(
    rf"\\(?:\\|(?P<latex>(?:{'|'.join(sorted(_COMMANDS, key=len, reverse=True))})(?![A-Za-z]))"
    r"|(?P<json>[\"/bfnrt]|u[0-9A-Fa-f]{4})|(?P<other>))"
)
_MOST_TRIES = 200  # openings of an object that are looked at
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str, strict=False)


@dataclass(frozen=True)
class JsonObject:
    """An object of a reply; numbers in it are the strings they were written as.

    `repaired` says that it was no JSON as it came.
    """

    value: dict[str, Any]
    repaired: bool


def first_object(text: str, *, field: str) -> JsonObject | None:
    """The first whole object with that field; what breaks JSON is mended by json-repair only where none is whole.

    An object inside a list or as the value of another object counts. Fences, prose and braces around it do not matter.
    """
    mended = _ESCAPE.sub(_doubled, text)
    starts = [found.start() for found in re.finditer(r"\{", mended)][:_MOST_TRIES]
    for start in starts:
        try:
            value, _ = _DECODER.raw_decode(mended, start)
        except (ValueError, RecursionError):
            continue
        if (found := _holding(value, field)) is not None:
            return JsonObject(found, repaired=mended != text)
    return _repaired(mended[starts[0] :], field) if starts else None


def _doubled(escape: re.Match[str]) -> str:
    r"""\frac and \alpha mean LaTeX in a reply; \n, \" and é mean what they do in JSON."""
    return escape.group() if escape["json"] or escape.group() == "\\\\" else f"\\{escape.group()}"


def _holding(value: Any, field: str) -> dict[str, Any] | None:
    """The object with that field: the value itself, or the first one inside it."""
    if isinstance(value, list):
        return next((found for item in value if (found := _holding(item, field)) is not None), None)
    if not isinstance(value, dict):
        return None
    if field in value:
        return value
    return next((found for item in value.values() if (found := _holding(item, field)) is not None), None)


def _repaired(text: str, field: str) -> JsonObject | None:
    import json_repair

    try:
        value = _holding(json_repair.loads(text), field)
    except (ValueError, RecursionError):
        return None
    return None if value is None else JsonObject(value, repaired=True)
