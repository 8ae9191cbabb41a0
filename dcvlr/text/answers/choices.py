"""Which of the options an answer is: by its letter, by its text, or by both."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dcvlr.text.answers.ordinals import LAST, ordinal
from dcvlr.text.answers.plain import Same, folded, plain

_WORDS = (
    r"(?:i\s+(?:think|believe)\s+)?(?:it(?:'s|\s+is)\s+|i\s+(?:choose|pick)\s+)?"
    r"(?:(?:(?:the|my)\s+)?(?:(?:correct|right|best|final)\s+)?(?:option|choice|answer)(?:\s+is)?:?\s+)?"
)
_LETTER = re.compile(rf"{_WORDS}[(\[<]?\s*(?P<letter>[A-Z])\s*[)\]>.:]*(?:\s+is\s+(?:correct|right))?", re.IGNORECASE)
_SURELY_A_LETTER = re.compile(r"(?<!\\)[)\]:]|option|choice", re.IGNORECASE)
_LETTER_AND_TEXT = re.compile(
    rf"{_WORDS}(?:[(\[](?P<in>[A-Z])[)\]]\s*[.:-]?|(?P<before>[A-Z])\s*[).:]|(?P<dash>[A-Z])\s+-)\s*(?P<text>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_LETTER_AND_WHY = re.compile(rf"{_WORDS}[(\[]?(?P<letter>[A-Z])[)\].]?,?\s+(?:because|since)\s", re.IGNORECASE)
_WHY = re.compile(r",?\s+(?:because|since)\s")
_NUMBER = re.compile(r"(?:the\s+)?(?:option|choice|answer)\s+(?:no\.?\s*|number\s+)?([1-9]\d?)", re.IGNORECASE)
_WEIGHING = re.compile(
    r"\b(?:not|no|nor|or|neither|either|never|except|without|than|but|maybe|might|could|unless|instead|both|all|every)\b"
    r"|n't\b|\?"
)
_NONE = re.compile(r"none(?: of (?:the above|these|them|the options|the others))?")


def option_of(answer: str, options: Sequence[str], ways: Sequence[Same]) -> int | None:
    """The index of the option that `answer` means, or None for none and for what may mean two.

    `ways` compare an answer with an option's text, the strictest first. Where letter and text are given, both must
    fit. A letter alone that is also the text of another option means neither: A among the points B, C, A may be the
    first or the third; (A) and A) are the first.
    """
    bare = plain(answer)
    letter = _LETTER.fullmatch(" ".join(answer.split())) or _LETTER.fullmatch(bare)
    by_text = _by_text(answer, options, ways)
    if letter:
        index = _index(letter["letter"], options)
        if index is None or by_text in (None, index) or _SURELY_A_LETTER.search(answer):
            return by_text if index is None else index
        return None
    if by_text is not None:
        return by_text
    if why := _LETTER_AND_WHY.match(bare):
        return _index(why["letter"], options)
    both = _LETTER_AND_TEXT.fullmatch(bare)
    if both is None:
        return _in_order(bare, options) if _in_order(bare, options) is not None else _only_mentioned(bare, options)
    index = _index(both["in"] or both["before"] or both["dash"], options)
    return index if index == _by_text(_WHY.split(both["text"], maxsplit=1)[0], options, ways) else None


def _by_text(answer: str, options: Sequence[str], ways: Sequence[Same]) -> int | None:
    """The only option that the strictest way finds which finds any."""
    for same in ways:
        found = [index for index, option in enumerate(options) if same(answer, option)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _index(letter: str, options: Sequence[str]) -> int | None:
    index = ord(letter.upper()) - ord("A")
    return index if index < len(options) else None


def _in_order(answer: str, options: Sequence[str]) -> int | None:
    """'the second one', '2nd', 'the last option' and 'option 2'."""
    if numbered := _NUMBER.fullmatch(answer):
        return int(numbered[1]) - 1 if 1 <= int(numbered[1]) <= len(options) else None
    number = ordinal(answer)
    if number is None or number > len(options):
        return None
    return len(options) - 1 if number == LAST else number - 1


def _only_mentioned(answer: str, options: Sequence[str]) -> int | None:
    """The only option whose words stand in an answer that denies and weighs nothing."""
    text = folded(answer)
    if _NONE.fullmatch(text):
        none = [index for index, option in enumerate(options) if _NONE.fullmatch(folded(plain(option)))]
        return none[0] if len(none) == 1 else None
    if _WEIGHING.search(text):
        return None
    spans = [_span(folded(plain(option)), text) for option in options]
    found = [
        index
        for index, span in enumerate(spans)
        if span and not any(_inside(span, other) for other in spans if other and other != span)
    ]
    return found[0] if len(found) == 1 else None


def _span(option: str, text: str) -> tuple[int, int] | None:
    if len(option) < 2 and not option.isdigit():
        return None
    found = re.search(rf"(?<![\w.,'/-]){re.escape(option)}(?![\w'/-]|[.,]\d)", text)
    return found.span() if found else None


def _inside(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return other[0] <= span[0] and span[1] <= other[1]
