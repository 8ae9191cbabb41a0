"""Formulas, compared by math-verify (sympy).

Its own time limits rest on SIGALRM, which works in the main thread alone and makes a verdict depend on the machine's
load. So they are off, and what could run away is not handed to it.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from dcvlr.errors import require_package

_LONGEST = 120
_OPERATOR = re.compile(r"\\[a-zA-Z]|\^|√|π|[A-Za-z0-9)]\s*[-+*/=<>≤≥]\s*[A-Za-z0-9(\\]|\b\d+[a-z]\b|\bsqrt\b|\bpi\b")
_KNOWN = frozenset(
    [
        *("frac", "dfrac", "tfrac", "sqrt", "pi", "theta", "alpha", "beta", "gamma", "lambda", "mu", "phi", "omega"),
        *("times", "cdot", "div", "pm", "le", "leq", "ge", "geq", "ne", "neq", "infty", "cup", "cap", "in", "circ"),
        *("sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "log", "ln", "exp", "lt", "gt"),
    ]
)
_CODE = re.compile(r"[Nn]/[Aa]|[A-Z]+-\d+[A-Z]?|[A-Z]\d+-\d+|[A-Z][a-z]-[A-Z][a-z]|\d-D")  # AB-12 on a form, Wi-Fi, 3-D
_WORD = re.compile(r"[A-Za-z]{2,}")
_LONG_NUMBER = re.compile(r"\d{10}")
_BRACED_EXPONENT = re.compile(r"\^\s*\{\s*(-?\d{1,2}|[A-Za-z])\s*\}")
_ROOT = re.compile(r"√\s?(\d+(?:\.\d+)?|[a-z])")
_EXPONENT = re.compile(r"(?:\^|\*\*)\s*(?!-?[12]?\d(?!\d)|[A-Za-z\\]|\{[^{}^]{1,9}\}|\(-?\d/\d\))")
_NESTED = re.compile(r"(?:\^|\*\*)[^-+=,]{0,12}(?:\^|\*\*)")
_HIGH_POWER_OF_SUM = re.compile(r"[)}\]]\s*(?:\^|\*\*)\s*\{?\s*-?(?:\d\d|[4-9])")
_POWER_OF_SUM = re.compile(r"[)}\]]\s*(?:\^|\*\*)")
_FUNCTION = re.compile(r"sin|cos|tan|cot|sec|csc|log|ln|exp|sqrt|√")
_DEPTH = 6
_FUNCTIONS = 4


def is_formula(text: str) -> bool:
    """Whether a plain text is a formula and nothing else: words are functions, letters stand alone."""
    if len(text) > _LONGEST or "," in text or ";" in text or _CODE.fullmatch(text):  # the second and third are lists
        return False
    return bool(_OPERATOR.search(text)) and all(word in _KNOWN for word in _words(text))


def is_product(text: str) -> bool:
    """Whether a text is one letter, or two that are no word: a, ab."""
    return bool(re.fullmatch(r"[A-Za-zα-ω]", text)) or (text.isascii() and text.isalpha() and _is_product(text.lower()))


def _words(text: str) -> list[str]:
    commands = re.sub(r"\\([a-zA-Z]+)", r" \1 ", text)
    return [word for word in _WORD.findall(commands) if not _is_product(word)]


def _is_product(word: str) -> bool:
    return len(word) == 2 and word not in {"is", "in", "of", "or", "no", "to", "at", "on", "up", "it", "an", "as", "by"}


def same_formula(one: str, other: str) -> bool:
    """Whether both say the same, whichever is held against the other; False for what is too large to be sure of."""
    one_read, other_read = _parsed(one), _parsed(other)
    if not one_read or not other_read:
        return False
    from math_verify import verify

    return all(
        verify(gold, answer, timeout_seconds=None) for gold, answer in ((one_read, other_read), (other_read, one_read))
    )


def number_of(formula: str) -> float | None:
    """What a formula without letters comes to: 3.14159… for π; None for others."""
    read = _parsed(formula) if is_formula(formula) else []
    try:
        return float(read[0]) if read else None
    except (TypeError, ValueError, ArithmeticError):
        return None


def _parsed(text: str) -> list[Any]:
    """As math-verify reads it; empty for what it does not, or what could run away."""
    text = _ROOT.sub(r"\\sqrt{\1}", _BRACED_EXPONENT.sub(r"^\1", text)).replace("π", r"\pi ")
    if not _is_tame(text):
        return []
    require_package("math_verify", extra="llm", owner="the comparison of formulas")
    from math_verify import LatexExtractionConfig, parse

    logging.getLogger("math_verify").setLevel(logging.ERROR)  # it warns of every call without its time limit
    read: list[Any] = parse(f"${text}$", [LatexExtractionConfig()], fallback_mode="no_fallback", parsing_timeout=0)
    return read


def _is_tame(text: str) -> bool:
    """Nothing that sympy could take long over: towers of powers, factorials, long numbers, deep brackets."""
    depth = deepest = 0
    for letter in text:
        depth += (letter in "({[") - (letter in ")}]")
        deepest = max(deepest, depth)
    wild = "!" in text or any(
        pattern.search(text) for pattern in (_LONG_NUMBER, _EXPONENT, _NESTED, _HIGH_POWER_OF_SUM)
    )
    busy = len(_POWER_OF_SUM.findall(text)) > 1 or len(_FUNCTION.findall(text)) > _FUNCTIONS
    wild = wild or busy
    return len(text) <= _LONGEST and deepest <= _DEPTH and not wild
