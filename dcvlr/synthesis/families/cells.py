"""One cell of a printed table, named by its row and its column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from dcvlr.records import Scene
from dcvlr.synthesis.draft import Draft, Limits
from dcvlr.synthesis.families.labels import is_label, lost_its_point
from dcvlr.synthesis.reading import Line, clear, lines_of, shared_height, shared_width, unique
from dcvlr.synthesis.values import alike


def table_cell(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    lines = lines_of(scene)
    for heads, rows in _tables(lines, limits):
        for row in rows:
            for column, cell in row.items():
                if column == 0:
                    continue
                head, label = heads[column], row[0]
                yield Draft(
                    question=f'In the row that begins with "{label.text}", what stands in the column "{head.text}"?',
                    answer=cell.text,
                    distractors=alike(cell.text, [other.text for other in lines if clear(other, limits)], rng),
                    steps=(
                        f'The column headed "{head.text}" {head.cite} and the row that begins with "{label.text}" '
                        f"{label.cite} are found in the table.",
                        f'Where they meet the picture shows "{cell.text}" {cell.cite}.',
                    ),
                    evidence=(label.evidence, head.evidence, cell.evidence),
                )


def _tables(lines: Sequence[Line], limits: Limits) -> Iterator[tuple[list[Line], list[dict[int, Line]]]]:
    """Rows of at least three headings that only letters make up, and the full rows right below each."""
    for first in lines:
        heads = _row(first, lines, limits)
        if len(heads) < 3 or heads[0] is not first or not all(_is_head(head, lines, limits) for head in heads):
            continue
        rows = []
        bottom, height = max(head.box[3] for head in heads), first.height
        for label in sorted(lines, key=lambda line: line.middle):
            if label.middle <= bottom or shared_width(label.box, first.box) < 0.5:
                continue
            row = _cells(_row(label, lines, limits), heads)
            if row is None or label.box[1] - bottom > 3 * height:
                break
            bottom = label.box[3]
            if unique(label.text, lines) and all(
                clear(cell, limits) and not lost_its_point(cell, lines) for cell in row.values()
            ):
                rows.append(row)
        yield heads, rows


def _is_head(head: Line, lines: Sequence[Line], limits: Limits) -> bool:
    return clear(head, limits) and is_label(head.text) and head.text[-1] != ":" and unique(head.text, lines)


def _row(first: Line, lines: Sequence[Line], limits: Limits) -> list[Line]:
    """Lines in the row of `first`, left to right; empty if a line is only half in it."""
    near = [line for line in lines if shared_height(first.box, line.box) >= limits.rival_overlap]
    if any(shared_height(first.box, line.box) < limits.row_overlap for line in near):
        return []
    return sorted(near, key=lambda line: line.box[0])


def _cells(row: Sequence[Line], heads: Sequence[Line]) -> dict[int, Line] | None:
    """Each cell by the one column it stands under; None unless every column of the row is filled, by one cell."""
    cells: dict[int, Line] = {}
    for cell in row:
        columns = [i for i, head in enumerate(heads) if shared_width(cell.box, head.box) > 0]
        if len(columns) != 1 or columns[0] in cells or shared_width(cell.box, heads[columns[0]].box) < 0.5:
            return None
        cells[columns[0]] = cell
    return cells if len(cells) == len(heads) else None
