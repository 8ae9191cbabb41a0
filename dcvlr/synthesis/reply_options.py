"""The options of a reply in the order of their letters, whatever form they came in, and the answer among them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import ascii_lowercase, digits
from typing import Any

from dcvlr.synthesis.reply_texts import one_line
from dcvlr.text.json_objects import list_in
from dcvlr.text.letters import without_letters
from dcvlr.text.steps import without_emphasis

OPTIONS = 4
_PARTED = re.compile(r"(?:^|\s)[(\[]?[A-D][.):\]]\s+")  # "A) red B) blue"
_LINES = (re.compile(r"\s*[\n;|]\s*"), re.compile(r",\s+"))
_LABEL = re.compile(r"\W*(?:option|choice|answer)?[ _-]?([A-Za-z]|\d{1,2})\W*", re.IGNORECASE)
_KEY = re.compile(r"^(?:option|choice|answer)_([A-Ha-h])$", re.IGNORECASE)
_LABEL_KEYS = ("label", "letter", "key", "id", "index", "option", "number")
_LEADS = (  # every option of a reply begins in one of these ways; a space must part what may begin a name or a number
    re.compile(r"(?:\*\*)?(?:(?i:option|choice)\s)?[(\[（【]?([A-Ha-h])[.):\]、．：）】](?:\*\*)?\s*(?=\S)"),
    re.compile(r"([A-H])\s+[-–—]\s+(?=\S)(?![A-Z]\b)"),  # A - B is an edge or a way
    re.compile(r"\(?([1-9])[.)]\s+(?=\D)"),
)

Labelled = list[tuple[str, str]]
"""The label of each option, in small letters, and its text."""


def options_and_answer(value: Any, answer: str) -> tuple[tuple[str, ...], str]:
    """The texts of options, and of them the one that `answer` is as it was written, else `answer` itself.

    No options where it may be the label of one and the text of another.
    """
    value = _unwrapped(value)
    labelled = _of_objects(value)
    if labelled is None:
        written = [without_emphasis(one_line(option)) for option in _listed(value)]
        labelled = _of_leads(written)
        if labelled is None:
            return without_letters(written), answer
        answer = next((text for one, (_, text) in zip(written, labelled, strict=True) if one == answer), answer)
    texts = dict(labelled)
    if texts.keys() == set(ascii_lowercase[: len(texts)]):  # letters mean their order, which agreement knows
        return tuple(texts[label] for label in sorted(texts)), _KEY.sub(r"option \1", answer)
    found = _LABEL.fullmatch(answer)
    meant = texts.get(found[1].lower()) if found else None
    if meant is not None and answer in texts.values() and answer != meant:
        return (), answer
    return tuple(texts.values()), meant or answer


def _unwrapped(value: Any) -> Any:
    """The list that stands in a text or alone in an object."""
    if isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    return (list_in(value) or value) if isinstance(value, str) else value


def _listed(value: Any) -> Sequence[Any]:
    """The options of a list, or of one text."""
    if isinstance(value, str):
        parted = [part.strip() for part in _PARTED.split(value) if part.strip()]
        ways = [parted, *([line for line in ends.split(value.strip()) if line] for ends in _LINES)]
        return next((parts for parts in ways if len(parts) == OPTIONS), [value])
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]


def _of_objects(value: Any) -> Labelled | None:
    """Of {"A": "red", …} and of [{"label": "A", "text": "red"}, …]; None where not each has a label of its own."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list) and all(isinstance(item, dict) for item in value):
        pairs = [pair for item in value if (pair := _pair(item))]
    labels = [_label(key) for key, _ in pairs]
    if not pairs or len(set(labels)) < len(labels) or "" in labels or len(pairs) < len(value):
        return None
    return [(label, without_emphasis(one_line(text))) for label, (_, text) in zip(labels, pairs, strict=True)]


def _pair(item: Mapping[str, Any]) -> tuple[Any, Any] | None:
    """The label of an option and what it says."""
    if len(item) == 1:
        return next(iter(item.items()))
    key = next((name for name in _LABEL_KEYS if name in item and _label(item[name])), None)
    return None if key is None else (item[key], {name: one for name, one in item.items() if name != key})


def _label(key: Any) -> str:
    found = _LABEL.fullmatch(str(key))
    return found[1].lower() if found else ""


def _of_leads(options: Sequence[str]) -> Labelled | None:
    """Of "A、red", "b) blue", "3. green": where each begins so, and the first letters or numbers stand once each."""
    for lead in _LEADS:
        found = [lead.match(option) for option in options]
        labels = [one[1].lower() for one in found if one]
        wanted = (ascii_lowercase, digits[1:])
        if len(labels) == len(options) > 1 and any(set(labels) == set(row[: len(labels)]) for row in wanted):
            texts = [option[one.end() :].strip() for one, option in zip(found, options, strict=True) if one]
            return list(zip(labels, texts, strict=True)) if len(set(texts)) == len(texts) else None
    return None
