"""Text from outside as it may be shown: file names, lines of OCR, replies, messages of servers."""

from __future__ import annotations

from unicodedata import category

_KEPT = frozenset("\n\t")


def printable(text: str) -> str:
    r"""The text with everything that steers a terminal or turns a line around written as an escape.

    Escape sequences, other control characters, marks of writing direction (bidi) and half characters become `\x1b`,
    `\u202e` and so on; letters of every script, line ends and tabs stay.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _KEPT or category(c) == "Zs" else _escape(c) for c in text)


def one_line(text: str) -> str:
    """Like `printable`, and line ends and tabs are escapes too."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
