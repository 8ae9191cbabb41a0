"""By what words a question may speak of a single value, from the label that it stands with; written apart."""

from __future__ import annotations

import re
from collections.abc import Callable

from dcvlr.text.question_words import QuestionWords

_PEOPLE = re.compile(
    r"adults?|child(?:ren)?|students?|seniors?|guests?|visitors?|persons?|people|concessions?", re.IGNORECASE
)
_DOCUMENTS = ("receipt", "invoice", "bill")


def value_names(label: str, read: str, language: QuestionWords) -> frozenset[str]:
    """In small letters; `label` is empty where the value stands alone, `read` is how it is read."""
    fields = language.fields
    found = {language.phrases["field"].format(text=label)} if label else set()
    key = label.casefold()
    if read == "money":
        keys = [role_of(label) or ""]
    elif read in ("date", "time") and (not key or re.search(r"\b(?:date|time)\b", key)):
        keys = [read, *(f"{document}_{read}" for document in _DOCUMENTS)]
    elif read in ("each", "pieces"):
        keys = [read] if _PEOPLE.fullmatch(label) else []
    else:
        keys = [key or "within days"]
    found |= {fields[one] for one in keys if one in fields}
    return frozenset(name.casefold() for name in found)


def role_of(label: str) -> str | None:
    """Which sum of a bill an amount is by its label: the first that its words allow."""
    words = re.findall(r"[a-z]+", label.casefold())

    def has(*beginnings: str) -> bool:
        return any(word.startswith(beginnings) for word in words)

    return next((role for role, fits in _ROLES if fits(has)), None)


_Has = Callable[..., bool]
_ROLES: tuple[tuple[str, Callable[[_Has], bool]], ...] = (
    ("subtotal", lambda has: has("sub")),
    ("excluded", lambda has: has("excl")),
    ("change", lambda has: has("change")),
    ("discount", lambda has: has("discount", "saving")),
    ("tax", lambda has: has("tax", "gst", "vat") and not has("incl", "with")),
    ("rounding", lambda has: has("round") and not has("total")),
    ("total", lambda has: has("total", "due", "balance")),
    ("net", lambda has: has("net")),
    ("cash", lambda has: has("cash", "tender") or (has("paid", "payment") and not has("so", "in", "by", "to"))),
    ("card", lambda has: has("card", "visa", "master")),
)
