"""By what words a question may speak of a column, from what the evidence says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from dcvlr.text.plurals import plural
from dcvlr.text.question_words import QuestionWords
from dcvlr.validation.proofs.column_headers import ColumnHeader
from dcvlr.validation.proofs.value_names import role_of

_KINDS = {"pieces": "number", "each": "money", "entries": "number"}
# Keys of the language's `columns`, by how values without a heading are read.
_WITHOUT_HEADING = {
    "money": ("price", "amount"),
    "each": ("unit price",),
    "number": ("qty", "value"),
    "pieces": ("qty",),
    "percent": ("share",),
    "entries": ("entries",),
}
# Keys of the language's `rows`, by the evidence that a row is, and by how all labels look.
_ROWS = {"object": ("object_kind",), "pixels": ("picture_part",), "picture": ("receipt", "bill", "invoice", "page")}
_COMPARED = ("most", "least", "more", "less", "above", "below")
_LIMITS = ("top", "bottom", "over", "under", "unit")
_IN_BRACKETS = re.compile(r"(?P<name>.*\S) ?\((?P<unit>[^()]+)\)")


class Name(NamedTuple):
    """What the values are; what they count, empty where they do not."""

    of: str
    counted: str = ""


class SpokenColumn(NamedTuple):
    """`slots` are the words for each slot of a phrasing, "c.of" for {c.of}, in small letters.

    `registers` are the sorts of phrasings that speak of such a column, `names` what its values are.
    """

    slots: Mapping[str, frozenset[str]]
    registers: frozenset[str]
    names: frozenset[str]


def column_words(one: ColumnHeader, letter: str, language: QuestionWords) -> SpokenColumn:
    names = _names(one, language)
    slots = {**_compared(one, names, language), **_called(one, language)}
    folded = {f"{letter}.{slot}": frozenset(word.casefold() for word in words) for slot, words in slots.items()}
    return SpokenColumn(folded, _registers(one, names, language), frozenset(name.of for name in names))


def _names(one: ColumnHeader, language: QuestionWords) -> list[Name]:
    phrases = language.phrases
    if one.side:
        counts = [phrases["series_counted"].format(counted=unit, text=one.head) for unit in _units(one.unit)]
        series = Name(phrases["series"].format(text=one.head))
        return [series, *(Name(phrases["counted"].format(text=text), text) for text in counts)]
    if one.sort == "picture":
        keys = {role_of(label, language) or "" if one.read == "money" else one.read for label in one.labels}
        return [Name(language.columns[key]) for key in keys if key in language.columns] if len(keys) == 1 else []
    if one.read == "y":
        return [Name(phrases["list"].format(text=one.head))] if one.head else []
    texts = [one.head] if one.head else _units(one.unit)
    printed = [name for text in texts for name in _printed(text, one, language)]
    return [*printed, *(_of_key(key, one, language) for key in _general(one, language) if key in language.columns)]


def _registers(one: ColumnHeader, names: Sequence[Name], language: QuestionWords) -> frozenset[str]:
    is_bought = one.sort == "text" and not (one.rows or one.unit or one.side)
    found = {
        "items": is_bought and _is_priced(one, language),
        "amounts": is_bought and _is_priced(one, language),
        "quantities": is_bought and one.read in ("number", "pieces"),
        "counted": any(name.counted for name in names),
        "sections": one.read == "entries",
        "time": one.read == "time",
    }
    others = {register for phrasings in language.questions.values() for register in phrasings} - found.keys()
    return frozenset({*others, *(register for register, fits in found.items() if fits)})


def _compared(one: ColumnHeader, names: Sequence[Name], language: QuestionWords) -> dict[str, set[str]]:
    """What the values are, and how they compare."""
    kind, phrases = language.kinds.get(_KINDS.get(one.read, one.read), ()), language.phrases
    words = dict(zip(_COMPARED, kind, strict=False))
    slots = {slot: {word} for slot, word in words.items()}
    slots |= {slot: set[str]() for slot in ("of", "a", "counted", *_LIMITS)}
    for name in names if words else ():
        slots["of"].add(name.of)
        slots["counted"] |= {name.counted} - {""}
        for article in ("one_of", "one_of_vowel"):
            a = phrases[article].format(text=name.of)
            filled = {**words, "of": name.of, "a": a, "counted": name.counted}
            slots["a"].add(a)
            for limit in _LIMITS:
                slots[limit].add(phrases[f"{limit}_counted" if name.counted else limit].format(**filled))
    return slots


def _called(one: ColumnHeader, language: QuestionWords) -> dict[str, set[str]]:
    """What rows, the page and a heading are called."""
    rows = _rows(one, language)
    slots = {slot: {row[n] for row in rows} for n, slot in enumerate(("row", "rows", "prep"))}
    documents = {language.rows[key][0] for key in _ROWS["picture"]}
    return {**slots, "document": documents, "label": {one.head or one.unit}}


def _printed(text: str, one: ColumnHeader, language: QuestionWords) -> Iterator[Name]:
    """How one speaks of what is printed as a heading, or beside an axis."""
    key, phrases = text.casefold(), language.phrases
    if key in language.columns:
        yield _of_key(key, one, language)
    elif one.unit:
        yield Name(phrases["unknown_column" if text.endswith(")") else "plain"].format(text=text))
        if text.isalpha() and one.read == "number":
            yield Name(phrases["counted"].format(text=text), text)
    else:
        yield from (Name(phrases[form].format(text=text)) for form in ("unknown_column", "unknown_period"))


def _of_key(key: str, one: ColumnHeader, language: QuestionWords) -> Name:
    is_number = _KINDS.get(one.read, one.read) == "number"
    return Name(language.columns[key], language.counted.get(key, "") if is_number else "")


def _units(text: str) -> Sequence[str]:
    """What a line beside an axis says, or a title with a unit in brackets."""
    found = _IN_BRACKETS.fullmatch(text)
    return [text, found["name"], found["unit"]] if found else [text] if text else []


def _general(one: ColumnHeader, language: QuestionWords) -> Sequence[str]:
    """What one calls goods, and values without any heading."""
    if one.rows or one.unit or (one.head and one.read == "money" and not _is_priced(one, language)):
        return ()
    return [key for key in _WITHOUT_HEADING.get(one.read, ()) if key != "value" or not one.head]


def _is_priced(one: ColumnHeader, language: QuestionWords) -> bool:
    """Whether the values are what was paid for each row, and not for one piece."""
    return one.read == "money" and language.columns.get(one.head.casefold()) != language.columns["unit price"]


def _rows(one: ColumnHeader, language: QuestionWords) -> list[tuple[str, str, str]]:
    """What a row is called, several of them, and what stands before its name."""
    key = one.rows.casefold()
    if key in language.rows:
        return [language.rows[key]]
    keys = ["category", *([one.series] if one.series else [])]
    if key:
        own = [(key, plural(key), "of")] if key.isalpha() and key.isascii() else []
        return [*own, language.rows["category"]]
    if one.sort in _ROWS:
        keys = list(_ROWS[one.sort])
    elif one.read in ("entries", "y"):
        keys = ["section", "entry"]
    elif not one.unit and one.read != "percent":
        keys.append("item")
    return [language.rows[name] for name in keys if name in language.rows]
