"""Numbers as people and models write them, as exact fractions."""

from __future__ import annotations

import re
from fractions import Fraction

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL = {
    **{word: number for number, word in enumerate(_ONES)},
    **{word: 20 + 10 * place for place, word in enumerate(_TENS)},
}
_LARGE = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SHARES = {"half": Fraction(1, 2), "third": Fraction(1, 3), "quarter": Fraction(1, 4)}

_ENGLISH = r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?"
_EUROPEAN = r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|\d{1,3}(?:\.\d{3})+,\d+|0,\d+|\d+,(?:\d{1,2}|\d{4,})"
_SPACED = r"\d{1,3}(?:[ '_]\d{3})+(?:[.,]\d+)?"
_PLAIN = r"\d+(?:\.\d*)?|\.\d+"
_STYLES = {
    name: re.compile(style) for name, style in (("english", _ENGLISH), ("european", _EUROPEAN), ("spaced", _SPACED))
}
DECIMAL = rf"(?:{_SPACED}|{_EUROPEAN}|{_ENGLISH}|{_PLAIN})"
POWER = r"(?:[eE][-+]?\d{1,3}|\s?(?:[x×*·]|\\times|\\cdot)\s?10\s?(?:\^|\*\*)\s?\{?[-+]?\d{1,3}\}?)"
_LONGEST = 60  # digits


def decimal(text: str) -> Fraction | None:
    """A number in digits, without sign: 1,234.5 and 1.234,5 and 1 234,5 and 0,5.

    A lone comma before three digits parts thousands (1,234), a lone point never does (1.234).
    """
    if len(text) > _LONGEST:
        return None
    if _STYLES["english"].fullmatch(text):
        text = text.replace(",", "")
    elif _STYLES["european"].fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif _STYLES["spaced"].fullmatch(text):
        text = re.sub("[ '_]", "", text).replace(",", ".")
    return Fraction(text) if re.fullmatch(_PLAIN, text) else None


def power(text: str) -> Fraction:
    """The factor that e5 or × 10^5 stands for."""
    exponent = re.findall(r"[-+]?\d+", text)[-1]
    return Fraction(10) ** int(exponent)


def spelled(words: list[str]) -> Fraction | None:
    """A number in English words, "two thousand and five" or "three quarters", or None."""
    if not words or len(words) > 20:
        return None
    if words[-1].removesuffix("s") in _SHARES or words[-1] == "halves":
        share = _SHARES["half" if words[-1] == "halves" else words[-1].removesuffix("s")]
        count = Fraction(1) if words[:-1] in ([], ["a"], ["one"]) else spelled(words[:-1])
        return None if count is None or (words[-1] == "third" and not words[:-1]) else count * share
    if words[-1] == "dozen":
        count = Fraction(1) if words[:-1] in ([], ["a"], ["one"]) else spelled(words[:-1])
        return None if count is None else count * 12
    return _whole(words[1:] if words[0] == "a" and words[1:2] and words[1] in {"hundred", *_LARGE} else words)


def _whole(words: list[str]) -> Fraction | None:
    total, group, last = 0, 0, ""
    for word in words:
        if word == "and" and last in {"hundred", *_LARGE}:
            pass
        elif word in _SMALL and _fits(word, last):
            group += _SMALL[word]
        elif word == "hundred" and last not in {"hundred", *_TENS} and 0 <= group < 10:
            group = (group or 1) * 100
        elif word in _LARGE and last not in _LARGE and last != "and":
            total, group = total + (group or 1) * _LARGE[word], 0
        else:
            return None
        last = word
    return None if last == "and" else Fraction(total + group)


def _fits(word: str, last: str) -> bool:
    """Whether `word` may follow: twenty five, but not five five."""
    return last in {"", "and", "hundred", *_LARGE} or (last in _TENS and 0 < _SMALL[word] < 10)
