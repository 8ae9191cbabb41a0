"""The words of computed questions in one language, from a YAML file: `languages/en.yaml`, or one of a user's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path
from string import Formatter
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from dcvlr.identity import digest
from dcvlr.settings import SettingError, checked, did_you_mean

_LANGUAGES = Path(__file__).parent / "languages"


@dataclass(frozen=True, kw_only=True)
@checked
class QuestionWords:
    """Data only; the keys are explained in `languages/en.yaml`."""

    rows: Mapping[str, tuple[str, str, str]]
    columns: Mapping[str, str]
    counted: Mapping[str, str]
    fields: Mapping[str, str]
    kinds: Mapping[str, tuple[str, str, str, str, str, str]]
    ordinals: Annotated[Sequence[str], Meta(min_length=6)]
    numbers: Sequence[str]
    places: Annotated[Sequence[str], Meta(min_length=3)]
    weekdays: Annotated[Sequence[str], Meta(min_length=7, max_length=7)]
    phrases: Mapping[str, str]
    questions: Mapping[str, Mapping[str, Sequence[str]]]
    steps: Mapping[str, str]
    parts: Mapping[str, Mapping[str, str]]
    groups: Mapping[str, tuple[Sequence[str], Sequence[str]]]
    ungrouped: Sequence[str]
    absent: Mapping[str, Sequence[str]]
    absent_rows: Mapping[str, Sequence[str]]
    documents: Mapping[str, Sequence[str]]
    sums: Mapping[str, tuple[Sequence[str], Sequence[str]]]
    people: Sequence[str]
    dated: tuple[Sequence[str], Sequence[str]]
    parcels: Sequence[str]
    yes: str
    no: str


@dataclass(frozen=True, kw_only=True)
@checked
class WordingFile:
    """`file` is a language that dcvlr brings, such as `en`, or the path of a YAML file like it.

    A file that begins with `extends: en` names only what differs. Read at once, since a config that composes a thousand
    phrasings is slow. Raises `SettingError` for a file that is missing or lacks words.
    """

    file: str

    def __post_init__(self) -> None:
        assert self.words

    @cached_property
    def words(self) -> QuestionWords:
        return _words(self.file, _content(self.file))

    @property
    def content_digest(self) -> str:
        """What stands for all these words where settings are listed."""
        return digest(msgspec.json.encode(self.words, order="sorted"))


@lru_cache(maxsize=4)  # a writer and its proof have the same
def _words(file: str, content: bytes) -> QuestionWords:
    return _converted(file, _read(file, content))


def _content(file: str) -> bytes:
    own, brought = file.endswith((".yaml", ".yml")), _brought()
    if not own and file not in brought:
        names = f"{', '.join(brought)}, or a file of your own that ends in .yaml"
        raise SettingError("file", file, f"there is {names}{did_you_mean(file, brought)}")
    path = Path(file) if own else _LANGUAGES / f"{file}.yaml"
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingError("file", file, f"{error.strerror}: a file of words is needed") from None


def _read(file: str, content: bytes) -> dict[str, Any]:
    try:
        found = msgspec.yaml.decode(content, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise SettingError("file", file, f"a YAML file of words is needed: {error}") from None
    extended, brought = found.pop("extends", None), _brought()
    if extended in brought:
        return _laid_over(_read(extended, _content(extended)), found)
    if extended is not None:
        raise SettingError("file", file, f"extends: {extended}: there is {', '.join(brought)}")
    return found


def _brought() -> list[str]:
    """The languages that dcvlr brings."""
    return sorted(path.stem for path in _LANGUAGES.glob("*.yaml"))


def _laid_over(base: dict[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """`base`, with what `own` names in its place; a list is replaced as a whole."""
    for key, value in own.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        base[key] = _laid_over(base[key], value) if both else value
    return base


def _converted(file: str, found: dict[str, Any]) -> QuestionWords:
    try:
        words = msgspec.convert(found, QuestionWords)
    except msgspec.ValidationError as error:
        raise SettingError("file", file, str(error)) from None
    english = words if file == "en" else _words("en", _content("en"))
    needed = {name: getattr(english, name).keys() for name in ("questions", "phrases", "steps", "kinds")}
    needed["rows"] = {"category"}  # what a row is called whose heading is not among `rows`
    needed |= {f"parts.{layout}": parts.keys() for layout, parts in english.parts.items()}
    for name, keys_needed in needed.items():
        field, _, layout = name.partition(".")
        there = getattr(words, field)
        if missing := sorted(keys_needed - (there.get(layout, {}) if layout else there).keys()):
            raise SettingError("file", file, f"{name}.{missing[0]} is missing: languages/en.yaml shows what is needed")
    keys = [field.name for field in fields(QuestionWords)]
    parts = [(f"parts.{layout}.", words.parts[layout], list(known)) for layout, known in english.parts.items()]
    for prefix, there, known in (("", found, keys), ("questions.", words.questions, list(english.questions)), *parts):
        if unknown := sorted(there.keys() - known):
            raise SettingError("file", file, f"there is no {prefix}{unknown[0]}{did_you_mean(unknown[0], known)}")
    if unasked := [kind for kind, phrasings in words.questions.items() if not phrasings.get("any")]:
        raise SettingError("file", file, f"questions.{unasked[0]}.any: at least one phrasing is needed")
    _require_known_slots(file, words, english)
    return words


def _require_known_slots(file: str, words: QuestionWords, english: QuestionWords) -> None:
    """Raises `SettingError` for a {slot} that English does not have; a single letter, such as {n}, not of the kind."""
    anywhere = {slot for phrasings in english.questions.values() for slot in _slots(file, *phrasings.values())}
    shared = {slot for slot in anywhere if len(slot) > 1}
    found = [
        (f"questions.{kind}", _slots(file, *own.values()), shared | _slots(file, *english.questions[kind].values()))
        for kind, own in words.questions.items()
    ]
    found.append(("phrases", _slots(file, words.phrases.values()), _slots(file, english.phrases.values())))
    found.append(("steps", _slots(file, words.steps.values()), _slots(file, english.steps.values())))
    for key, slots, known in found:
        if unknown := sorted(slots - known):
            nothing = f"{key}: there is nothing for {{{unknown[0]}}}{did_you_mean(unknown[0], sorted(known))}"
            raise SettingError("file", file, nothing)


def _slots(file: str, *texts: Iterable[str]) -> set[str]:
    """What stands in braces; {X} is {x} at the beginning of a sentence, and what column c has, d has too."""
    try:
        found = {slot for each in texts for text in each for _, slot, _, _ in Formatter().parse(text)}
    except ValueError as error:
        raise SettingError("file", file, f"braces are not closed: {error}") from None
    plain = {slot.lower() if len(slot) == 1 else slot for slot in found if slot is not None}
    return {re.sub(r"^d\.", "c.", slot) for slot in plain}
