"""What somebody may have meant who mistyped a name."""

from __future__ import annotations

from collections.abc import Iterable

_LEAST_LIKENESS = 70  # of 100; below it a suggestion is a guess


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'rapidocr'?`, or nothing where no name is like `word`."""
    from rapidfuzz import fuzz, process

    found = process.extractOne(word, list(known), scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS)
    return f"; did you mean {found[0]!r}?" if found else ""
