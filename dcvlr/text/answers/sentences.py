"""Answers that are said in a sentence or with a preposition: 'It is a dog.', 'The total is 12.50', 'on the left'."""

from __future__ import annotations

import re

_OPENING = re.compile(r"^(?:so|thus|therefore|hence|well|exactly|precisely|i think|i see),?\s+", re.IGNORECASE)
_POINTING = r"(?:it|this|that|there|he|she|they|these|those|here)"
_COPULA = r"(?:is|are|was|were|equals|shows|reads|says)"
_SUBJECT = r"(?:the|its|his|her|their|an?)\s+(?:[^\W\d_][\w'-]*\s+){1,7}?"
_SENTENCE = re.compile(
    rf"^(?:(?P<pointing>{_POINTING})(?:\s+{_COPULA}|'s|'re)|(?P<subject>{_SUBJECT}){_COPULA})\s+(?P<rest>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_LABEL = re.compile(r"^(?:(?:the\s+)?(?:final\s+)?answer|result)\s*[:=]\s*(?=\S)", re.IGNORECASE)
_DENYING = re.compile(r"\b(?:not|no|never|nobody|none|neither|except|without|other|only|least|most|than)\b|n't\b", re.I)
_PREPOSITION = re.compile(r"^(?:on|in|at|to|from|by|with|towards?)\s+(?=\w)", re.IGNORECASE)
_SIDE = re.compile(r"\b(left|right|top|bottom)(?:[- ]hand)?(?: side)(?= of|$)", re.IGNORECASE)
_COLOUR = re.compile(r"^(?=\w+\s+(?:in )?colou?r$)(\w+)\s+(?:in )?colou?r$", re.IGNORECASE)


def without_sentence(text: str) -> tuple[str, str]:
    """The subject of a sentence, in small letters and empty for "it" and its kind, and what it says of the subject.

    A text that is no such sentence comes back whole, with the subject None would mean: itself as the second, "-" as
    the first.
    """
    text = _LABEL.sub("", _OPENING.sub("", text))
    found = _SENTENCE.match(text)
    if not found or _DENYING.search(found["subject"] or ""):
        return "-", text
    return " ".join((found["subject"] or "").casefold().split()), found["rest"]


def without_preposition(text: str) -> str:
    """'to the left of the door' as 'the left of the door'."""
    return _PREPOSITION.sub("", text)


def shortened(text: str) -> str:
    """'left side' and 'left-hand side' as 'left', 'blue in colour' as 'blue'."""
    return _COLOUR.sub(r"\1", _SIDE.sub(r"\1", text))
