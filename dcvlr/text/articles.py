"""The indefinite article of a noun that stands as a label: "a dog", "an umbrella", "scissors"."""

from __future__ import annotations

import re

from dcvlr.text.plurals import is_plural_only

_AN = re.compile(r"(?!(?:uni|use|usu|uten|ukul|uro|eu|ewe|one\b|once\b))[aeiou]|hour|heir|honest", re.IGNORECASE)
_UNCOUNTED = frozenset(
    {"broccoli", "hay", "corn", "wool", "velvet", "dough", "guacamole", "carbonara", "consomme", "espresso"}
    | {"toilet tissue", "mashed potato", "red wine", "chocolate sauce", "ice cream", "chain mail", "brass"}
)


def with_article(noun: str) -> str:
    """`noun` with "a" or "an" before it; without one what is not counted or is always more than one."""
    if noun.lower() in _UNCOUNTED or is_plural_only(noun):
        return noun
    return f"{'an' if _AN.match(noun) else 'a'} {noun}"
