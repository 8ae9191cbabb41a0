"""Whether a question asks for what its program computes: its kind, and the rows, columns and values that it names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from dcvlr.records import Qa
from dcvlr.text.question_words import QuestionWords
from dcvlr.validation.proofs.column_headers import headings
from dcvlr.validation.proofs.evidence import UnprovenError, ref_of, require
from dcvlr.validation.proofs.named import check_words, row_name
from dcvlr.validation.proofs.phrasings import Phrasings
from dcvlr.validation.proofs.premises import (
    LAYOUTS,
    LITERAL,
    MEASURES,
    OF_ALL_PRICES,
    OF_PERIODS,
    OF_TERMS,
    WHOLE_PERCENT,
)
from dcvlr.validation.proofs.program import Evaluation, Parsed
from dcvlr.validation.proofs.proof_columns import names_in
from dcvlr.validation.proofs.shapes import SHAPES

_CYCLES = (
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
)
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_TERMS = re.compile(r"\b(?:pay\w*|paid|due|terms)\b.*\bwithin \d+ days\b", re.IGNORECASE)

_ORDERED = frozenset(kind for kind, shape in SHAPES.items() if re.search(r"\b(?:first|last|until)\(", shape))
_WHOLE_LISTS = frozenset(
    kind for kind, shape in SHAPES.items() if kind.startswith("list_") and not re.search(r"pick|at\(c, [xy]", shape)
)
_TWO_STEPS = 1.7  # of the least step: up to 1.25 on drawn pages and receipts, about 2 where a row is left out
_RISES, _FALLS = ("percent_more", "percent_rose", "growth_rose"), ("percent_fell", "growth_fell")


def check_asked(qa: Qa, kind: str, parsed: Parsed, evaluation: Evaluation, phrasings: Phrasings) -> None:
    """Raises `UnprovenError` where question, kind and program are not about the same."""
    language = phrasings.language
    require(kind in SHAPES, f"{kind!r} is no kind of question")
    bound: dict[str, ast.expr] = {}
    if not _fits(parsed.result, _shape(kind), bound):
        raise UnprovenError(f"a question of the kind {kind!r} is answered by {SHAPES[kind]}")
    require(kind not in WHOLE_PERCENT or "." not in qa.answer, f"{qa.answer!r} is no whole percent")
    layout = _layout(evaluation, language)
    _check_kind(kind, parsed, bound, layout, evaluation)
    for one in evaluation.cited.evidence.values():
        if one.kind == "picture" and language.ordinals[one.picture - 1] not in one.text.split():
            raise UnprovenError(f"{one.ref} is not {one.text!r}")
    computed = qa.computed_question or qa.question
    same = computed == qa.question or _digits(qa.question) == _digits(computed)
    require(same, "the question has other numbers than its computed words")
    rows = [ref_of(bound[letter]) for letter in "xyz" if letter in bound]
    require(len(set(rows)) == len(rows), "the question names one row twice")
    for letter in "xyz":
        named = letter not in bound or row_name(bound[letter], evaluation).casefold() in qa.question.casefold()
        require(named, f"the question does not name {letter}")
    check_words(kind, computed, qa.answer, bound, layout, evaluation, phrasings)


def _check_kind(
    kind: str, parsed: Parsed, bound: Mapping[str, ast.expr], layout: str | None, evaluation: Evaluation
) -> None:
    """What a kind of question says beyond the shape of its program."""
    if kind in MEASURES:
        literal = {ast.unparse(bound[letter]) for letter in LITERAL.get(kind, {})}
        columns = [column for name, column in parsed.columns.items() if name not in literal]
        measured = {name for column in columns for name in _reads(column)}
        require(measured == {MEASURES[kind]}, f"{kind!r} does not compare {MEASURES[kind]}")
    others = sum(one.kind != "pixels" for one in evaluation.cited.evidence.values())
    if kind in LAYOUTS:
        is_whole = layout in LAYOUTS[kind] and others == ("x" in bound)
        require(is_whole, f"{kind!r} does not compare all parts of a picture and nothing else")
    else:
        require(others == len(evaluation.cited.evidence), f"{kind!r} is not about parts of a picture")
    if kind in _RISES:
        require(_is_first_larger(parsed.result, evaluation), "the first is not the larger one")
    if kind in _FALLS:
        require(not _is_first_larger(parsed.result, evaluation), "the second is not the larger one")
    if kind in OF_PERIODS or kind == "top_rest":
        _check_rows(kind, bound, evaluation)
    if kind in _ORDERED:
        _check_order(parsed, evaluation)
    if kind in _WHOLE_LISTS:
        _check_steps(ast.unparse(bound["c"]), parsed, evaluation)
    if kind in OF_ALL_PRICES:
        entries, priced = ({row.ref for row in evaluation.columns[ast.unparse(bound[letter])]} for letter in "de")
        require(entries == priced, "an entry has no price")
    if kind in OF_TERMS:
        require(_is_of_terms(bound["b"], evaluation), "the days are not those within which one has to pay")


def _check_rows(kind: str, bound: Mapping[str, ast.expr], evaluation: Evaluation) -> None:
    """Periods follow each other, but for two that are compared: the later one stands behind the earlier one.

    Two groups of rows have none in common, and "the others" are all others.
    """
    rows = [row.label for row in evaluation.columns[ast.unparse(bound["c"])]]
    counts = [int(ast.literal_eval(bound[letter])) for letter in "nm" if letter in bound]
    if kind == "top_rest":
        require(sum(counts) == len(rows), "the others are not all others")
        return
    if kind in ("growth_rose", "growth_fell"):
        named = [row_name(bound[letter], evaluation) for letter in "xy"]
        is_later = in_turn(rows) and [row for row in rows if row in named] == named
        require(is_later, "the second is not a later period than the first")
        return
    require(in_a_row(rows), "the rows are not periods that follow each other")
    require(2 * sum(counts) <= len(rows), "a row is among the first and among the last")


def _check_order(parsed: Parsed, evaluation: Evaluation) -> None:
    """Where the first or last rows are taken, or those down to one, they follow each other on the page."""
    for one in ast.walk(parsed.result):
        match one:
            case ast.Call(func=ast.Name(id="first" | "last" | "until"), args=[ast.Name(id=name), _]):
                spots = _spots(name, evaluation)
                require(all(a < b for a, b in pairwise(spots)), "the rows are not in the order in which they stand")
                _check_steps(name, parsed, evaluation)


def _check_steps(name: str, parsed: Parsed, evaluation: Evaluation) -> None:
    """Rows stand in even steps, the first a step below the heading: a wider one has room for a row."""
    spots = sorted(_spots(name, evaluation))
    steps = [b - a for a, b in pairwise(spots)]
    head, side = headings(parsed.columns[name])[0][:2]
    if not steps or min(steps) <= 0:
        return
    first = spots[0] - evaluation.cited.placed(head)[1] if head and not side and _is_down(name, evaluation) else 0.0
    require(max(first, *steps) < _TWO_STEPS * min(steps), "there is room for a row that is not cited")


def _spots(name: str, evaluation: Evaluation) -> list[float]:
    """How far down the rows of a column stand; how far across, if all are beside each other."""
    axis = int(_is_down(name, evaluation))
    return [evaluation.cited.placed(row.ref)[axis] for row in evaluation.columns[name]]


def _is_down(name: str, evaluation: Evaluation) -> bool:
    spots = [evaluation.cited.placed(row.ref) for row in evaluation.columns[name]]
    down = [y for _, y, *_ in spots]
    return max(down) - min(down) >= max(height for *_, height in spots)


def _layout(evaluation: Evaluation, language: QuestionWords) -> str | None:
    """How the parts of a picture that are compared lie; None unless they are all parts of one layout, each once."""
    refs = [ref for ref, one in evaluation.cited.evidence.items() if one.kind == "pixels"]
    if not refs:
        return None
    rows = sorted(evaluation.reader.labels.get(ref, "") for ref in refs)
    return next((layout for layout, parts in language.parts.items() if sorted(parts.values()) == rows), None)


def _is_first_larger(result: ast.expr, evaluation: Evaluation) -> bool:
    """Of what is compared; only then is it so many percent more."""
    assert isinstance(result, ast.Call)
    first, second = (evaluation.value(one) for one in result.args)
    return isinstance(first, Fraction) and isinstance(second, Fraction) and first > second


def _is_of_terms(days: ast.expr, evaluation: Evaluation) -> bool:
    """Whether the number stands in a line that says within how many days one has to pay."""
    assert isinstance(days, ast.Call)
    return any(_TERMS.search(evaluation.cited.one(ref).text) for ref in names_in(days))


def _digits(text: str) -> list[str]:
    return sorted(_DIGITS.findall(text))


@lru_cache(maxsize=512)
def _shape(kind: str) -> ast.expr:
    return ast.parse(SHAPES[kind], mode="eval").body


def _fits(given: ast.expr, wanted: ast.expr, bound: dict[str, ast.expr]) -> bool:
    """Whether the program has the shape; `bound` gets what stands for each letter, which is the same everywhere."""
    match wanted, given:
        case ast.Name(id=letter), _:
            return _same(bound.setdefault(letter, given), given) and _is_sort(given, letter)
        case ast.Constant(), _:
            return _same(given, wanted)
        case ast.Call(func=ast.Name(id=wanted_op), args=shapes), ast.Call(func=ast.Name(id=op), args=args):
            fits = op == wanted_op and len(args) == len(shapes)
            return fits and all(_fits(a, b, bound) for a, b in zip(args, shapes, strict=True))
    return False


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
    if letter in "cde":
        return isinstance(given, ast.Name) and len(given.id) == 1
    if letter in "nmgh":
        return isinstance(given, ast.Constant)
    if letter in "xyz":
        return isinstance(given, ast.Name | ast.Constant)
    return isinstance(given, ast.Call)


def in_a_row(labels: Sequence[str]) -> bool:
    """Each is the one right after the one before; a year or a week is gone through once at most."""
    return _since_first(labels) == list(range(len(labels)))


def in_turn(labels: Sequence[str]) -> bool:
    """Each is later than the one before; some in between may be left out."""
    since = _since_first(labels)
    return bool(since) and all(one < other for one, other in pairwise(since))


def _since_first(labels: Sequence[str]) -> list[int]:
    """How many periods after the first each is; nothing if they are not all of one sort."""
    if all(label.isdigit() for label in labels):
        return [int(label) - int(labels[0]) for label in labels]
    short = [label.lower()[:3] for label in labels]
    cycle = next((one for one in _CYCLES if set(short) <= set(one)), [])
    return [(cycle.index(name) - cycle.index(short[0])) % len(cycle) for name in short] if cycle else []
