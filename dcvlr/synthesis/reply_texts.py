"""One line of text from a value of a reply, whatever its type, without the escapes of what sent it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

_TEXT = ("text", "value", "content", "option")  # where the text of an object stands, in front of its label
_ENTITY = re.compile(r"&(?:quot|apos|amp|lt|gt|nbsp|#x?[0-9a-fA-F]{2,5});")
_DOUBLED = re.compile(r"(?<!\\)\\\\(?=[A-Za-z$%{}])")
_ONCE = re.compile(r"(?<!\\)\\(?!\\)")
_QUOTE = re.compile(r"\\'(?!\{)")  # \' as Python and JavaScript escape it, which JSON does not; \'{e} is an accent
_WRAPPED = re.compile(
    r"<answer>\s*(?P<tagged>.+?)\s*</answer>|(?P<dollar>\$?)\\boxed\{(?:\\text\{(?P<text>[^{}]+)\}|(?P<boxed>[^{}]+))\}"
    r"(?P=dollar)|(?:final )?answer:\s+(?P<stated>\S.*)",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"^(?:question|q)\s*\d{0,2}\s*[:)]\s+(?=\S)", re.IGNORECASE)


def one_line(value: Any) -> str:
    """One line of text; of an object the first text in it, before a number; none of null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict):
        if (unit := value.get("unit") or value.get("units")) and value.get("value"):
            return one_line(f"{value['value']} {unit}")
        if named := next((value[name] for name in _TEXT if isinstance(value.get(name), str)), None):
            return one_line(named)
        texts = [item for item in value.values() if isinstance(item, str) and item.strip()]
        return one_line(next((item for item in texts if not item.isdecimal()), texts[0] if texts else ""))
    if isinstance(value, list):
        return ", ".join(map(one_line, value))
    text = _QUOTE.sub("'", _ENTITY.sub(lambda found: unescape(found[0]), str(value)))
    return " ".join(_escaped_once(text).split())


def _escaped_once(text: str) -> str:
    r"""\frac of \\frac, where every command came so; in a matrix two backslashes end a row."""
    return text if _ONCE.search(text) else _DOUBLED.sub(r"\\", text)


def bare_answer(text: str) -> str:
    r"""An answer without what says that it is one: `\boxed{…}`, `<answer>…</answer>`, "Answer: …"."""
    found = _WRAPPED.fullmatch(text)
    return next(filter(None, found.group("tagged", "text", "boxed", "stated"))) if found else text


def bare_question(text: str) -> str:
    """A question without what says that it is one: "Question 1: …", "Q: …"."""
    return _QUESTION.sub("", text)
