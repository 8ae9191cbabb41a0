"""By what words a question may speak of a page and of a single value on it, from labels and lines; written apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from dcvlr.text.question_words import QuestionWords

_UNCITED = "receipt"  # what one calls a page with goods of which no line says what it is


def documents_named(line: str, language: QuestionWords) -> tuple[str, ...]:
    """What one may call a page, as a key of `documents`, by a line of it; empty for a line that does not say so."""
    if not line:
        return (_UNCITED,)
    words = _words(line)
    return tuple(key for key, beginnings in language.documents.items() if _any_begins(words, beginnings))[:1]


def value_names(label: str, read: str, documents: Collection[str], language: QuestionWords) -> frozenset[str]:
    """In small letters; `label` is empty where the value stands alone, `read` is how it is read."""
    fields = language.fields
    found = {language.phrases["field"].format(text=label)} if label else set()
    key = label.casefold()
    has_own_name = key in fields and key not in ("date", "time")  # of birth, of issue
    if read == "money":
        keys = [role_of(label, language) or ""]
    elif read in ("date", "time") and not has_own_name and (not key or re.search(r"\b(?:date|time)\b", key)):
        keys = [read, *(f"{document}_{read}" for document in documents)]
    elif read in ("each", "pieces"):
        keys = [read] if key in language.people else []
    else:
        keys = [key or "within days"]
    found |= {fields[one] for one in keys if one in fields}
    return frozenset(name.casefold() for name in found)


def role_of(label: str, language: QuestionWords) -> str | None:
    """Which sum of a bill an amount is by its label: the first that its words allow."""
    words = _words(label)
    allowed = (
        role
        for role, (beginnings, others) in language.sums.items()
        if _any_begins(words, beginnings) and not _any_begins(words, others)
    )
    return next(allowed, None)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.casefold())


def _any_begins(words: Sequence[str], beginnings: Sequence[str]) -> bool:
    return any(word.startswith(tuple(beginnings)) for word in words)
