"""Numbers as people and models write them, as exact fractions."""

from __future__ import annotations

import re
from fractions import Fraction

from dcvlr.errors import require_package

_NUMBER_WORDS = frozenset(
    [
        *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty"),
        *("forty", "fifty", "sixty", "seventy", "eighty", "ninety"),
        *("hundred", "thousand", "million", "billion", "trillion", "and"),
    ]
)
_SHARES = {"half": Fraction(1, 2), "third": Fraction(1, 3), "quarter": Fraction(1, 4), "fifth": Fraction(1, 5)}
_SHARES |= {"sixth": Fraction(1, 6), "seventh": Fraction(1, 7), "eighth": Fraction(1, 8), "ninth": Fraction(1, 9)}
_SHARES |= {"tenth": Fraction(1, 10)}
_ALONE = frozenset({"half", "quarter"})  # a third is a share, third is a place in an order

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
_CODE = re.compile(r"0\d\d+$|0\d+[ '_,.]\d{3}$")  # 00123 is a number on a form, not how many


def decimal(text: str) -> Fraction | None:
    """A number in digits, without sign: 1,234.5 and 1.234,5 and 1 234,5 and 0,5.

    A lone comma before three digits parts thousands (1,234), a lone point never does (1.234). What starts with zeros
    is a code (00123), so None.
    """
    if len(text) > _LONGEST or _CODE.match(text):
        return None
    if _STYLES["english"].fullmatch(text):
        text = text.replace(",", "")
    elif _STYLES["european"].fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif _STYLES["spaced"].fullmatch(text):
        text = re.sub("[ '_]", "", text).replace(",", ".")
    return Fraction(text) if re.fullmatch(_PLAIN, text) else None


def decimals(text: str) -> int:
    """How many digits stand behind the decimal mark of a number that `decimal` reads."""
    if _STYLES["english"].fullmatch(text):
        text = text.replace(",", "")
    elif _STYLES["european"].fullmatch(text) or _STYLES["spaced"].fullmatch(text):
        text = re.sub("[ '_.](?=\\d{3})", "", text).replace(",", ".")
    return len(text.partition(".")[2])


def power(text: str) -> Fraction:
    """The factor that e5 or × 10^5 stands for."""
    exponent = re.findall(r"[-+]?\d+", text)[-1]
    return Fraction(10) ** int(exponent)


def spelled(words: list[str]) -> Fraction | None:
    """A number in English words, "two thousand and five", "three point five" or "three quarters", or None."""
    if not words or len(words) > 20:
        return None
    if words[-3:] == ["and", "a", "half"] and words[:-3]:
        front = spelled(words[:-3])
        return None if front is None else front + Fraction(1, 2)
    if "and" in words[1:-1] and words[-1].removesuffix("s") in _SHARES:  # two and three quarters
        joint = len(words) - 1 - words[::-1].index("and")
        front, share = _whole(words[:joint]), spelled(words[joint + 1 :])
        return None if front is None or share is None or share >= 1 else front + share
    if words == ["half", "a", "dozen"]:
        return Fraction(6)
    if words[-1].removesuffix("s") in _SHARES or words[-1] == "halves":
        share = _SHARES["half" if words[-1] == "halves" else words[-1].removesuffix("s")]
        count = Fraction(1) if words[:-1] in ([], ["a"], ["an"], ["one"]) else spelled(words[:-1])
        is_ordinal = not words[:-1] and words[-1] in _SHARES.keys() - _ALONE
        return None if count is None or is_ordinal else count * share
    if words[-1] == "dozen":
        count = Fraction(1) if words[:-1] in ([], ["a"], ["one"]) else spelled(words[:-1])
        return None if count is None else count * 12
    if "point" in words[1:-1]:
        return _with_point(words)
    return _whole(words[1:] if words[0] == "a" and len(words) > 1 and words[1] in {"hundred", "thousand"} else words)


def _with_point(words: list[str]) -> Fraction | None:
    point = words.index("point")
    front, digits = _whole(words[:point]), [_whole([word]) for word in words[point + 1 :]]
    if front is None or any(digit is None or digit > 9 for digit in digits):
        return None
    return front + sum(Fraction(digit or 0, 10**position) for position, digit in enumerate(digits, 1))


def _whole(words: list[str]) -> Fraction | None:
    """Read by text2num, which knows what may follow what: twenty five, but not five five."""
    if not words or not all(word in _NUMBER_WORDS for word in words) or words == ["and"]:
        return None
    require_package("text_to_num", extra="llm", owner="the reading of numbers in words")
    from text_to_num import text2num

    try:
        return Fraction(text2num(" ".join(words), "en"))
    except ValueError:
        return None
