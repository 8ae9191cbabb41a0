"""Replies in which a model declines to do what it was asked."""

from __future__ import annotations

import re

_LONGEST = 600  # characters; a longer text does more than refuse
_REFUSAL = re.compile(
    r"^\W*(?:(?:i['’]?m|i am)\s+(?:really |very |so )?(?:sorry|afraid|unable|not able)"
    r"|sorry\b|i apologi[sz]e|unfortunately,? i\b"
    r"|i (?:can(?:no|['’])t|can not|won['’]?t|will not|must decline|cannot|do not feel comfortable|don['’]t feel)"
    r"|as an? (?:ai|language model|assistant)\b)",
    re.IGNORECASE,
)
_ACT = re.compile(
    r"\b(?:help|assist|comply|provide|fulfil+|answer|describe|identify|create|write|generate|process|view|see|access"
    r"|continue|discuss)",
    re.IGNORECASE,
)


def is_refusal(text: str) -> bool:
    """Whether a reply only says that the model will not or cannot: "I'm sorry, but I can't help with that."."""
    bare = text.strip()
    return len(bare) <= _LONGEST and bool(_REFUSAL.search(bare)) and bool(_ACT.search(bare))
