"""Where lines and things lie, in words: rows of a page with their columns, and ninths of a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dcvlr.records import Box, OcrResult
from dcvlr.synthesis.scene.line_rows import rows_of
from dcvlr.synthesis.scene.lines import Line, TextLimits, read_page

_ANY = TextLimits(min_score=0.0, min_short_score=0.0, min_legible_score=0.0, max_expected_slips=10.0)
_TABLE = 3  # cells of a row from which on shorter rows below it are put into its columns

RowCells = tuple[Line | None, ...]
"""A row of a page from left to right; None is a column of the row above in which nothing stands."""


def table_rows(text: OcrResult) -> Iterator[RowCells]:
    """All lines row by row from the top, as on a page that lies straight."""
    above: Sequence[Line] = ()
    for row in rows_of(read_page(text, _ANY)):
        near = bool(above) and row.top - max(line.box[3] for line in above) < 12 * row.height
        if len(row.lines) >= max(_TABLE, len(above) if near else 0):
            above = row.lines
        yield _in_columns(row.lines, above) if near and 1 < len(row.lines) < len(above) else row.lines


def _in_columns(lines: Sequence[Line], above: Sequence[Line]) -> RowCells:
    """Each line in the nearest column that is right of the one before and leaves one for each that follows."""
    cells: list[Line | None] = [None] * len(above)
    first = 0
    for index, line in enumerate(lines):
        free = range(first, len(above) - (len(lines) - index - 1))
        nearest = min(free, key=lambda n: _apart(line, above[n]))
        cells[nearest] = line
        first = nearest + 1
    while cells[-1] is None:
        cells.pop()
    return tuple(cells)


def _apart(line: Line, other: Line) -> float:
    """How far a line is from a column: by left edges, right edges or centres, whichever fits best."""
    return min(abs(line.box[0] - other.box[0]), abs(line.box[2] - other.box[2]), abs(line.centre - other.centre))


def third_down(box: Box, height: float) -> str:
    return ("top", "middle", "bottom")[_third((box[1] + box[3]) / 2, height)]


def ninth(box: Box, width: float, height: float) -> str:
    """`top left`, `centre`, `bottom right`, … by the centre of a box."""
    down = ("top", "", "bottom")[_third((box[1] + box[3]) / 2, height)]
    across = ("left", "", "right")[_third((box[0] + box[2]) / 2, width)]
    return f"{down} {across}".strip() or "centre"


def _third(value: float, side: float) -> int:
    return min(2, max(0, int(3 * value / side)))
