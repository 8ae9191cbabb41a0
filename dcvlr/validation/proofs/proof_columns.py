"""Rows of a column, read again from the evidence that they cite and held against where it stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from dcvlr.records import Evidence
from dcvlr.validation.proofs.column_headers import ColumnHeader, header_of, headings
from dcvlr.validation.proofs.evidence import Cited, ProofRow, UnprovenError, box_of, ref_of, require
from dcvlr.validation.proofs.places import require_sections

_NEAR = 4  # heights of a line, from a label to the middle of a value in another row


@dataclass(frozen=True)
class ProofColumn:
    """The rows of a column, the evidence `used` for them, and what rows are called by the id of their label.

    `header` is what is said of all its values.
    """

    rows: tuple[ProofRow, ...]
    used: frozenset[str]
    labels: Mapping[str, str]
    is_of_counts: bool
    header: ColumnHeader


@lru_cache(maxsize=512)  # the questions of a picture have columns in common
def read_column(call: ast.Call, evidence: tuple[Evidence, ...], tilts: tuple[float, ...]) -> ProofColumn:
    """`evidence` is all that is cited of what stands in `call`. Raises `UnprovenError`."""
    reader = RowReader(Cited({one.ref: one for one in evidence}, tilts))
    rows, header = reader.column(call)
    return ProofColumn(tuple(rows), frozenset(reader.used), reader.labels, reader.is_of_counts, header)


@lru_cache(maxsize=512)
def names_in(call: ast.Call) -> tuple[str, ...]:
    """Everything in it that may be the id of evidence, each once."""
    return tuple(dict.fromkeys(_names(call)))


def _names(call: ast.Call) -> Iterator[str]:
    for one in call.args:
        match one:
            case ast.Call():
                yield from _names(one)
            case ast.Name(id=name) | ast.Constant(value=str() as name):
                yield name


class RowReader:
    """Reads values and rows; keeps which evidence it `used`, and what rows are called by the id of their label."""

    def __init__(self, cited: Cited) -> None:
        self.cited = cited
        self.used: set[str] = set()
        self.labels: dict[str, str] = {}
        self.is_of_counts = False  # whether objects are counted, so that one speaks of dogs and not of the dog

    def column(self, call: ast.Call) -> tuple[list[ProofRow], ColumnHeader]:
        of, entries = headings(call)
        calls = [one for one in entries if isinstance(one, ast.Call) and len(one.args) in (2, 3)]
        rows = [self.entry(*one.args, in_series=bool(of.side)) for one in calls]
        self._in_turn(calls)
        counted = [one for one in calls if _counts_entries(one.args[1])]
        require_sections(self.cited, [(ref_of(one.args[0]), _refs(one.args[1])) for one in counted])
        require(len(rows) == len(entries) and len(rows) > 0, "a column holds something that is no entry")
        require(len({row.ref for row in rows}) == len(rows), "a column has one row twice")
        named = [row.label.casefold() for row in rows]
        require(len(set(named)) == len(named), "two rows of a column have one name")
        self.used.update(ref for ref in (of.head, of.rows, of.unit) if ref)
        if of.side:
            self._beside_labels(of.head, calls, of.side)
        elif of.head:
            for one in calls:
                self._under(of.head, one)
        for row in rows if of.rows else ():
            self._stands_under(of.rows, row.ref)
        require(
            not of.unit or of.unit not in {ref for one in calls for ref in names_in(one)},
            f"{of.unit} is a label or a value",
        )
        return rows, header_of(self.cited, of, calls, [row.label for row in rows])

    def _in_turn(self, entries: Sequence[ast.Call]) -> None:
        """Where values stand in rows above or below their labels, labels and values follow each other by turns."""
        sides = [ref_of(one.args[2]) for one in entries if len(one.args) == 3]
        if not sides:
            return
        require(len(set(sides)) == 1 and sides[0] in ("above", "below"), "values stand on both sides of their labels")
        spots = [(self._down(ref_of(one.args[0])), self._down(_value_ref(one))) for one in entries]
        down = [y for pair in sorted(spots) for y in (pair if sides[0] == "below" else reversed(pair))]
        level = 0.5 * min(self.cited.placed(ref_of(one.args[0]))[3] for one in entries)
        in_turn = all(a < b + level for a, b in pairwise(down))
        require(in_turn, "a value stands beyond another row's label")

    def _down(self, ref: str) -> float:
        return self.cited.placed(ref)[1]

    def entry(
        self, label: ast.expr, read: ast.expr, side: ast.expr | None = None, *, in_series: bool = False
    ) -> ProofRow:
        ref = ref_of(label)
        if not isinstance(read, ast.Call):
            raise UnprovenError("an entry has no value")
        self.used.add(ref)
        if self.cited.one(ref).kind == "picture":
            return self._of_picture(ref, read)
        value = self.value(read)
        refs = _refs(read)
        if _counts_entries(read):
            require_sections(self.cited, [(ref, refs)])
        elif self.cited.one(ref).kind == "text" and refs != [ref]:
            if side is None:
                self._belong(ref, refs[0], in_series=in_series)
            else:
                self._next_to(ref, refs[0], ref_of(side))
        elif self.cited.one(ref).kind != "text":
            require(ref in refs, f"{ref} has the value of {refs[0]}")
        text = self._label_in(ref, read) if refs == [ref] else self.cited.label(ref)
        self.labels[ref] = text
        return ProofRow(ref, text, value, self.cited.one(ref).box if self.cited.one(ref).kind != "text" else None)

    def _of_picture(self, ref: str, read: ast.Call) -> ProofRow:
        """A row that is a whole picture, with a value that stands in it, beside a label or without one."""
        match read:
            case ast.Call(func=ast.Name(id="entry"), args=[label, inner]):
                value, line = self.entry(label, inner).value, ref_of(label)
            case _:
                value, line = self.value(read), ref_of(read.args[0])
        same = self.cited.one(line).picture == self.cited.one(ref).picture
        require(same, f"{line} does not stand in the picture {ref}")
        return ProofRow(ref, self.cited.label(ref), value)

    def _label_in(self, ref: str, read: ast.Call) -> str:
        """The label of a line that holds its value, too; of one whose place is its value, all but its number."""
        text = self.cited.label(ref)
        if isinstance(read.func, ast.Name) and read.func.id == "y" and self.cited.one(ref).kind == "text":
            return re.sub(r"^\d{1,2}[.)] ", "", text)
        return text.rsplit(" ", 1)[0].strip(" :") if self.cited.one(ref).kind == "text" else text

    def value(self, call: ast.Call) -> Fraction:
        if not isinstance(call.func, ast.Name) or not call.args:
            raise UnprovenError(f"{ast.unparse(call)} reads nothing")
        refs, kind = [ref_of(one) for one in call.args], call.func.id
        self.used.update(refs)
        first = self.cited.one(refs[0])
        if first.kind == "object" or (first.kind == "pixels" and kind == "box"):
            return self._of_objects(kind, refs)
        if kind == "entries":
            return Fraction(len(refs))
        require(len(refs) == 1, "a value is read from more than one line")
        if kind == "y":
            return Fraction(self.cited.placed(refs[0])[1])
        return self.cited.value(kind, refs[0])

    def _of_objects(self, kind: str, refs: Sequence[str]) -> Fraction:
        objects = [self.cited.one(ref) for ref in refs]
        require(len({one.text for one in objects}) == 1, "objects of different kinds are counted as one")
        if kind == "number":
            self.is_of_counts = True
            return Fraction(len(objects))
        require(len(objects) == 1, "more than one object is measured at once")
        x0, y0, x1, y1 = map(Fraction, box_of(objects[0]))
        measures = {"x": (x0 + x1) / 2, "y": (y0 + y1) / 2, "area": (x1 - x0) * (y1 - y0), "box": Fraction(0)}
        require(kind in measures, f"{kind!r} is not measured on objects")
        return measures[kind]

    def _belong(self, label: str, value: str, *, in_series: bool) -> None:
        """Label and value stand in one row, or one right above the other."""
        self._together(label, value)
        (x, y, width, height), (u, v, wide, high) = self.cited.placed(label), self.cited.placed(value)
        in_row = abs(y - v) < 0.5 * max(height, high) and abs(x - u) > 0.4 * min(width, wide)
        reach = width + wide if in_series else 0.5 * max(width, wide)
        stacked = abs(x - u) < reach and abs(y - v) > 0.5 * min(height, high)
        if not (in_row or stacked):
            raise UnprovenError(f"{value} stands neither beside {label} nor above or below it")

    def _beside_labels(self, head: str, entries: Sequence[ast.Call], side: str) -> None:
        """Values of a series stand below its name, above their labels and on one side of the labels' middles."""
        labels = {ref_of(one.args[0]): self.cited.placed(ref_of(one.args[0])) for one in entries}
        for one, (label, (x, y, _, _)) in zip(entries, labels.items(), strict=True):
            value = _value_ref(one)
            u, v = self.cited.placed(value)[:2]
            require(self._down(head) < v < y, f"{value} does not stand between {head} and {label}")
            require(u < x if side == "left" else u > x, f"{value} does not stand {side} of {label}")
            nearest = min(labels, key=lambda ref: abs(labels[ref][0] - u))
            require(nearest == label, f"{value} stands nearer to {nearest} than to {label}")

    def _next_to(self, label: str, value: str, side: str) -> None:
        """The value stands in a row close above or below its label's, and not left of it."""
        self._together(label, value)
        (x, y, width, height), (u, v, wide, high) = self.cited.placed(label), self.cited.placed(value)
        apart = v - y if side == "below" else y - v
        near = 0.3 * min(height, high) < apart < _NEAR * max(height, high)
        require(near and u + wide / 2 > x - width / 2, f"{value} does not stand {side} {label}")

    def _under(self, head: str, entry: ast.Call) -> None:
        label, value = ref_of(entry.args[0]), _value_ref(entry)
        v = self._stands_under(head, value)
        _, y, _, height = self.cited.placed(label)
        require(abs(y - v) < 0.6 * height, f"{value} is not in the row of {label}")

    def _stands_under(self, head: str, ref: str) -> float:
        """How far down what stands under a heading is."""
        self._together(head, ref)
        (x, y, width, _), (u, v, wide, _) = self.cited.placed(head), self.cited.placed(ref)
        require(v > y and abs(x - u) < (width + wide) / 2, f"{ref} does not stand under {head}")
        return v

    def _together(self, one: str, other: str) -> None:
        if self.cited.one(one).picture != self.cited.one(other).picture:
            raise UnprovenError(f"{one} and {other} stand in different pictures")


def _value_ref(entry: ast.Call) -> str:
    """The first line that the value of an entry is read from."""
    match entry.args[1]:
        case ast.Call(args=[first, *_]):
            return ref_of(first)
    raise UnprovenError("an entry has no value")


def _refs(read: ast.expr) -> list[str]:
    return [ref_of(one) for one in read.args] if isinstance(read, ast.Call) else []


def _counts_entries(read: ast.expr) -> bool:
    return isinstance(read, ast.Call) and isinstance(read.func, ast.Name) and read.func.id == "entries"
