"""Citations of evidence in a text: "[T3, O1]", "(lines T3 and T4)", "[C]"."""

from __future__ import annotations

import re

_CITED = r"(?:(?:(?:lines?|objects?)\s)?(?:p\d_)?(?:[TO]\d{1,6}|C)|P:[\w:-]+|picture)"
_SPACE = r"[^\S\n]"
_CITATION = re.compile(rf"(?<!{_SPACE}){_SPACE}*[\[(]{_CITED}(?:(?:\s*,|\s+and)?\s*{_CITED})*[\])]")
_PLACE_OF_A_NOUN = re.compile(
    rf"^{_CITATION.pattern}\s+(?!(?:the|an?)\b)[a-z]"
    rf"|\b(?i:with|from|by|in|of|at|see|and|to|on|as|per|than|between){_CITATION.pattern}"
)
_AROUND = re.compile(rf"^{_CITATION.pattern}[\s:,]*|{_CITATION.pattern}(?=\W*$)")


def without_citations(text: str) -> str:
    """`text` without them, and without the space before each."""
    return _CITATION.sub("", text)


def needs_citations(text: str) -> bool:
    """Whether a citation stands where a noun would, so that nobody can read on without: "From [T3] we know"."""
    return _PLACE_OF_A_NOUN.search(text) is not None


def without_citations_around(text: str) -> str:
    """`text` without those that it begins or ends with: "[T3] Which shop is it?"."""
    return _AROUND.sub("", text).strip()
