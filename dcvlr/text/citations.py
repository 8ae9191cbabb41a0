"""Citations of evidence in a text: "[T3, O1]", "(lines T3 and T4)", "[C]"."""

from __future__ import annotations

import re

_CITED = r"(?:(?:(?:lines?|objects?)\s)?(?:p\d_)?(?:[TO]\d{1,6}|C)|P:[\w:-]+|picture)"
_SPACE = r"[^\S\n]"
_CITATION = re.compile(rf"(?<!{_SPACE}){_SPACE}*[\[(]{_CITED}(?:(?:\s*,|\s+and)?\s*{_CITED})*[\])]")

_AROUND = re.compile(rf"^{_CITATION.pattern}[\s:,]*|{_CITATION.pattern}(?=\W*$)")


def without_citations(text: str) -> str:
    """`text` without them, and without the space before each."""
    return _CITATION.sub("", text)


def without_citations_around(text: str) -> str:
    """`text` without those that it begins or ends with: "[T3] Which shop is it?"."""
    return _AROUND.sub("", text).strip()
