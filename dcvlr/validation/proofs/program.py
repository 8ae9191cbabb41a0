"""The value of a program, from the evidence that the record cites and from nothing else."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from dcvlr.records import Qa
from dcvlr.validation.proofs.absence import require_whole
from dcvlr.validation.proofs.column_headers import ColumnHeader
from dcvlr.validation.proofs.evidence import Cited, ProofRow, UnprovenError, parsed, ref_of, require, require_pictures
from dcvlr.validation.proofs.operations import OPERATIONS, ProofValue
from dcvlr.validation.proofs.proof_columns import RowReader, names_in, read_column


@dataclass(frozen=True)
class Parsed:
    """A program taken apart: what its letters stand for, and the expression at its end.

    `document` is the line that says what one calls the page, if there is one.
    """

    columns: dict[str, ast.Call]
    result: ast.expr
    tilts: tuple[float, ...]
    document: str = ""


def parse(program: str) -> Parsed:
    """Raises `UnprovenError` where `program` is none."""
    try:
        body = [one for statement in program.split("; ") for one in _statements(statement)]
    except SyntaxError as error:
        raise UnprovenError(f"the program cannot be read: {error.msg}") from error
    columns: dict[str, ast.Call] = {}
    tilts: tuple[float, ...] = ()
    document = ""
    for one in body[:-1]:
        match one:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                columns[name] = call
            case ast.Expr(value=ast.Call(func=ast.Name(id="tilt"), args=amounts)):
                tilts = tuple(map(_degrees, amounts))
            case ast.Expr(value=ast.Call(func=ast.Name(id="document"), args=[ast.Name(id=ref)])):
                document = ref
            case _:
                raise UnprovenError("the program has a statement that is neither a column nor of the page")
    last = body[-1] if body else None
    if not isinstance(last, ast.Expr):
        raise UnprovenError("the program has no result")
    return Parsed(columns, last.value, tilts, document)


@lru_cache(maxsize=1024)  # the questions of a picture have columns in common
def _statements(text: str) -> Sequence[ast.stmt]:
    module = ast.parse(text)
    return (_Negatives().visit(module) if "-" in text else module).body


class _Negatives(ast.NodeTransformer):
    """-5 is a constant, not an operation on one."""

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return ast.copy_location(ast.Constant(-number), node)
        return node


def _degrees(node: ast.expr) -> float:
    try:
        return float(ast.literal_eval(node))
    except (TypeError, ValueError) as error:
        raise UnprovenError(f"{ast.unparse(node)} is no tilt") from error


class Evaluation:
    """Evaluates one parsed program; its columns are read first."""

    def __init__(self, qa: Qa, parsed_program: Parsed, named_words: Mapping[str, frozenset[str]]) -> None:
        self.named_words = named_words
        self.cited = Cited({one.ref: one for one in qa.evidence}, parsed_program.tilts)
        require(len(self.cited.evidence) == len(qa.evidence), "the same evidence is given twice")
        require_pictures(qa)
        require(len(parsed_program.tilts) in (0, len(qa.pictures)), "the program does not give each picture a tilt")
        self.is_of_several = bool(qa.images)
        self.reader = RowReader(self.cited)
        self.headers: dict[str, ColumnHeader] = {}
        self.columns = {name: self._column(name, call) for name, call in parsed_program.columns.items()}
        self._result = parsed_program.result
        self.document = self.cited.one(parsed_program.document).text if parsed_program.document else ""
        self.reader.used |= {parsed_program.document} - {""}

    def value(self, node: ast.expr) -> ProofValue:
        match node:
            case ast.Name(id=name):
                return self.columns[name] if name in self.columns else self._named(name)
            case ast.Call(func=ast.Name(id="entry"), args=[label, read]):
                return self.reader.entry(label, read).value
            case ast.Call(func=ast.Name(id="lines"), args=args):
                return self._whole_page(list(map(ref_of, args)))
            case ast.Call(func=ast.Name(id=op), args=args) if op in OPERATIONS:
                try:
                    return OPERATIONS[op](*(self.value(one) for one in args))
                except UnprovenError:
                    raise
                except (TypeError, ValueError, ArithmeticError, StopIteration, IndexError, AttributeError) as error:
                    raise UnprovenError(f"{op} does not fit what it is applied to") from error
            case ast.Call():
                return self.reader.value(node)
            case ast.Constant(value=bool()):
                raise UnprovenError("a program holds no truth values")
            case ast.Constant(value=str() as text):
                return self._quoted(text)
            case ast.Constant(value=int() | float() as number) if math.isfinite(number):
                return Fraction(str(number))
        raise UnprovenError(f"{ast.unparse(node)} is no part of a program")

    def _whole_page(self, refs: Sequence[str]) -> tuple[str, ...]:
        """The texts of all lines of a page."""
        require_whole(refs)
        self.reader.used.update(refs)
        return tuple(self.cited.one(ref).text for ref in refs)

    def _named(self, ref: str) -> str:
        self.reader.used.add(ref)
        return self.reader.labels.get(ref) or self.cited.label(ref)

    def _quoted(self, text: str) -> ProofValue:
        if text in self.cited.evidence:
            return self._named(text)
        if text in self.named_words:
            return self.named_words[text]
        is_day = re.fullmatch(r"\d{4}-\d\d-\d\d|\d+([/.-])\d+\1\d{4}|\d+ [A-Za-z]+ \d{4}", text)
        return parsed("date" if is_day else "time" if ":" in text else "money", text)

    def _column(self, name: str, call: ast.Call) -> list[ProofRow]:
        evidence = tuple(self.cited.evidence[ref] for ref in names_in(call) if ref in self.cited.evidence)
        column = read_column(call, evidence, self.cited.tilts)
        self.headers[name] = column.header
        self.reader.used |= column.used
        self.reader.labels |= column.labels
        self.reader.is_of_counts |= column.is_of_counts
        return list(column.rows)

    def is_limit(self, node: ast.expr) -> bool:
        """Whether values of a column are held against a constant."""
        return any(one is node for one in _limits(self._result))

    def is_of_pictures(self, name: str) -> bool:
        """Whether each row of a column is a whole picture."""
        return self.headers[name].sort == "picture"

    def picture_of(self, name: str) -> int:
        """Which picture all rows of a column stand in."""
        pictures = {self.cited.one(row.ref).picture for row in self.columns[name]}
        require(len(pictures) == 1, "a column is of more than one picture")
        return pictures.pop()


def operations_in(result: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Each operation of a program's result, and where it is done; to look up one value is one, too."""
    match result:
        case ast.Call(func=ast.Name(id=op), args=args) if op in OPERATIONS:
            for one in args:
                yield from operations_in(one)
            yield op, result
        case ast.Call(func=ast.Name(id=read)) if read != "lines":
            yield "select", result


def _limits(result: ast.expr) -> Iterator[ast.expr]:
    for one in ast.walk(result):
        match one:
            case ast.Call(func=ast.Name(id="above" | "below" | "until"), args=[_, limit]):
                yield limit
