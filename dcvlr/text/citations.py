"""Citations of evidence in a text: "[T3, O1]", "(lines T3 and T4)", "[C]"."""

from __future__ import annotations

import re

_CITED = r"(?:(?:(?:lines?|objects?)\s)?(?:p\d_)?(?:[TO]\d{1,6}|C)|P:[\w:-]+|picture)"
_SPACE = r"[^\S\n]"
_CITATION = re.compile(rf"(?<!{_SPACE}){_SPACE}*[\[(]{_CITED}(?:(?:\s*,|\s+and)?\s*{_CITED})*[\])]")


def without_citations(text: str) -> str:
    """`text` without them, and without the space before each."""
    return _CITATION.sub("", text)
