"""From programs to questions that a person would ask; all words stand in one file for each language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from string import Formatter

from dcvlr.synthesis.programs.expressions import (
    Column,
    Constant,
    Expression,
    KindGroup,
    Label,
    NotStated,
    OpCall,
    PageLines,
    Read,
    Sought,
    Words,
)
from dcvlr.synthesis.programs.of_days import Weekday
from dcvlr.synthesis.scene.charts import is_counted
from dcvlr.synthesis.scene.values import Quantity, shown
from dcvlr.text.plurals import plural
from dcvlr.text.question_words import QuestionWords

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_PERIOD = re.compile(r"q\d|\d{4}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*")
_COMPARED = ("most", "least", "more", "less", "above", "below")
_OF_PARTS = frozenset({"corners", "across", "down"})  # registers of columns whose rows are parts of a picture
_PLAIN_NAME = re.compile(r"[A-Z][a-z]+(?: [A-Za-z0-9][\w.%-]*)*(?: \(\d+\))?|[a-z][a-z ]+")


@dataclass(frozen=True, slots=True)
class ColumnWords:
    """What a phrasing can say of a column; `Above` begins a sentence, `label` is its heading as printed.

    `of` is what its values are, `a` the same with an article; `counted` what they count, empty where they do not.
    `document` is what the page is called; `top` and `bottom` are what its first and last row have, `over` and `under`
    stand before a limit, `unit` behind it.
    """

    row: str
    rows: str
    prep: str
    of: str
    a: str
    label: str
    most: str
    least: str
    more: str
    less: str
    above: str
    below: str
    counted: str
    document: str
    top: str
    bottom: str
    over: str
    under: str
    unit: str

    @property
    def Above(self) -> str:  # noqa: N802 - the wording file's name for the word at the beginning of a sentence
        return capital(self.above)

    @property
    def Below(self) -> str:  # noqa: N802
        return capital(self.below)


@dataclass(frozen=True)
class Wording:
    """What programs are called in one language; words of columns are kept, since each step asks for them."""

    language: QuestionWords
    _columns: dict[tuple[Words, str], ColumnWords] = field(default_factory=dict, init=False, repr=False, compare=False)

    def question(self, kind: str, names: Mapping[str, Expression], result: object, rng: Random) -> str:
        """One phrasing of the kind, drawn, with its names filled in."""
        first = next((one for one in names.values() if isinstance(one, Column)), None)
        phrasings = self.language.questions[kind]
        register = first.words.register if first else ""
        second = "counted" if first is not None and self._counted(first) else ""
        template = rng.choice(phrasings.get(register) or phrasings.get(second) or phrasings["any"])
        filled = {slot: self._slot(slot, names, register, result) for slot in _slots(template)}
        return capital(chosen(template, rng).format(**filled))

    def says(self, kind: str, question: str) -> bool:
        """Whether a question calls the page a receipt, an invoice, …"""
        return re.search(rf"\b{re.escape(self._rows(kind)[0])}\b", question, re.IGNORECASE) is not None

    def _slot(self, slot: str, names: Mapping[str, Expression], register: str, result: object) -> object:
        """What stands in a phrasing for a name, for {X} at the beginning of a sentence, or for a word of its own."""
        if slot in names:
            return self.named(names[slot], register)
        if slot.lower() in names:
            return capital(str(self.named(names[slot.lower()], register)))
        columns = [one for one in names.values() if isinstance(one, Column)]
        match slot:
            case "nth":
                return self._nth(names.get("n"))
            case "round":
                return self.rounding(result)
            case "large":
                return slot
            case "colour":
                return columns[0].words.of
            case "kinds":
                return self._kinds(columns[0])
            case "things":
                return self._compared(columns[0], names)
            case "p" | "q":
                return self.nth(columns["pq".index(slot)].picture)
        raise KeyError(slot)

    def named(self, one: Expression, register: str) -> object:
        if isinstance(one, Column):
            return self.column(one)
        if isinstance(one, Label):
            return self.label(one.text, register)
        return self.phrase(one)

    def label(self, text: str, register: str) -> str:
        """A row as it is called within a sentence: goods get an article, what is no plain name quotation marks.

        Objects that are counted are called by their plural.
        """
        if register == "objects":
            return plural(text)
        if not _PLAIN_NAME.fullmatch(text) and register in ("items", "amounts"):
            return f'"{text}"'
        key = f"label_{register}" if f"label_{register}" in self.language.phrases else "label"
        return self.language.phrases[key].format(text=text)

    def phrase(self, one: Expression) -> str:
        """A value in words, as deep as it was calculated: "the price of the Croissant"."""
        match one:
            case Constant(value):
                return self._constant(value)
            case Read(name=name):
                return self.language.fields.get(name) or self.language.phrases["field"].format(text=one.label)
            case Label(text) | KindGroup(text) | Sought(text):
                return text
            case PageLines(lines):
                return str(len(lines))
            case Column():
                return self.column(one).rows
            case OpCall(op, args):
                column = next((each for each in args if isinstance(each, Column)), None)
                register = column.words.register if column else ""
                key = f"{op}_{register}" if f"{op}_{register}" in self.language.phrases else op
                slots: dict[str, object] = {"these": "these", "c": self.column(column) if column else None}
                slots |= {name: self.named(each, register) for name, each in zip(("a", "b"), args, strict=False)}
                slots["x"] = slots["n"] = slots.get("b", "")
                return self.language.phrases.get(key, "{a}").format(**slots)

    def column(self, column: Column) -> ColumnWords:
        key = column.words, column.entries[0].value.kind
        if key not in self._columns:
            self._columns[key] = self._column(column)
        return self._columns[key]

    def _column(self, column: Column) -> ColumnWords:
        words, kind = column.words, column.entries[0].value.kind
        row, rows, prep = self._rows(words.rows)
        compared = dict(zip(_COMPARED, self.language.kinds[kind], strict=True))
        of, counted, phrases = self._of(words), self._counted(column), self.language.phrases
        article = phrases["one_of_vowel" if _first_letter(of) in phrases["vowels"] else "one_of"].format(text=of)
        sort = "_counted" if counted else ""
        slots = {"of": of, "a": article, "counted": counted, **compared}
        limits = {key: phrases[f"{key}{sort}"].format(**slots) for key in ("top", "bottom", "over", "under", "unit")}
        label, document = words.of.capitalize(), self._rows(words.document)[0]
        return ColumnWords(row=row, rows=rows, prep=prep, label=label, document=document, **slots, **limits)

    def rounding(self, result: object) -> str:
        """How a number is to be rounded, where the answer is rounded; empty for money, which comes out even."""
        if not isinstance(result, Quantity) or result.kind == "money" or not result.notation[:1].isdigit():
            return ""
        return self.language.phrases["rounded"].format(places=self.language.places[int(result.notation[0])])

    def answer(self, value: object) -> str:
        if isinstance(value, bool):
            return self.language.yes if value else self.language.no
        if isinstance(value, Quantity):
            return shown(value)
        if isinstance(value, str):
            return value
        if isinstance(value, KindGroup | Sought):
            return value.name
        if isinstance(value, NotStated):
            return self.language.phrases["not_stated"]
        if isinstance(value, Weekday):
            return self.language.weekdays[value.number]
        if isinstance(value, tuple):
            return self.language.phrases["ordered"].join(value)
        return str(value)

    def _kinds(self, column: Column) -> str:
        return self._listed([plural(one.label) for one in column.entries])

    def _compared(self, column: Column, names: Mapping[str, Expression]) -> str:
        """The rows of a column but for those that the question names otherwise: "the bus, the cat and the dog"."""
        named = {one.text for one in names.values() if isinstance(one, Label)}
        called = self.language.phrases["thing"]
        return self._listed([called.format(text=one.label) for one in column.entries if one.label not in named])

    def _listed(self, texts: Sequence[str]) -> str:
        if len(texts) < 2:
            return "".join(texts)
        front = self.language.phrases["ordered"].join(texts[:-1])
        return self.language.phrases["and_last"].format(some=front, last=texts[-1])

    def nth(self, position: int) -> str:
        return self.language.ordinals[position - 1]

    def nth_row(self, rows: str, position: int) -> str:
        """What one of several things of a kind is called: "the second receipt"."""
        return self.language.phrases["nth_row"].format(nth=self.nth(position), row=self._rows(rows)[0])

    def _nth(self, rank: Expression | None) -> str:
        if not isinstance(rank, Constant) or rank.value.kind != "number":
            return ""
        return self.nth(int(rank.value.number)) if 1 <= rank.value.number <= len(self.language.ordinals) else ""

    def _constant(self, value: Quantity) -> str:
        whole = value.kind == "number" and value.notation == "0|" and value.number < len(self.language.numbers)
        return self.language.numbers[int(value.number)] if whole and value.number > 1 else shown(value)

    def _rows(self, name: str) -> Sequence[str]:
        if name in self.language.rows:
            return self.language.rows[name]
        return (name, plural(name), "of") if name.isalpha() and name.isascii() else self.language.rows["category"]

    def _counted(self, column: Column) -> str:
        """What the values of a column count: "points"; of a series of a chart "votes in Class A"."""
        words = column.words
        if column.entries[0].value.kind != "number":
            return ""
        if words.counts:
            return self.language.phrases["series_counted"].format(counted=words.counts, text=words.of)
        is_plural = words.register == "chart" and words.of not in self.language.columns and is_counted(words.of)
        return words.of if is_plural else self.language.counted.get(words.of, "")

    def _of(self, words: Words) -> str:
        if words.counts:
            counted = self.language.phrases["series_counted"].format(counted=words.counts, text=words.of)
            return self.language.phrases["counted"].format(text=counted)
        if words.register == "series":
            return self.language.phrases["series"].format(text=words.of)
        if words.register == "list":
            return self.language.phrases["list"].format(text=words.of)
        if words.of in self.language.columns:
            return self.language.columns[words.of]
        if words.register == "chart":
            whole = "unknown_column" if words.of.endswith(")") else "plain"  # a title with what it counts in
            key = "counted" if is_counted(words.of) else whole
        elif words.register in _OF_PARTS:
            key = "counted_share" if words.of != "mean lightness" else "plain"
        else:
            key = "unknown_period" if _PERIOD.fullmatch(words.of) else "unknown_column"
        text = words.of.capitalize() if key.startswith("unknown") else words.of[0].lower() + words.of[1:]
        return self.language.phrases[key].format(text=text)


@lru_cache(maxsize=4096)
def _slots(template: str) -> frozenset[str]:
    """What a phrasing speaks of: of {c.row} it is c."""
    return frozenset(slot.partition(".")[0] for _, slot, _, _ in Formatter().parse(template) if slot)


def chosen(template: str, rng: Random) -> str:
    """One of the ways that `[a|b]` leaves open."""
    return _CHOICE.sub(lambda found: rng.choice(found[1].split("|")), template)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _first_letter(text: str) -> str:
    """Small, and not the quotation mark in front: an "Ordered" figure."""
    return text.lstrip('"')[:1].lower()
