"""Text as a person writes it: no Markdown, no HTML, no characters that cannot be seen."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import ClassVar

from dcvlr.records import Finding, Qa
from dcvlr.text.words import stands_in
from dcvlr.validation.each import each

_MARKUP = re.compile(
    r"\*\*(?=\S)[^*\n]+\*\*|(?<!\w)__(?=\S)[^_\n]+__(?!\w)|(?<![\w*])\*(?=[^\W\d_])[^*\n]+(?<=\w)\*(?![\w*])"
    r"|^\s{0,3}#{1,6}\s+\S|`[^`\n]+`|```|^\s*\|.*\|\s*$|\[[^\]\n]+\]\(\s*https?://|^\s*[-*•>]\s+\S"
    r"|</?(?:b|i|u|p|br|hr|em|strong|span|div|sub|sup|code|pre|table|tr|td|th|ul|ol|li|img|a|h[1-6])\b[^<>]*>"
    r"|&(?:nbsp|amp|lt|gt|quot);",
    re.MULTILINE | re.IGNORECASE,
)
_MARKUP_SIGN = re.compile(r"[*_#`|<>&•]|\]\(|^\s*-", re.MULTILINE)  # without one there is no mark-up
_JOINERS = "\u200c\u200d\ufe0f"  # letters of some scripts, and emoji, are made with these
_NUMBER = re.compile(r"^\s*\d+\.\s*", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class PlainText:
    """No mark-up, control character, lone surrogate or replacement mark in question, options, answer or reasoning.

    Mark-up that stands in a cited text of the picture is part of it.
    """

    name: ClassVar[str] = "plain_text"

    @each
    def __call__(self, qa: Qa) -> Finding:
        texts = (qa.question, *(qa.options or ()), qa.answer, _NUMBER.sub("", qa.reasoning))
        found = next((oddity for text in texts if (oddity := _odd(text)) and not _is_read(qa, oddity)), None)
        reason = f"not plain text: {found!r}" if found else ""
        return Finding(name=self.name, passed=found is None, value=found and ascii(found), reason=reason)


def _odd(text: str) -> str | None:
    for letter in () if text.replace("\n", "").isprintable() else text:
        if letter not in "\n\t" and letter not in _JOINERS and unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co"}:
            return letter
    if "\ufffd" in text:
        return "\ufffd"
    found = _MARKUP.search(text) if _MARKUP_SIGN.search(text) else None
    return found.group().strip() if found else None


def _is_read(qa: Qa, oddity: str) -> bool:
    return any(item.kind == "text" and stands_in(item.text, oddity) for item in qa.evidence)
