"""Answers brought to one form, so that what only looks different is the same."""

from __future__ import annotations

import re
import unicodedata

_SUPERSCRIPTS = str.maketrans({digit: f"^{number}" for number, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")})
_VULGAR = re.compile(r"(?<=\d)(?=[¼-¾⅐-⅞])")  # 2½ is 2 1/2, not 21/2
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—−", "-"),
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
        "⁄": "/",
        "∕": "/",
        "⋅": "·",
    }
)
_LATEX_PLAIN = (
    (r"\\(?:boxed|fbox|text|textbf|textit|mathrm|mathbf|mathit|mbox|operatorname)\s*\{([^{}]*)\}", r"\1"),
    (r"\\[dtc]?frac\s*\{\s*(-?\d+)\s*\}\s*\{\s*(\d+)\s*\}", r" \1/\2 "),
    (r"\\[dtc]?frac\s*(\d)\s*(\d)", r" \1/\2 "),
    (r"\\(?:left|right|displaystyle)(?![a-zA-Z])", ""),
    (r"\\([$%&#_])", r"\1"),
    (r"\^\s*\{?\s*\\circ\s*\}?|\\degree(?![a-zA-Z])", "°"),
    (r"\{,\}", ","),
    (r"\\[,;:! ]|\\q?quad(?![a-zA-Z])|~", " "),
)
_MATHS_MARK = re.compile(r"^(?:\$\$?|\\\(|\\\[)(?P<inside>[^$]*?)(?:\$\$?|\\\)|\\\])$", re.DOTALL)
_EDGES = " \t\n\"'*_"
_ENDS = _EDGES + ".,;:"
_ARTICLE = re.compile(r"^(?:a|an|the)\s+(?=\w)")
_PAIRS = {"(": ")", "[": "]", "{": "}"}


def plain(text: str) -> str:
    """NFKC, straight quotes and minus signs, one space at a time, nothing around; letter case is kept.

    LaTeX that only wraps or spaces (\\boxed, \\text, $…$) goes, and \\frac of whole numbers becomes 3/4.
    """
    text = _VULGAR.sub(" ", text.translate(_SUPERSCRIPTS))
    text = " ".join(unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS).split())
    for pattern, instead in _LATEX_PLAIN:
        text = re.sub(pattern, instead, text) if "\\" in text or "{" in text or "~" in text else text
    return _bare(" ".join(text.split()))


def _bare(text: str) -> str:
    """Without marks around it; "!" stays after a digit, where it is a factorial."""
    for _ in range(8):
        before = text
        text = text.lstrip(_EDGES).rstrip(_ENDS)
        if marked := _MATHS_MARK.match(text):
            text = marked["inside"]
        if re.search(r"[^\W\d][!?]+$", text):
            text = text.rstrip("!?")
        text = _unbracketed(text)
        if text == before:
            break
    return text


def _unbracketed(text: str) -> str:
    """Without one pair of brackets around all of it; a list keeps them, since they say whether order counts."""
    inside = text[1:-1]
    if text[:1] in _PAIRS and text.endswith(_PAIRS[text[0]]) and not re.search(r"[()\[\]{},;]", inside):
        return inside
    return text


def folded(text: str) -> str:
    """A plain text as words are compared: without case, a leading article, and hyphens between letters."""
    text = re.sub(r"(?<=[^\W\d])-(?=[^\W\d])", " ", text.casefold().replace("&", " and "))
    return _ARTICLE.sub("", " ".join(text.split()))
