"""Phrases in what a question and its reasoning say, other than words that the picture itself shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from dcvlr.records import Finding, Qa
from dcvlr.settings import SettingError
from dcvlr.text.words import stands_in

_ALIKE = str.maketrans("ıİſ", "iis")  # letters that are others in any case, and stay themselves in small letters
_ESCAPED = re.compile(r"\\[^xuUN]")


def compiled(field: str, phrases: Sequence[str]) -> re.Pattern[str]:
    """One pattern of all, for whole words in any case; a space stands for any space.

    Raises `SettingError` for what is no regular expression.
    """
    for phrase in phrases:
        try:
            re.compile(phrase)
        except re.error as error:
            raise SettingError(field, phrase, f"a regular expression is needed: {error}") from error
    return _joined(phrases, re.IGNORECASE)


def _joined(phrases: Sequence[str], flags: int = 0) -> re.Pattern[str]:
    joined = "|".join(f"(?:{phrase})" for phrase in phrases) or r"(?!)"
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", flags)


def free_of(
    phrases: Sequence[str], name: str, texts: Iterable[tuple[Qa, Sequence[str]]], problem: str
) -> list[Finding]:
    """For each question with its texts: passed where none of the phrases occurs in them.

    Else the finding names the first that does, and what it is (`problem`).
    """
    phrase, is_likely = compiled("phrases", phrases), _in_small_letters(phrases)
    found = [next(occurrences(phrase, qa, texts=filter(is_likely, those)), None) for qa, those in texts]
    return [
        Finding(name=name, passed=one is None, value=one, reason=f"{problem}: {one!r}" if one else "") for one in found
    ]


def _in_small_letters(phrases: Sequence[str]) -> Callable[[str], bool]:
    """Whether any phrase may occur in a text: three times as fast as to look for it in any case.

    Small letters are looked for in the text in small letters; phrases that need capitals in any case.
    """
    small = [phrase for phrase in phrases if _is_small(phrase)]
    pattern, other = _joined(small), _joined([one for one in phrases if one not in small], re.IGNORECASE)

    def is_likely(text: str) -> bool:
        text = " ".join(text.split())
        return bool(pattern.search(text.translate(_ALIKE).lower()) or other.search(text))

    return is_likely


def _is_small(phrase: str) -> bool:
    bare = _ESCAPED.sub("", phrase)
    return bare == bare.lower() and "\\" not in bare and "-i" not in bare


def occurrences(phrase: re.Pattern[str], qa: Qa, *, texts: Iterable[str]) -> Iterator[str]:
    """Each occurrence of the phrase in `texts`, but for words of the evidence that were read in the picture."""
    read = [item.text for item in qa.evidence if item.kind == "text"]
    for text in texts:
        for found in phrase.finditer(" ".join(text.split())):
            if not any(stands_in(line, found.group()) for line in read):
                yield found.group()
