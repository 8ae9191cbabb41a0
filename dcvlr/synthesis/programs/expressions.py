"""Programs over what stands in a picture: calls of operations, down to values that were read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct

from dcvlr.records import Box
from dcvlr.synthesis.scene.values import Quantity, shown

_OF_PICTURE = re.compile(r"p(\d+)_")


class Words(Struct, frozen=True, gc=False):
    """How one speaks of a column: keys of the wording file. `rows` is what a row is, `of` what its values are.

    `counts` is what there are so many of, where the picture says so elsewhere than in the column's heading, `document`
    what one calls the page, as in `scene.document_kind`.
    """

    rows: str
    of: str
    register: str = ""  # a kind of column that has phrasings of its own: items
    counts: str = ""
    document: str = "receipt"


class Read(Struct, frozen=True, gc=False):
    """One value as it stands in the picture; `ref` is the evidence it stands in, `name` the key of what it is.

    Where a whole picture is the row (`label_ref` is p2), `beside` is the printed label of the value, if it has one.
    `box` is where an object is, `read_as` and `stands` are as in `scene.tables.Entry`.
    """

    value: Quantity
    ref: str
    label: str = ""
    label_ref: str = ""
    name: str = ""
    beside: str = ""
    read_as: str = ""
    stands: str = ""
    box: Box | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """What is to be looked at: label and value, each once; a whole picture is none of it."""
        found = [ref for ref in (self.label_ref, self.beside) if ref and not _is_picture(ref)]
        return tuple(dict.fromkeys([*found, *self.ref.split(", ")]))


class Column(Struct, frozen=True, gc=False, eq=False):
    """Values with their labels, in the picture's order; `head` is the evidence of the heading. Equal is only itself.

    `rows` is that of what a row is called, `unit` that of what a chart's values count; `side` is as in
    `scene.tables.TableColumn`.
    """

    entries: tuple[Read, ...]
    words: Words
    head: str = ""
    side: str = ""
    rows: str = ""
    unit: str = ""

    @property
    def picture(self) -> int:
        """Which of the question's pictures the first value stands in, from 1 on."""
        found = _OF_PICTURE.match(self.entries[0].ref)
        return int(found[1]) if found else 1


class Constant(Struct, frozen=True, gc=False):
    """A value that the question brings along."""

    value: Quantity


class Label(Struct, frozen=True, gc=False):
    """A row that the question names."""

    text: str
    ref: str


class KindGroup(Struct, frozen=True, gc=False):
    """Kinds of objects that have a name together: animals are `members` bird, cat, …"""

    name: str
    members: frozenset[str]


class PageLines(Struct, frozen=True, gc=False):
    """Every line of a page: the evidence of what does not stand on it."""

    lines: tuple[str, ...]


class Sought(Struct, frozen=True, gc=False):
    """What a page may have and does not: what it is called, and the `words` of which one would show that it does."""

    name: str
    words: tuple[str, ...]


class NotStated(Struct, frozen=True, gc=False):
    """The value of a question for what does not stand in the picture, whatever was sought."""


class OpCall(Struct, frozen=True, gc=False):
    op: str
    args: tuple[Expression, ...]


_DONE = frozenset({OpCall, Read})  # what takes an operation
Expression = Read | Column | Constant | Label | KindGroup | PageLines | Sought | OpCall


def _is_picture(ref: str) -> bool:
    return ref[0] == "p" and ref[1:].isdecimal()


def call(op: str, *args: Expression) -> OpCall:
    return OpCall(op, args)


def walk(expression: Expression) -> list[Expression]:
    """Every part of the expression, arguments before the call they go into; one object once."""
    if not isinstance(expression, OpCall):
        return [expression]
    parts: dict[int, Expression] = {}
    _add(expression, parts)
    return list(parts.values())


def _add(one: OpCall, parts: dict[int, Expression]) -> None:
    for argument in one.args:
        if not isinstance(argument, OpCall):
            parts[id(argument)] = argument
        elif id(argument) not in parts:
            _add(argument, parts)
    parts[id(one)] = one


def depth(expression: Expression) -> int:
    """How many operations it takes."""
    return len([one for one in walk(expression) if type(one) in _DONE])


def operations(parts: Sequence[Expression]) -> tuple[str, ...]:
    """The operations in the order in which they are done; to look up one labelled value is one, too."""
    return tuple(one.op if isinstance(one, OpCall) else "select" for one in parts if type(one) in _DONE)


def refs(parts: Sequence[Expression]) -> list[str]:
    """Evidence that the parts of an expression rest on: all it looks at, not only what it ends with; each once."""
    found: dict[str, None] = {}
    for one in parts:
        if isinstance(one, Column):
            found.update(dict.fromkeys(_of_column(one)))
        elif isinstance(one, Read):
            found.update(dict.fromkeys((*([one.label_ref] if one.label_ref else []), *one.lines)))
        elif isinstance(one, Label):
            found[one.ref] = None
        elif isinstance(one, PageLines):
            found.update(dict.fromkeys(one.lines))
    return list(found)


@lru_cache(maxsize=64)  # the questions of a picture have columns in common
def _of_column(column: Column) -> tuple[str, ...]:
    found = (ref for one in column.entries for ref in (one.label_ref, *one.lines))
    return tuple(ref for ref in (column.head, column.rows, column.unit, *found) if ref)


def written(parts: Sequence[Expression], *tilts: float, document: str = "") -> str:
    """The program as text: `a = column(T3, entry(T5, money(T6)), …); difference(max(a), min(a))`.

    Columns get names in the order of their use. `tilt(…)` in front says how pages lie of which one does not lie
    straight, one number for each picture, `document(T1)` which line says what one calls the page.
    """
    columns = [one for one in parts if isinstance(one, Column)]
    names = {id(column): "abcdefgh"[index] for index, column in enumerate(columns)}
    lines = [f"{names[id(column)]} = {_column(column)}" for column in columns]
    page = [f"tilt({', '.join(f'{tilt:g}' for tilt in tilts)})"] if any(tilts) else []
    page += [f"document({_ref(document)})"] if document else []
    return "; ".join([*page, *lines, _text(parts[-1], names)])


@lru_cache(maxsize=64)
def _column(column: Column) -> str:
    entries = [f"entry({_ref(one.label_ref)}, {_read(one)}{_stands(one)})" for one in column.entries]
    head = f"{column.side}({column.head})" if column.side else column.head
    rows, unit = (f"{name}({ref})" if ref else "" for name, ref in (("rows", column.rows), ("unit", column.unit)))
    return f"column({', '.join(one for one in (head, rows, unit, *entries) if one)})"


def _text(expression: Expression, names: dict[int, str]) -> str:
    match expression:
        case OpCall(op, args):
            return f"{op}({', '.join(_text(one, names) for one in args)})"
        case Column():
            return names[id(expression)]
        case Constant(value):
            plain = value.kind in ("number", "money", "percent", "duration")
            return f"{value.number}" if plain and not value.currency else f'"{shown(value)}"'
        case Label(_, ref):
            return _ref(ref)
        case KindGroup(name) | Sought(name):
            return f'"{name}"'
        case PageLines(lines):
            return f"lines({', '.join(map(_ref, lines))})"
        case Read(label_ref=label_ref):
            return f"entry({_ref(label_ref)}, {_read(expression)})" if label_ref else _read(expression)


def _stands(one: Read) -> str:
    return f', "{one.stands}"' if one.stands else ""


def _read(one: Read) -> str:
    read = f"{one.read_as or one.value.kind}({', '.join(map(_ref, one.ref.split(', ')))})"
    return f"entry({_ref(one.beside)}, {read})" if one.beside else read


def _ref(ref: str) -> str:
    """T5 and O2 as they are, the longer ids of pixel facts in quotation marks."""
    return ref if ref.isidentifier() else f'"{ref}"'
