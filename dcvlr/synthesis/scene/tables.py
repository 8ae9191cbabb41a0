"""Values that belong to labels: columns of tables with headings, and lists of labels with one value each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Literal

from msgspec import Struct

from dcvlr.synthesis.scene.line_rows import LineRow
from dcvlr.synthesis.scene.lines import Line, Page, normal, shared_width
from dcvlr.synthesis.scene.values import Quantity, ValueKind, quantity

TableSubject = Literal["items", "table", "chart", "objects", "parts"]
SeriesSide = Literal["", "left", "right"]
Stands = Literal["", "below", "above"]
ReadAs = Literal["", "pieces", "each"]

_TOTALS = re.compile(r"(?:grand )?(?:total|sum|all)s?", re.IGNORECASE)
_NO_DATA_HEAD = re.compile(r"[\d.,:/%\s-]+")
_NOMINAL = re.compile(
    r"(?:.*\b)?(?:platform|no|number|id|code|gate|page|phone|zip|row|seat|room|track|ref|rank|pos|year of birth)\.?"
)
_COUNTS = re.compile(
    r"qty|quantity|won|lost|drawn|played|points|goals|sales|sold|visitors|votes|amount|rain.*|units|q\d|\d{4}"
)
_MOST_GAP = 2.6  # heights of a line between two rows of one table
_STEADY = 1.2  # times the gap between the headings and the first row
_SAME_COLUMN = 0.5  # of the narrower of two cells
_ITEM_HEADS = re.compile(r"item|items|description|particulars?|product|article", re.IGNORECASE)


class Entry(Struct, frozen=True, gc=False):
    """One value with the label of its row; `ref` and `label_ref` name the evidence they are read from.

    `read_as` says which number of a line that holds two ("2 x 3.50") it is, `stands` where, if not in the row
    of its label.
    """

    label: str
    label_ref: str
    value: Quantity
    ref: str
    read_as: ReadAs = ""
    stands: Stands = ""


@dataclass(frozen=True)
class TableColumn:
    """Values of one kind, one for each row, under one heading; `total` is what a closing row says of them.

    Of a series of a chart `head` is its name in the legend, `side` where its values stand above their labels, and
    `counts` what there are so many of, where that is a plural: votes. `unit` is the line of a chart that says what its
    values are. One that is not `is_whole` lacks the rows whose values were not surely read.
    """

    name: str
    kind: ValueKind
    entries: tuple[Entry, ...]
    head: str | None = None
    total: Entry | None = None
    side: SeriesSide = ""
    counts: str = ""
    unit: str = ""
    is_whole: bool = True

    @property
    def is_nominal(self) -> bool:
        """Whether its numbers are names: a platform is not larger than another."""
        return is_nominal(self.name)

    @property
    def is_additive(self) -> bool:
        """Whether its values make sense added up: the picture does so itself, or it counts something."""
        return self.total is not None or _COUNTS.fullmatch(self.name.casefold()) is not None


@dataclass(frozen=True)
class Table:
    """`columns` all have the same rows in the same order, if whole.

    `rows` names what a row is, as printed ("Team") in the line `rows_ref`.
    """

    subject: TableSubject
    rows: str
    columns: tuple[TableColumn, ...]
    title: str = ""
    rows_ref: str = ""


def headed_tables(page: Page, rows: Sequence[LineRow]) -> list[Table]:
    """Tables under a row of at least two headings, each cell under exactly one of them; none where one is not clear."""
    found: list[Table] = []
    start = 0
    while start < len(rows) - 1:
        heads = rows[start]
        body, is_cut = _body(heads, rows[start + 1 :]) if _is_header(heads) else ([], False)
        table = _table(heads, body, page, is_cut=is_cut) if len(body) >= 2 else None
        if table is not None:
            found.append(table)
        start += 1 + (len(body) if table else 0)
    return found


def is_nominal(name: str) -> bool:
    """Whether what is called so is a name, though it may be a number: a platform, a phone."""
    return _NOMINAL.fullmatch(name.casefold()) is not None


def is_totals(label: str) -> bool:
    return _TOTALS.fullmatch(label.strip(" :")) is not None


def _is_header(row: LineRow) -> bool:
    return (
        row.is_whole
        and len(row.lines) >= 2
        and all(
            line.is_legible and not _NO_DATA_HEAD.fullmatch(line.text) and len(line.text) <= 24 for line in row.lines
        )
        and len({normal(line.text) for line in row.lines}) == len(row.lines)
        and not any(line.text.endswith(":") or quantity(line.text) for line in row.lines)
    )


def _body(heads: LineRow, below: Sequence[LineRow]) -> tuple[list[dict[int, Line]], bool]:
    """The cells of each row by the number of its heading, down to the first row that does not fit, and whether that
    may be one more row of the table, of which a cell was not read or does not stand under its heading.

    Rows may be as far apart as the first is from the headings.
    """
    body: list[dict[int, Line]] = []
    last, most, between = heads, _MOST_GAP * heads.height, 0.0
    for row in below:
        cells, gap = _cells(row, heads.lines), row.top - last.bottom
        if cells is None:
            return body, gap <= _STEADY * between and not _is_note(row, heads.lines)
        if gap > most:
            break
        most, between = (most, max(between, gap)) if body else (max(most, _STEADY * gap), between)
        body.append(cells)
        last = row
        if len(cells) < len(heads.lines):
            return body, True  # a row of totals leaves cells out, too, and is the last
    return body, False


def _is_note(row: LineRow, heads: Sequence[Line]) -> bool:
    """Whether it is one line below several headings; below one it may be a label or value of a row not read whole."""
    return len(row.lines) == 1 and sum(shared_width(row.lines[0].box, head.box) > 0.1 for head in heads) > 1


def _cells(row: LineRow, heads: Sequence[Line]) -> dict[int, Line] | None:
    cells: dict[int, Line] = {}
    for line in row.lines:
        under = [i for i, head in enumerate(heads) if shared_width(line.box, head.box) > 0.1]
        if len(under) != 1 or under[0] in cells:
            return None
        cells[under[0]] = line
    return cells if row.is_whole and len(cells) >= 2 else None


def _table(heads: LineRow, body: Sequence[dict[int, Line]], page: Page, *, is_cut: bool) -> Table | None:
    """Where it `is_cut` no column is whole, unless its last row is that of totals."""
    columns = range(len(heads.lines))
    label = next((i for i in columns if all(i in row and _is_word(row[i].text) for row in body)), None)
    if label is None:
        return None
    total = body[-1] if is_totals(body[-1][label].text) else None
    rows = body[:-1] if total else [row for row in body if len(row) == len(heads.lines)]
    if len(rows) < 2 or any(len(row) < len(heads.lines) for row in rows):
        return None
    if not all(row[label].is_legible for row in rows) or not unique(row[label].text for row in rows):
        return None
    is_list = _ITEM_HEADS.fullmatch(heads.lines[label].text) is not None
    labels = [row[label] for row in rows]
    made = []
    for i in (i for i in columns[: _names_again(rows, label)] if i != label):
        summed = bool(total and i in total)
        column = _column(heads.lines[i], labels, [row[i] for row in rows], confirmed=is_list or summed, summed=summed)
        if column is not None and is_cut and not total:
            column = replace(column, is_whole=False)
        made.append(column and _with_total(column, total, label, heads.lines))
    kept = tuple(column for column in made if column is not None)
    subject: TableSubject = "items" if is_list and any(column.kind == "money" for column in kept) else "table"
    head = heads.lines[label]
    return Table(subject, head.text, kept, _title(page, heads), head.ref) if kept else None


def _names_again(rows: Sequence[dict[int, Line]], label: int) -> int | None:
    """Where names stand again behind values: a second table may begin there, whose values belong to those names."""
    valued = False
    for i in range(label + 1, len(rows[0])):
        cells = [row[i].text for row in rows]
        if valued and all(map(_is_word, cells)) and unique(cells):
            return i
        valued = valued or any(map(quantity, cells))
    return None


def _column(
    head: Line, labels: Sequence[Line], cells: Sequence[Line], *, confirmed: bool, summed: bool
) -> TableColumn | None:
    """Without rows that were not surely read, if these are not most and nothing confirms them.

    One cell that is not legible is taken if a printed sum will hold it up. None unless all are of one kind and written
    alike.
    """
    rows = [(label, cell) for label, cell in zip(labels, cells, strict=True) if confirmed or cell.is_sure]
    unread = sum(not cell.is_legible for _, cell in rows)
    if 2 * len(rows) <= len(cells):
        return None
    found = column_of([entry(*row, any_score=summed and unread == 1) for row in rows], head.text, head.ref)
    return found and replace(found, is_whole=len(rows) == len(cells))


def column_of(entries: Sequence[Entry | None], name: str, head: str | None, *, least: int = 2) -> TableColumn | None:
    whole = [one for one in entries if one is not None]
    if len(whole) < len(entries) or len(whole) < least or len({one.value.kind for one in whole}) != 1:
        return None
    notations = {one.value.notation.replace(",", "") for one in whole}
    if len(notations) > 1 and whole[0].value.kind != "duration":
        return None
    return TableColumn(name, whole[0].value.kind, tuple(whole), head)


def entry(label: Line, cell: Line, *, any_score: bool = False) -> Entry | None:
    value = quantity(cell.text) if (cell.is_legible or any_score) and label.is_legible else None
    return None if value is None else Entry(label.text.strip(" :"), label.ref, value, cell.ref)


def unique(labels: Iterable[str]) -> bool:
    """Whether no label is another one, or is all of another one's beginning."""
    keys = sorted(normal(label) for label in labels)
    return all(keys) and not any(b.startswith(a) for a, b in pairwise(keys))


def _with_total(
    column: TableColumn, total: dict[int, Line] | None, label: int, heads: Sequence[Line]
) -> TableColumn | None:
    """The column with its closing value; None where the values do not add up to it, so that one may be misread."""
    position = next(i for i, head in enumerate(heads) if head.ref == column.head)
    if total is None or position not in total:
        return column
    closing = entry(total[label], total[position])
    if closing is None or closing.value.kind != column.kind:
        return None
    if sum(one.value.number for one in column.entries) != closing.value.number:
        return None
    return replace(column, total=closing)


def _is_word(text: str) -> bool:
    return sum(map(str.isalpha, text)) >= 2 and quantity(text) is None and not re.fullmatch(r"[A-Z]\d+", text)


def _title(page: Page, heads: LineRow) -> str:
    """The highest line above the headings that is as large as any there."""
    above = [line for line in page.lines if line.middle < heads.top and line.is_legible]
    largest = max(above, key=lambda line: line.height, default=None)
    return largest.text if largest and largest.height >= median(line.height for line in above) else ""
