"""The JSON object in a reply, wherever it stands, with the backslashes of LaTeX that models forget to double."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_COMMANDS = (  # those that begin like a line end or a tab, which prose has, too; \u is an escape before four hex digits
    *("nabla", "natural", "ncong", "ne", "nearrow", "neg", "neq", "newcommand", "newline", "newpage", "nexists"),
    *("ngeq", "ngeqq", "ngeqslant", "nobreak", "noindent", "nsubset", "nsupset", "ntrianglelefteq", "ntrianglerighteq"),
    *("ngtr", "ni", "nLeftarrow", "nLeftrightarrow", "nleftarrow", "nleftrightarrow", "nleq", "nleqq", "nleqslant"),
    *("nmid", "nolimits", "nonumber", "norm", "not", "notag", "notin", "nparallel", "nprec", "npreceq", "nRightarrow"),
    *("nrightarrow", "nshortmid", "nshortparallel", "nsim", "nsubseteq", "nsucc", "nsucceq", "nsupseteq"),
    *("ntriangleleft", "ntriangleright", "nu", "nVDash", "nVdash", "nvDash", "nvdash", "nwarrow"),
    *("tag", "tan", "tanh", "tau", "tbinom", "text", "textbf", "textit", "textnormal", "textrm", "textsf", "textstyle"),
    *("texttt", "tfrac", "therefore", "theta", "thickapprox", "thicksim", "thickspace", "thinspace", "tilde", "times"),
    *("tiny", "to", "top", "ttfamily", "triangle", "triangledown", "triangleleft", "trianglelefteq", "triangleq"),
    *("triangleright", "trianglerighteq", "twoheadleftarrow", "twoheadrightarrow"),
)
_ESCAPE = re.compile(
    r"\\(?:\\|(?P<latex>[bf][A-Za-z{]|r[A-Za-z]|[nt][a-z]+\{"
    rf"|(?:{'|'.join(sorted(_COMMANDS, key=len, reverse=True))})(?![A-Za-z]))"
    r"|(?P<json>[\"/bfnrt]|u[dD][89abAB][\dA-Fa-f]{2}\\u[dD][C-Fc-f][\dA-Fa-f]{2}|u(?![dD][89A-Fa-f])[\dA-Fa-f]{4})"
    r"|(?P<half>u[dD][89A-Fa-f][\dA-Fa-f]{2})|(?P<other>))"
)
_ENVIRONMENT = re.compile(r"(?<!\\)\\begin\{(\w+\*?)\}[^\"]{0,2000}?(?<!\\)\\end\{\1\}")  # written without doubling
_ROW_END = re.compile(r"(?<!\\)\\\\(?=[\s\d&(\[-]|[A-Za-z](?![A-Za-z])|\\[A-Za-z])")
_QUOTE = re.compile(r'(?<!\\)(?:\\\\)*"')
_CLOSED = re.compile(r'(?:"\s*[\]}]|\]\s*\})[\s\])}]*$')  # unlike (T1), [T1] or \frac{1}{2} in a text
_BARE_NUMBER = re.compile(  # outside of strings; in a list a comma parts numbers, not thousands
    r'"(?:[^"\\]|\\.)*+"'
    r"|(?<=[\s:,\[{])'(?:[^'\\]|\\.)*+'(?=\s*[:,}\]])"
    r"|(?P<lead>(?:(?P<colon>:)|[,\[])\s*)(?P<number>(?:[-+]|[A-Z]{0,3}[$€£¥₹])*\.?\d"
    r"(?:[\w.:/%°+-]|(?(colon),\d{3}(?!\d)|(?!))|\s(?=[A-Za-z%°]))*)(?=\s*[,}\]])",
    re.DOTALL,
)
_LIST = re.compile(r"\[(?:\s*[\[\"'].*|[^\]]*)\]", re.DOTALL)  # [T1] says 5 [T2] is none
_MOST_TRIES = 200  # openings of an object that are looked at
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str, strict=False)


@dataclass(frozen=True)
class JsonObject:
    """An object of a reply; numbers in it are the strings they were written as.

    `repaired` says that it was no JSON as it came, `is_cut` that it ends within a string.
    """

    value: dict[str, Any]
    repaired: bool
    is_cut: bool = False


def first_object(text: str, *, field: str) -> JsonObject | None:
    """The first whole object with that field; what breaks JSON is mended by json-repair only where none is whole.

    An object inside a list or as the value of another object counts. Fences, prose and braces around it do not matter.
    """
    return next(iter(all_objects(text, field=field)), None)


def all_objects(text: str, *, field: str) -> list[JsonObject]:
    """Every whole object with that field, in their order; those that only json-repair can read where none is whole."""
    if isinstance(whole := _read(text.strip()), str):  # JSON in a string of JSON
        text = whole
    mended = _ESCAPE.sub(_doubled, _ENVIRONMENT.sub(_with_row_ends, text))
    starts = [found.start() for found in re.finditer(r"\{", mended)][:_MOST_TRIES]
    objects, end = list[JsonObject](), 0
    for start in starts:
        if start < end:
            continue
        try:
            value, stop = _DECODER.raw_decode(mended, start)
        except (ValueError, RecursionError):
            continue
        if found := [JsonObject(one, repaired=mended != text) for one in _holding(value, field)]:
            objects, end = objects + found, stop
    return objects or (_repaired(mended[starts[0] :], field) if starts else [])


def object_schema(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON schema of an object that has these fields and no others."""
    return {"type": "object", "properties": dict(fields), "required": list(fields), "additionalProperties": False}


def _doubled(escape: re.Match[str]) -> str:
    r"""\frac and \alpha mean LaTeX in a reply, as do \b, \f and \r before a letter; \n, \" and \u00e9 are JSON's."""
    if escape["half"]:
        return r"\ufffd"  # half a character, which no file can hold
    return escape.group() if escape["json"] or escape.group() == "\\\\" else f"\\{escape.group()}"


def _with_row_ends(environment: re.Match[str]) -> str:
    r"""In a matrix that begins with an undoubled \begin, two backslashes end a row: they are no doubled one."""
    return _ROW_END.sub(r"\\" * 4, environment.group())


def _holding(value: Any, field: str) -> Iterator[dict[str, Any]]:
    """The objects with that field, names in small letters: the value itself, or those inside it or JSON in it."""
    if isinstance(value, list):
        yield from (found for item in value for found in _holding(item, field))
    elif isinstance(value, str) and "{" in value and field in value.casefold():
        yield from (found.value for found in all_objects(value, field=field))
    elif isinstance(value, dict) and field in (named := {_name(key): item for key, item in value.items()}):
        inner = list(_holding(named[field], field)) if isinstance(named[field], dict) else []
        yield from inner or [named]
    elif isinstance(value, dict):
        yield from (found for item in value.values() for found in _holding(item, field))


def _read(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def _name(key: str) -> str:
    """final_answer for finalAnswer and "Final Answer"."""
    return re.sub(r"[\s-]+|(?<=[a-z])(?=[A-Z])", "_", key.strip()).casefold()


def _repaired(text: str, field: str) -> list[JsonObject]:
    try:
        values = _holding(_repaired_value(text), field)
        return [JsonObject(value, repaired=True, is_cut=_ends_within_string(text)) for value in values]
    except RecursionError:
        return []


def _repaired_value(text: str) -> Any:
    """What json-repair makes of a text; None of one nested too deeply, or that breaks what it asserts of itself."""
    import json_repair

    try:
        return json_repair.loads(_with_quoted_numbers(text))
    except (ValueError, RecursionError, AssertionError):
        return None


def list_in(text: str) -> list[Any] | None:
    """The list that a text is, in JSON or as Python writes it; None of any other text."""
    bare = text.strip()
    if not _LIST.fullmatch(bare):
        return None
    value = _read(bare)
    value = _repaired_value(bare) if value is None else value
    return value if isinstance(value, list) else None


def _with_quoted_numbers(text: str) -> str:
    """Numbers as strings, as they were written: json-repair makes 8.5 of 8.50 and 5 of 5% and of $5."""
    return _BARE_NUMBER.sub(lambda found: f'{found["lead"]}"{found["number"]}"' if found["lead"] else found[0], text)


def _ends_within_string(text: str) -> bool:
    """Whether a quote stays open and nothing closes a list or an object behind it: what was written has no end."""
    bare = text.rstrip("` \n")
    return len(_QUOTE.findall(bare)) % 2 == 1 and not _CLOSED.search(bare)
