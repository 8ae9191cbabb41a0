"""Answers that are said in a sentence or with a preposition: 'It is a dog.', 'The total is 12.50', 'on the left'."""

from __future__ import annotations

import re

_OPENING = re.compile(
    r"^(?:(?:so|thus|therefore|hence|well|exactly|precisely|because|i think|i (?:can )?see|aged|ages?),?"
    r"|(?:based on|according to|from|in) the (?:image|picture|photo|chart|graph|table|text|receipt|figure),?)\s+",
    re.IGNORECASE,
)
_POINTING = r"(?:it|this|that|there|he|she|they|these|those|here)"
_COPULA = r"(?:(?:is|are|was|were|equals|shows|reads|says|contains|costs|weighs|measures|displays|depicts)\b:?)"
_SUBJECT = r"(?:the|its|his|her|their|an?)\s+(?:[\w'-]+\s+){1,7}?"
_SENTENCE = re.compile(
    rf"^(?:(?P<pointing>{_POINTING})(?:\s+{_COPULA}|'s|'re)|(?P<subject>{_SUBJECT}){_COPULA})\s+(?P<rest>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_NAMED = re.compile(  # Total: $5; Room 204
    r"^(?P<subject>(?!(?:yes|no|true|false)\b)[^\W\d_]{2}[^\W\d_ .#/'-]*(?:[ .#/'-]+[^\W\d_]*){0,3}:\s+(?=\S)"
    r"|(?:room|gate|page|platform|flight|bus|route|line|table|chapter|figure|lane|level|floor|section|question|item|row"
    r"|column|seat|track|unit|suite|model|type|highway|isbn|volume"
    r"|chapter|sku|invoice|order|receipt|ref|lot|id|tel|phone)\s+(?:no\.?\s?|number\s|#)?(?=[A-Z]{0,3}\d|(?:one|two|three|four|five|six|seven|eight|nine|ten)$))(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_SHORT_LABEL = re.compile(
    r"^(?:(?P<page>pp?)|(?P<volume>vol)|(?P<figure>fig)|(?P<chapter>ch))\.\s?(?=\d)", re.IGNORECASE
)
_VERB_ALONE = re.compile(rf"^{_POINTING}\s+(?=[a-z]+(?:s|ed)$|can(?:not|'t)\b|could not\b)", re.IGNORECASE)
_DOING = re.compile(
    r"^(?!(?:missing|lacking|losing|leaving|avoiding|excluding|forbidding|prohibiting|preventing|refusing|rejecting"
    r"|becoming|resembling|nothing)\b)"
    r"(?:[a-z]{2,}ing|made (?:up |out )?of|used (?:for|to|as))\s+(?=\w)",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:the|an?)\s+")
_NUMBER_OF = re.compile(r"\s+(?:no\.?|number|#)$")
_HEIGHTS = {"upper": "top", "lower": "bottom"}
_ONE = re.compile(r"^(?:an?|the)\s+(\w.*?)\s+ones?$", re.IGNORECASE)
_CORNER = re.compile(
    r"\b(upper|top|lower|bottom)[- ]+(left|right|center)(?:[- ]hand)?(?:[- ](?:corner|side))?\b", re.IGNORECASE
)
_TURNED_NAME = re.compile(r"^([A-Z][\w'-]+), ([A-Z][\w'.-]*(?: [A-Z]\.?)?)$")
_LABEL = re.compile(r"^(?:(?:the\s+)?(?:final\s+)?answer|result)\s*[:=]\s*(?=\S)", re.IGNORECASE)
_DENYING = re.compile(r"\b(?:not|no|never|nobody|none|neither|except|without|other|only|least|most|than)\b|n't\b", re.I)
_PREPOSITION = re.compile(r"^(?:on|in|at|to|from|by|with|towards?)\s+(?=\w)", re.IGNORECASE)
_SIDE = re.compile(r"\b(left|right|top|bottom)(?:[- ]hand)?(?: side)(?= of|$)", re.IGNORECASE)
_COLOUR = re.compile(r"^(?=\w+\s+(?:in )?colou?r$)(\w+)\s+(?:in )?colou?r$", re.IGNORECASE)


def without_sentence(text: str) -> tuple[str, str]:
    """The subject of a sentence, in small letters and empty for "it" and its kind, and what it says of the subject.

    A text that is no such sentence comes back whole, with "-" for its subject. A label is a subject too: "Total: 5".
    """
    text = _SHORT_LABEL.sub(lambda found: f"{found.lastgroup} ", text)
    text = _VERB_ALONE.sub("", _LABEL.sub("", _OPENING.sub("", text)))
    found = _SENTENCE.match(text) or _NAMED.match(text)
    subject = _NUMBER_OF.sub("", " ".join(((found and found["subject"]) or "").casefold().strip(" :").split()))
    return ("-", text) if not found or _DENYING.search(subject) else (_ARTICLE.sub("", subject), found["rest"])


def without_doing(predicate: str) -> str:
    """'wearing a hat' as 'a hat'."""
    return _DOING.sub("", predicate)


def without_preposition(text: str) -> str:
    """'to the left of the door' as 'the left of the door'."""
    return _PREPOSITION.sub("", text)


def shortened(text: str) -> str:
    """'left side' and 'left-hand side' as 'left', 'upper left corner' as 'top left', 'blue in colour' as 'blue'."""
    text = _CORNER.sub(lambda found: f"{_HEIGHTS.get(found[1].casefold(), found[1])} {found[2]}", text)
    return _ONE.sub(r"\1", _COLOUR.sub(r"\1", _SIDE.sub(r"\1", text)))


def turned_name(text: str) -> str:
    """'Smith, John' as 'John Smith'."""
    return _TURNED_NAME.sub(r"\2 \1", text)
