"""What is only estimated, so that a tolerance makes sense for it: 'about 5', '≈ 12.3', 'Roughly how many …?'."""

from __future__ import annotations

import re

_WORDS = (  # C. 12 may be an option or a name
    r"about|approximately|approx\.?|around|roughly|circa|ca\.|(?-i:c)\.(?=\s+\d)|some|an?\s+estimated|estimated(?:\s+at)?"
)
_LEAD = re.compile(rf"^(?:(?:{_WORDS})\s+|[~≈∼]\s*|ca\.?\s*(?=\d))(?=\S)", re.IGNORECASE)
_TAIL = re.compile(r"\s*(?:\(approx(?:\.|imately)?\)|,?\s*approx(?:\.|imately)?|\s+or so)\.?$", re.IGNORECASE)
_ASKED = re.compile(
    r"\b(?:approximate(?:ly)?|estimate[ds]?|roughly|about how (?:many|much|long|far|tall|old|often))\b", re.IGNORECASE
)


def without_qualifier(text: str) -> str:
    """The text without the words that call it an estimate."""
    return _TAIL.sub("", _LEAD.sub("", text))


def is_estimate(text: str) -> bool:
    """Whether an answer calls itself an estimate."""
    return without_qualifier(text) != text


def asks_for_estimate(question: str) -> bool:
    """Whether a question asks for no more than an estimate."""
    return bool(_ASKED.search(question))
