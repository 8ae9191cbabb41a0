"""Whether a question asks for what its program computes: its kind, the rows and the values that it names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache

from dcvlr.records import Qa
from dcvlr.text.plurals import plural
from dcvlr.text.question_words import QuestionWords
from dcvlr.validation.proofs.evidence import UnprovenError, require
from dcvlr.validation.proofs.phrasings import Phrasings
from dcvlr.validation.proofs.program import Evaluation, Parsed
from dcvlr.validation.proofs.proof_columns import names_in
from dcvlr.validation.proofs.shapes import LAYOUTS, MEASURES, OF_TERMS, SHAPES

_VALUE = re.compile(r"[^\W\d_]+|(?:[^\s\w\"]|\b[A-Z]{2,3} ?)?\d(?:[\w.,]*\w)?(?:%| min\b)?")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
# Letters that no question has, in place of a label as it is printed, and as it begins a sentence.
_LABEL, _AT_BEGINNING = "\U00013000", "\U00013001"
_ROW = re.compile(rf'(?<!\w)"?[{_LABEL}{_AT_BEGINNING}]"?(?!\w)')
_ROW_WITH_ARTICLE = re.compile(rf'(?<!\w)(?:[Tt]he )?"?[{_LABEL}{_AT_BEGINNING}]"?(?!\w)')
_PARTS = {
    "corners": {"top left", "top right", "bottom left", "bottom right"},
    "across": {"left", "middle", "right"},
    "down": {"top", "middle", "bottom"},
}
_TERMS = re.compile(r"\b(?:pay\w*|paid|due|terms)\b.*\bwithin \d+ days\b", re.IGNORECASE)


def check_asked(qa: Qa, kind: str, parsed: Parsed, evaluation: Evaluation, phrasings: Phrasings) -> None:
    """Raises `UnprovenError` where question, kind and program are not about the same."""
    language = phrasings.language
    require(kind in SHAPES, f"{kind!r} is no kind of question")
    bound: dict[str, ast.expr] = {}
    if not _fits(parsed.result, _shape(kind), bound):
        raise UnprovenError(f"a question of the kind {kind!r} is answered by {SHAPES[kind]}")
    _check_kind(kind, parsed, bound, evaluation)
    for one in evaluation.cited.evidence.values():
        if one.kind == "picture" and language.ordinals[one.picture - 1] not in one.text.split():
            raise UnprovenError(f"{one.ref} is not {one.text!r}")
    computed = qa.computed_question or qa.question
    same = computed == qa.question or _digits(qa.question) == _digits(computed)
    require(same, "the question has other numbers than its computed words")
    for letter in "xyz":
        named = letter not in bound or _label(bound[letter], evaluation).casefold() in qa.question.casefold()
        require(named, f"the question does not name {letter}")
    question = _with_letters(computed, bound, evaluation, phrasings)
    fields = "".join(letter for letter in "ab" if letter in bound and _field(bound[letter], evaluation))
    patterns = phrasings.patterns(kind, fields, _layout(evaluation))
    asked = next((found for one in patterns if (found := one.fullmatch(question))), None)
    if asked is None:
        raise UnprovenError(f"the question is not one of the kind {kind!r} about the rows and values of its program")
    if listed := asked.groupdict().get("listed"):
        require(_lists_rows(listed, bound, evaluation, language), "the question lists other rows than its program has")


def _check_kind(kind: str, parsed: Parsed, bound: Mapping[str, ast.expr], evaluation: Evaluation) -> None:
    """What a kind of question says beyond the shape of its program."""
    if kind in MEASURES:
        measured = {name for column in parsed.columns.values() for name in _reads(column)}
        require(measured == {MEASURES[kind]}, f"{kind!r} does not compare {MEASURES[kind]}")
    others = sum(one.kind != "pixels" for one in evaluation.cited.evidence.values())
    if kind in LAYOUTS:
        is_whole = _layout(evaluation) in LAYOUTS[kind] and others == ("x" in bound)
        require(is_whole, f"{kind!r} does not compare all parts of a picture and nothing else")
    else:
        require(others == len(evaluation.cited.evidence), f"{kind!r} is not about parts of a picture")
    if kind == "percent_more":
        require(_is_first_larger(parsed.result, evaluation), "the first is not the larger one")
    if kind in OF_TERMS:
        require(_is_of_terms(bound["b"], evaluation), "the days are not those within which one has to pay")


def _layout(evaluation: Evaluation) -> str | None:
    """How the parts of a picture that are compared lie; None unless they are all parts of one layout, each once."""
    refs = [ref for ref, one in evaluation.cited.evidence.items() if one.kind == "pixels"]
    rows = sorted(evaluation.reader.labels.get(ref, "") for ref in refs)
    return next((layout for layout, parts in _PARTS.items() if sorted(parts) == rows), None)


def _is_first_larger(result: ast.expr, evaluation: Evaluation) -> bool:
    """Of what is compared; only then is it so many percent more."""
    assert isinstance(result, ast.Call)
    first, second = (evaluation.value(one) for one in result.args)
    return isinstance(first, Fraction) and isinstance(second, Fraction) and first > second


def _is_of_terms(days: ast.expr, evaluation: Evaluation) -> bool:
    """Whether the number stands in a line that says within how many days one has to pay."""
    assert isinstance(days, ast.Call)
    return any(_TERMS.search(evaluation.cited.one(ref).text) for ref in names_in(days))


def _lists_rows(listed: str, bound: Mapping[str, ast.expr], evaluation: Evaluation, language: QuestionWords) -> bool:
    """Whether a question lists all rows of its column, but for those that it names, and nothing else."""
    named = {letter: _label(node, evaluation) for letter, node in bound.items() if letter in "xyz"}
    for letter, label in named.items():
        listed = listed.replace(f"⟦{letter}⟧", label)  # of a hot dog, where a dog is named
    ordered, last, called = (language.phrases[key] for key in ("ordered", "and_last", "thing"))
    parts = re.split("|".join(map(re.escape, (ordered, last.format(some="", last="")))), listed.casefold())
    rows = [_label(ast.Name(row.ref), evaluation) for row in evaluation.columns[ast.unparse(bound["c"])]]
    wanted = [row.casefold() for row in rows if row not in named.values()]
    return sorted(parts) in (sorted(wanted), sorted(called.format(text=row).casefold() for row in wanted))


def _digits(text: str) -> list[str]:
    return sorted(_DIGITS.findall(text))


def _with_letters(question: str, bound: Mapping[str, ast.expr], evaluation: Evaluation, phrasings: Phrasings) -> str:
    """The question with ⟦x⟧ for the row that the program calls x, and ⟦n⟧ for its value n."""
    language = phrasings.language
    rows = {letter: _label(node, evaluation) for letter, node in bound.items() if letter in "xyz"}
    row = _ROW if evaluation.is_of_objects else _ROW_WITH_ARTICLE
    for letter, label in sorted(rows.items(), key=lambda one: -len(one[1])):
        question = _with_row(question, letter, label, row)
    for letter in "ab":
        field = _field(bound[letter], evaluation) if letter in bound else ""
        called = language.phrases["field"].format(text=field)
        if field:
            question = question.replace(called, f"⟦{letter}⟧").replace(_capital(called), f"⟦{letter}⟧")
    if evaluation.is_of_several:
        for letter, column in (("p", "c"), ("q", "d")):
            node = bound.get(column)
            if isinstance(node, ast.Name) and not _is_of_pictures(node.id, evaluation):
                word = language.ordinals[evaluation.picture_of(node.id) - 1]
                question = re.sub(rf"\b{re.escape(word)}\b", f"⟦{letter}⟧", question)
    for letter in "gh":
        if letter in bound:
            question = re.sub(rf"(?<!\w){_any_case(ast.literal_eval(bound[letter]))}(?!\w)", f"⟦{letter}⟧", question)
    shares = (one.text.partition("% ") for one in evaluation.cited.evidence.values() if one.kind == "pixels")
    colours = {colour for _, unit, colour in shares if unit}
    require(len(colours) < 2, "shares of different colours are compared")
    for colour in colours:
        question = re.sub(rf"\b{re.escape(colour)}\b", "⟦colour⟧", question)
    for letter in "nm":
        if letter in bound:
            question = _with_letter(question, letter, str(ast.literal_eval(bound[letter])), phrasings)
    return question


def _with_letter(question: str, letter: str, value: str, phrasings: Phrasings) -> str:
    if not _DIGITS.fullmatch(value):
        return question.replace(value, f"⟦{letter}⟧")

    number = float(value)

    def instead(found: re.Match[str]) -> str:
        return f"⟦{letter}⟧" if phrasings.number(found[0]) == number else found[0]

    return _VALUE.sub(instead, question)


def _with_row(question: str, letter: str, label: str, row: re.Pattern[str]) -> str:
    """With the letter for a label that is no part of a longer word; in quotation marks, with a capital, or without."""
    marked = question.replace(label, _LABEL).replace(_capital(label), _AT_BEGINNING)
    return row.sub(f"⟦{letter}⟧", marked).replace(_LABEL, label).replace(_AT_BEGINNING, _capital(label))


def _any_case(label: str) -> str:
    """The label, which begins with a capital where it begins a sentence."""
    return f"{re.escape(label)}|{re.escape(_capital(label))}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _is_of_pictures(name: str, evaluation: Evaluation) -> bool:
    """Whether each row of a column is a whole picture."""
    return all(evaluation.cited.one(row.ref).kind == "picture" for row in evaluation.columns[name])


def _label(node: ast.expr, evaluation: Evaluation) -> str:
    ref = node.id if isinstance(node, ast.Name) else ast.literal_eval(node)
    one = evaluation.cited.one(ref)
    if one.kind == "object":
        return plural(one.text) if evaluation.reader.is_of_counts else one.text
    return evaluation.reader.labels.get(ref) or evaluation.cited.label(ref)


def _field(node: ast.expr, evaluation: Evaluation) -> str:
    """The printed label of a single value: beside it, or in its line before a colon; empty where it may have none."""
    match node:
        case ast.Call(func=ast.Name(id="entry"), args=[ast.Name(id=ref), _]):
            return evaluation.cited.label(ref)
        case ast.Call(args=[ast.Name(id=ref)]) if ref in evaluation.cited.evidence:
            return evaluation.cited.label(ref).partition(":")[0].strip()
    return ""


@lru_cache(maxsize=512)
def _shape(kind: str) -> ast.expr:
    return ast.parse(SHAPES[kind], mode="eval").body


def _fits(given: ast.expr, wanted: ast.expr, bound: dict[str, ast.expr]) -> bool:
    """Whether the program has the shape; `bound` gets what stands for each letter, which is the same everywhere."""
    if isinstance(wanted, ast.Name):
        return _same(bound.setdefault(wanted.id, given), given) and _is_sort(given, wanted.id)
    if isinstance(wanted, ast.Constant):
        return _same(given, wanted)
    assert isinstance(wanted, ast.Call)
    assert isinstance(wanted.func, ast.Name)
    return (
        isinstance(given, ast.Call)
        and isinstance(given.func, ast.Name)
        and given.func.id == wanted.func.id
        and len(given.args) == len(wanted.args)
        and all(_fits(a, b, bound) for a, b in zip(given.args, wanted.args, strict=True))
    )


def _same(one: ast.expr, other: ast.expr) -> bool:
    if isinstance(one, ast.Name):
        return isinstance(other, ast.Name) and one.id == other.id
    return one is other or ast.dump(one) == ast.dump(other)


def _reads(column: ast.Call) -> Iterator[str]:
    """How the value of each entry is read."""
    for one in column.args:
        match one:
            case ast.Call(func=ast.Name(id="entry"), args=[_, ast.Call(func=ast.Name(id=name)), *_]):
                yield name


def _is_sort(given: ast.expr, letter: str) -> bool:
    if letter in "cd":
        return isinstance(given, ast.Name) and len(given.id) == 1
    if letter in "nmgh":
        return isinstance(given, ast.Constant)
    if letter in "xyz":
        return isinstance(given, ast.Name | ast.Constant)
    return isinstance(given, ast.Call)
