"""What only bounds a value: 'more than 5', '5 or fewer', '≥ 5'."""

from __future__ import annotations

import re

_FORMS = {
    ">": r"(?:more|greater|higher|larger|longer|later) than(?! or equal)|over|above|>",
    "<": r"(?:fewer|less|lower|smaller|shorter|earlier) than(?! or equal)|under|below|<",
    ">=": r"at least|(?:more|greater) than or equal to|not? (?:less|fewer) than|a minimum of|≥|>=|\\geq?",
    "<=": r"at most|(?:less|fewer) than or equal to|up to|not? more than|a maximum of|≤|<=|\\leq?",
}
_FRONT = {sign: re.compile(rf"(?:{words})\s?(?=[\w$€£¥.-])(.+)", re.IGNORECASE) for sign, words in _FORMS.items()}
_BEHIND = {
    ">=": re.compile(r"(.+?)(?: (?:or|and) (?:more|greater|above|over|up|older|higher)|(?<=\d)\+)", re.IGNORECASE),
    "<=": re.compile(r"(.+?) (?:or|and) (?:less|fewer|below|under|younger|lower)", re.IGNORECASE),
}


def bound(text: str) -> tuple[str, str] | None:
    """The sign of a plain text that bounds something, one of < > <= >=, and what it bounds."""
    for forms in (_FRONT, _BEHIND):
        for sign, form in forms.items():
            if found := form.fullmatch(text):
                return sign, found[1].strip()
    return None
