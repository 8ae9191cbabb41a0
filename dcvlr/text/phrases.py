"""Phrases in what a question and its reasoning say, other than words that the picture itself shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from dcvlr.records import Finding, Qa
from dcvlr.settings import SettingError
from dcvlr.text.words import stands_in


def compiled(field: str, phrases: Sequence[str]) -> re.Pattern[str]:
    """One pattern of all, for whole words in any case; a space stands for any space.

    Raises `SettingError` for what is no regular expression.
    """
    for phrase in phrases:
        try:
            re.compile(phrase)
        except re.error as error:
            raise SettingError(field, phrase, f"a regular expression is needed: {error}") from error
    joined = "|".join(f"(?:{phrase})" for phrase in phrases) or r"(?!)"
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE)


def free_of(
    phrases: Sequence[str], name: str, texts: Iterable[tuple[Qa, Sequence[str]]], problem: str
) -> list[Finding]:
    """For each question with its texts: passed where none of the phrases occurs in them.

    Else the finding names the first that does, and what it is (`problem`).
    """
    phrase = compiled("phrases", phrases)
    found = [next(occurrences(phrase, qa, texts=those), None) for qa, those in texts]
    return [
        Finding(name=name, passed=one is None, value=one, reason=f"{problem}: {one!r}" if one else "") for one in found
    ]


def occurrences(phrase: re.Pattern[str], qa: Qa, *, texts: Sequence[str]) -> Iterator[str]:
    """Each occurrence of the phrase in `texts`, but for words of the evidence that were read in the picture."""
    read = [item.text for item in qa.evidence if item.kind == "text"]
    for text in texts:
        for found in phrase.finditer(" ".join(text.split())):
            if not any(stands_in(line, found.group()) for line in read):
                yield found.group()
