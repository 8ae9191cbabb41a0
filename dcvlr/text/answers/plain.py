"""Answers brought to one form, so that what only looks different is the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from html import unescape

from dcvlr.text.answers.ordinals import in_figures
from dcvlr.text.words import unwrapped

_SUPERSCRIPTS = re.compile("⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_VULGAR = re.compile(r"(?<=\d)(?=[¼-¾⅐-⅞])")  # 2½ is 2 1/2, not 21/2
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—−", "-"),
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
        "⁄": "/",
        "∕": "/",
        "⋅": "·",
    }
)
_LATEX_PLAIN = (
    (r"\\(?:boxed|fbox|text|textbf|textit|mathrm|mathbf|mathit|mbox|operatorname)\s*\{([^{}]*)\}", r"\1"),
    (r"\\[dtc]?frac\s*\{\s*(-?\d+)\s*\}\s*\{\s*(\d+)\s*\}", r" \1/\2 "),
    (r"\\[dtc]?frac\s*(\d)\s*(\d)", r" \1/\2 "),
    (r"\\(?:left|right|displaystyle)(?![a-zA-Z])", ""),
    (r"\\([$%&#_])", r"\1"),
    (r"\^\s*\{?\s*\\circ\s*\}?|\\degree(?![a-zA-Z])", "°"),
    (r"\{,\}", ","),
    (r"\\infty(?![a-zA-Z])", "∞"),
    (r"\\[,;:! ]|\\q?quad(?![a-zA-Z])|~", " "),
)
_MATHS_MARK = re.compile(r"^(?:\$\$?|\\\(|\\\[)(?P<inside>[^$]*?)(?:\$\$?|\\\)|\\\])$", re.DOTALL)
_EDGES = " \t\n\"'*_"
_ENDS = _EDGES + ".,;:。、"
_ENTITY = re.compile(r"&(?:[a-z]{2,6}|#x?[0-9a-f]{2,5});", re.IGNORECASE)
_PRICE_END = re.compile(r"(?<=\d)[.,/]-+$")  # CHF 80.-, Rs 80/-
_ARTICLE = re.compile(r"^(?:a|an|the)\s+(?=\w)")
_BOOKED = re.compile(r"(?:[A-Z]{0,3}[$€£¥]?\s?)\d[\d,]*\.\d\d|[$€£¥]\s?\d[\d,.]*")  # (5.00) is a book-keeper's -5.00
_POINT = re.compile(r"\.(?!\w)|(?<=\b[a-z])\.(?=[a-z]\b)")
_JOINT = re.compile(r"(?<=[^\W\d])[- ]+(?=\w)|(?<=\w)[- ]+(?=[^\W\d])")
_SHORT_NAMES = {
    **dict.fromkeys(("us", "united states", "united states of america", "america"), "usa"),
    **dict.fromkeys(("united kingdom", "great britain", "gb"), "uk"),
    **{"united arab emirates": "uae", "european union": "eu", "television": "tv", "okay": "ok", "∞": "infinity"},
    **{"bike": "bicycle", "photo": "photograph", "fridge": "refrigerator", "advert": "advertisement"},
    **dict.fromkeys(("plane", "aeroplane"), "airplane"),
    **{"mon": "monday", "tue": "tuesday", "tues": "tuesday", "wed": "wednesday", "thu": "thursday", "thur": "thursday"},
    **{"thurs": "thursday", "fri": "friday", "sat": "saturday", "sun": "sunday"},
    **{
        "ne": "northeast",
        "nw": "northwest",
        "se": "southeast",
        "sw": "southwest",
        "nothing": "none",
        "nobody": "no one",
        "fall": "autumn",
    },
    **{"not applicable": "n/a", "not available": "n/a"},
    **{"jan": "january", "feb": "february", "mar": "march", "apr": "april", "jun": "june", "jul": "july"},
    **{"aug": "august", "sep": "september", "sept": "september", "oct": "october", "nov": "november"},
    **{"dec": "december"},
}
_OUR = "arm|behavi|cand|col|endeav|fav|fl?av|glam|harb|hon|hum|lab|neighb|od|parl|rum|sav|tum|vap|vig"
_BEFORE_NOUNS = "of|in|on|at|with|by|to|from|for|and|near|under|beside|behind|over|above|against"
_ABBREVIATED = (
    (re.compile(r"^#(?=[a-z\d])"), ""),
    (re.compile(r"^(?:https?://(?:www\.)?|www\.)(?=[\w-]+\.\w)|(?<=\.[a-z]{3})/$"), ""),
    (re.compile(r"\b([1-4])(?:st|nd|rd|th) quarter(?: of)?\b"), r"q\1"),
    (re.compile(r"\b([12])(?:st|nd) half(?: of)?(?= \d{4}$)"), r"h\1"),
    (re.compile(r"^(\d{4}) (q[1-4]|h[12])$"), r"\2 \1"),
    (re.compile(r"(?<![a-z])([a-z]{1,2})_(?:\{(\w+)\}|(\d+|[a-z]\b))"), r"\1\2\3"),  # CO_2, x_i, but no my_file
    (re.compile(r"\b(?:beneath|underneath|below)\b"), "under"),
    (re.compile(r"^inside(?: of)?\b"), "in"),
    (re.compile(r"\b(left|right) facing\b"), r"facing \1"),
    (re.compile(r"\bnext to\b"), "beside"),
    (re.compile(rf"\b({_BEFORE_NOUNS}) (?:an?|the) (?=\w)"), r"\1 "),
    (re.compile(r"\bmt\b\.?"), "mount"),
    (re.compile(r"^st\b\.?(?= )"), "saint"),
    (re.compile(r"\bst\.?$"), "street"),
    (re.compile(r"\bave?\.?$"), "avenue"),
    (re.compile(r"\brd\.?$"), "road"),
    (re.compile(r"\bblvd\.?$"), "boulevard"),
    (re.compile(r"\bltd$"), "limited"),
    (re.compile(r"\binc$"), "incorporated"),
    (re.compile(r"\bcorp$"), "corporation"),
    (re.compile(r"\bco$"), "company"),
)
_AMERICAN = (
    (re.compile(r"\b(increas|decreas|declin)(?:es?|ed|ing)\b"), r"\1e"),
    (re.compile(r"\bon top of\b"), "on"),
    (re.compile(r"\banti[ -]?clockwise\b"), "counterclockwise"),
    (re.compile(rf"\b({_OUR})our(?=ed|ing|ful|ite|ab|s|\b)"), r"\1or"),
    (re.compile(r"\b(cent|met|lit|theat|fib|calib|somb|spect)re(?=s?\b)"), r"\1er"),
    (re.compile(r"\b(kilo|centi|milli)met(?:re)(?=s?\b)"), r"\1meter"),
    (re.compile(r"\bgrey"), "gray"),
    (re.compile(r"\b([a-z]{3,})is(e|ed|es|ing|ation)\b(?<!rise)(?<!wise)"), r"\1iz\2"),
    (re.compile(r"\b(travel|cancel|label|model|signal)l(ed|ing|er)"), r"\1\2"),
    (re.compile(r"\balumini?um\b"), "aluminum"),
    (re.compile(r"\b(?:jewellery)\b"), "jewelry"),
    (re.compile(r"\btyre(?=s?\b)"), "tire"),
    (re.compile(r"\b(def|off|lic)ence"), r"\1ense"),
    (re.compile(r"\b(cata|dia|mono)logue"), r"\1log"),
    (re.compile(r"\bcheque"), "check"),
    (re.compile(r"\bprogramme"), "program"),
    (re.compile(r"\bplough"), "plow"),
    (re.compile(r"\bmoustache"), "mustache"),
    (re.compile(r"\bpyjama"), "pajama"),
    (re.compile(r"\bkerb\b"), "curb"),
    (re.compile(r"\bstorey"), "story"),
)
_PAIRS = {"(": ")", "[": "]", "{": "}"}


Same = Callable[[str, str], bool]
"""Whether two answers are the same."""


def plain(text: str) -> str:
    """NFKC, straight quotes and minus signs, one space at a time, nothing around; letter case is kept. &amp; is &.

    LaTeX that only wraps or spaces (\\boxed, \\text, $…$) goes, and \\frac of whole numbers becomes 3/4.
    """
    text = _ENTITY.sub(lambda found: unescape(found[0]), text)
    text = _VULGAR.sub(" ", _SUPERSCRIPTS.sub(lambda found: f"^{found[0]}", text))
    text = " ".join(unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS).split())
    text = unwrapped(text)
    for pattern, instead in _LATEX_PLAIN:
        text = re.sub(pattern, instead, text) if "\\" in text or "{" in text or "~" in text else text
    return _bare(" ".join(text.split()))


def _bare(text: str) -> str:
    """Without marks around it; "!" stays after a digit, where it is a factorial."""
    for _ in range(8):
        before = text
        text = _PRICE_END.sub("", text.lstrip(_EDGES).rstrip(_ENDS))
        if marked := _MATHS_MARK.match(text):
            text = marked["inside"]
        if re.search(r"[^\W\d][!?]+$", text):
            text = text.rstrip("!?")
        text = _unbracketed(text)
        if text == before:
            break
    return text


def _unbracketed(text: str) -> str:
    """Without one pair of brackets around all of it; a list keeps them, since they say whether order counts."""
    inside = text[1:-1]
    if _BOOKED.fullmatch(inside):
        return text
    if text[:1] in _PAIRS and text.endswith(_PAIRS[text[0]]) and not re.search(r"[()\[\]{},;]", inside):
        return inside
    return text


def folded(text: str) -> str:
    """A plain text as words are compared: without case, a leading article, and hyphens between letters."""
    text = re.sub(r"(?<=[^\W\d])-(?=[^\W\d])", " ", text.casefold().replace("&", " and "))
    return _ARTICLE.sub("", " ".join(text.split()))


def one_spelling(text: str) -> str:
    """A folded text with one spelling for what English and people write in several ways.

    Accents, apostrophes and points of abbreviations go, and so do spaces beside a letter (T-shirt, t shirt, tshirt);
    British words become American; a country's short name becomes one, and so do ordinals (fifth, 5th), addresses of
    pages with and without http://, and what is abbreviated (Mt., Ave.).
    """
    text = "".join(
        letter for letter in unicodedata.normalize("NFKD", folded(text)) if not unicodedata.combining(letter)
    )
    text = _POINT.sub("", text).replace("'", "")
    text = in_figures(_SHORT_NAMES.get(text, text))
    for pattern, instead in (*_ABBREVIATED, *_AMERICAN):
        text = pattern.sub(instead, text)
    return _JOINT.sub("", text)
