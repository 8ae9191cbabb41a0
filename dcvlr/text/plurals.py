"""Plurals and articles of nouns that detectors use as labels: every class of COCO, and what other label sets add."""

from __future__ import annotations

import re

_AN = re.compile(r"(?!(?:uni|use|usu|uten|ukul|uro|eu|ewe|one\b|once\b))[aeiou]|hour|heir|honest", re.IGNORECASE)
_UNCOUNTED = frozenset(
    {"broccoli", "hay", "corn", "wool", "velvet", "dough", "guacamole", "carbonara", "consomme", "espresso"}
    | {"toilet tissue", "mashed potato", "red wine", "chocolate sauce", "ice cream", "chain mail", "brass"}
)
_ODD = {
    "person": "people",
    "man": "men",
    "woman": "women",
    "child": "children",
    "mouse": "mice",
    "goose": "geese",
    "foot": "feet",
    "tooth": "teeth",
    "knife": "knives",
    "leaf": "leaves",
    "loaf": "loaves",
    "shelf": "shelves",
    "wolf": "wolves",
    "calf": "calves",
    "potato": "potatoes",
    "tomato": "tomatoes",
}
_ONE_OF = {several: one for one, several in _ODD.items()}
PLURAL_ONLY = frozenset(
    {"people", "scissors", "skis", "glasses", "sunglasses", "jeans", "trousers", "shorts", "pants", "binoculars"}
    | {"pliers", "swimming trunks", "parallel bars"}
)
_UNCHANGED = PLURAL_ONLY | {"sheep", "deer", "fish", "aircraft", "broccoli"}


def plural(label: str) -> str:
    """`label` for several of them: the last word changes ("wine glass", "wine glasses")."""
    front, space, noun = label.rpartition(" ")
    return f"{front}{space}{_plural_word(noun)}"


def singular(word: str) -> str:
    """A word in small letters as of one thing, to compare words by: of "rows" it is "row", of "people" "person".

    It takes an s away and no more: of "boxes" it is "boxe", which is not "box".
    """
    return _ONE_OF.get(word) or (word.removesuffix("s") if len(word) > 3 else word)


def is_plural_only(noun: str) -> bool:
    """Whether one of it is called by a plural: "scissors"."""
    return noun.lower() in PLURAL_ONLY


def _plural_word(noun: str) -> str:
    if noun in _UNCHANGED:
        return noun
    if noun in _ODD:
        return _ODD[noun]
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def with_article(noun: str) -> str:
    """A dog, an umbrella, scissors: nothing stands before what is not counted or is always more than one."""
    if noun.lower() in _UNCOUNTED or is_plural_only(noun):
        return noun
    return f"{'an' if _AN.match(noun) else 'a'} {noun}"
