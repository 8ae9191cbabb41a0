"""Whether the words of a question are those that the evidence gives to the rows, columns and values of its program."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial

from dcvlr.text.plurals import plural
from dcvlr.text.question_words import QuestionWords
from dcvlr.validation.proofs.column_names import SpokenColumn
from dcvlr.validation.proofs.evidence import UnprovenError, require
from dcvlr.validation.proofs.phrasings import Phrasings, SlotWords, anything
from dcvlr.validation.proofs.premises import LITERAL
from dcvlr.validation.proofs.program import Evaluation
from dcvlr.validation.proofs.value_names import documents_named, value_names

_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_UNITS = {"percent": re.compile("%"), "duration": re.compile(r" ?min(?:ute)?s?")}
_BEFORE_COLON = re.compile(r"([^\W\d][^:]*?)\s*:\s*\S")
_BEFORE_DATE = re.compile(
    r"([A-Za-z][A-Za-z ]+?)(?: on)? \d[^A-Za-z]+(?:[A-Za-z]{3,9}[ ,-]+\d{4})?"
)  # "Signed 2024-11-08"
_DAY = re.compile(r"\d[/.-]\d")
_DIGIT = re.compile(r"\d")

Bound = Mapping[str, ast.expr]


def check_words(
    kind: str,
    question: str,
    answer: str,
    bound: Bound,
    layout: str | None,
    evaluation: Evaluation,
    phrasings: Phrasings,
) -> None:
    """Raises `UnprovenError` unless a phrasing of the kind becomes the question by what the evidence says.

    `layout` is how parts of a picture lie, for kinds that have phrasings for it.
    """
    words = {letter: phrasings.columns(evaluation.headers[node.id], letter) for letter, node in _columns(bound)}
    slots = _slots(bound, words, answer, evaluation, phrasings)
    _check_literal(kind, bound, words, evaluation, phrasings.language)
    spoken = _registers(kind, words, layout, phrasings.language)
    if phrasings.allow(kind, spoken, question, slots):
        return
    for reason, names in (
        ("the question lists other rows than its program has", ("kinds", "things")),
        ("the question calls a column otherwise than the evidence does", [one for one in slots if one[1:2] == "."]),
        ("the question calls a value otherwise than the evidence does", ("a", "b")),
    ):
        require(not phrasings.allow(kind, spoken, question, slots | dict.fromkeys(names, anything)), reason)
    raise UnprovenError(f"the question is not one of the kind {kind!r} about the rows and values of its program")


def row_name(node: ast.expr, evaluation: Evaluation) -> str:
    ref = node.id if isinstance(node, ast.Name) else ast.literal_eval(node)
    one = evaluation.cited.one(ref)
    if one.kind == "object":
        return plural(one.text) if evaluation.reader.is_of_counts else one.text
    return evaluation.reader.labels.get(ref) or evaluation.cited.label(ref)


def _columns(bound: Bound) -> Iterator[tuple[str, ast.Name]]:
    yield from ((letter, node) for letter, node in bound.items() if letter in "cde" and isinstance(node, ast.Name))


def _registers(
    kind: str, words: Mapping[str, SpokenColumn], layout: str | None, language: QuestionWords
) -> Collection[str]:
    asked = language.questions.get(kind, {})
    if layout is not None and not asked.keys().isdisjoint(("across", "down")):
        return (layout,) if layout in asked else ("any",)
    return ("any", *words["c"].registers) if "c" in words else tuple(asked)


def _check_literal(
    kind: str, bound: Bound, words: Mapping[str, SpokenColumn], evaluation: Evaluation, language: QuestionWords
) -> None:
    """A phrasing that says "the total" of itself is of a total."""
    for letter, key in LITERAL.get(kind, {}).items():
        if letter in words:
            fits = key in words[letter].registers or language.columns.get(key) in words[letter].names
        else:
            fits = language.fields[key].casefold() in _value_names(bound[letter], evaluation, language)
        require(fits, f"{kind!r} is of {key}, and the evidence does not say that {ast.unparse(bound[letter])} is")


def _slots(
    bound: Bound, words: Mapping[str, SpokenColumn], answer: str, evaluation: Evaluation, phrasings: Phrasings
) -> dict[str, SlotWords]:
    """What may stand in each slot of a phrasing."""
    language = phrasings.language
    slots: dict[str, SlotWords] = {"large": ("large",), "round": _roundings(answer, language)}
    for letter, node in bound.items():
        if letter in "xyz":
            slots[letter] = _row_forms(row_name(node, evaluation), phrasings.row_forms)
        elif letter in "ab":
            slots[letter] = _value_names(node, evaluation, language)
        elif letter in "gh":
            slots[letter] = (str(ast.literal_eval(node)).casefold(),)
        elif letter in "nm":
            slots |= _number_slots(letter, node, bound, evaluation, language)
    if not words:  # of a row that is nowhere: it has no value in whatever column
        slots |= dict.fromkeys(("c.of", "c.prep"), anything)
    for letter, name in _columns(bound):
        slots |= words[letter].slots
        called = documents_named(evaluation.document, language)
        slots[f"{letter}.document"] = tuple(language.rows[key][0].casefold() for key in called)
        if evaluation.is_of_several and not evaluation.is_of_pictures(name.id):
            nth = language.ordinals[evaluation.picture_of(name.id) - 1]
            slots["pqr"["cde".index(letter)]] = (nth.casefold(),)
        if letter == "c":
            slots |= _listed(name.id, bound, evaluation, language)
            slots["colour"] = (evaluation.headers[name.id].colour.casefold(),)
    return slots


def _row_forms(label: str, forms: Collection[str]) -> frozenset[str]:
    """A row as it is called within a sentence, in quotation marks or without."""
    return frozenset(form.format(text=text).casefold() for form in forms for text in (label, f'"{label}"'))


def _roundings(answer: str, language: QuestionWords) -> tuple[str, ...]:
    """What may be said of rounding: as many decimals as the answer has."""
    decimals = len(_DIGIT.findall(answer.partition(".")[2]))
    precision = language.places[decimals : decimals + 1]
    return ("", *(language.phrases["rounded"].format(places=one).casefold() for one in precision))


def _number_slots(
    letter: str, node: ast.expr, bound: Bound, evaluation: Evaluation, language: QuestionWords
) -> dict[str, SlotWords]:
    value = ast.literal_eval(node)
    if isinstance(value, str):
        return {letter: (value.casefold(),)}
    column = bound.get("d" if letter == "m" and "d" in bound else "c")
    read = evaluation.headers[ast.unparse(column)].read if column else ""
    words = [language.numbers[value]] if isinstance(value, int) and 0 <= value < len(language.numbers) else []
    unit = _UNITS[read] if read in _UNITS and evaluation.is_limit(node) else None

    def ends(text: str, at: int) -> Iterable[int]:
        yield from (at + len(word) for word in words if text.startswith(word, at))
        found = _NUMBER.match(text, at)
        if found and float(found[0].replace(",", "")) == value:
            end = unit.match(text, found.end()) if unit else found
            yield from (end.end(),) if end else ()

    nth = language.ordinals[value - 1 : value] if isinstance(value, int) and value > 0 else ()
    return {letter: ends, "nth": tuple(word.casefold() for word in nth)} if letter == "n" else {letter: ends}


def _listed(name: str, bound: Bound, evaluation: Evaluation, language: QuestionWords) -> dict[str, SlotWords]:
    """All rows of a column but for those that the question names otherwise, as one lists them; few phrasings do."""
    phrases = language.phrases

    def listed(called: str, text: str, at: int) -> Iterable[int]:
        named = {row_name(node, evaluation) for letter, node in bound.items() if letter in "xyz"}
        rows = [row_name(ast.Constant(row.ref), evaluation) for row in evaluation.columns[name]]
        texts = [called.format(text=row) for row in rows if row not in named]
        front = phrases["ordered"].join(texts[:-1])
        whole = (phrases["and_last"].format(some=front, last=texts[-1]) if front else "".join(texts)).casefold()
        return (at + len(whole),) if text.startswith(whole, at) else ()

    return {"kinds": partial(listed, "{text}"), "things": partial(listed, phrases["thing"])}


def _value_names(node: ast.expr, evaluation: Evaluation, language: QuestionWords) -> frozenset[str]:
    documents = documents_named(evaluation.document, language)
    match node:
        case ast.Call(func=ast.Name(id="entry"), args=[label, ast.Call(func=ast.Name(id=read))]):
            return value_names(row_name(label, evaluation), read, documents, language)
        case ast.Call(func=ast.Name(id=read), args=[ast.Name(id=ref)]) if ref in evaluation.cited.evidence:
            return value_names(_inline_label(evaluation.cited.label(ref), read), read, documents, language)
    return frozenset()


def _inline_label(text: str, read: str) -> str:
    """What stands in a line before its value: before a colon, or of an amount before the last word."""
    found = _BEFORE_COLON.match(text) or (_BEFORE_DATE.fullmatch(text) if read == "date" else None)
    if found:
        return "" if _DAY.search(found[1]) else found[1]
    if read in ("each", "pieces"):
        return re.split(r"\d", text, maxsplit=1)[0].strip()
    return text.rpartition(" ")[0] if read == "money" else ""
