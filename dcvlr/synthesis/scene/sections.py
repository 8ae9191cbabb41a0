"""Sections of a page: headings one below the other that are laid out alike, each with its entries under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dcvlr.synthesis.scene.line_rows import LineRow
from dcvlr.synthesis.scene.lines import Line
from dcvlr.synthesis.scene.listings import Listing, entry_lines, is_centred, listing, runs_on
from dcvlr.synthesis.scene.tables import unique

_FEWEST = 2  # sections, and entries of each
_SAME_EDGE = 0.4  # of a line's height
_SAME_STEP = 0.25
_MOST_APART = 2.4  # steps from the last entry of a section to the next heading


@dataclass(frozen=True)
class _Section:
    """`lines` are its entries, from row number `at` + 1 on."""

    at: int
    head: Line
    lines: tuple[Line, ...]
    listed: Listing

    @property
    def end(self) -> int:
        return self.at + 1 + len(self.lines)

    @property
    def step(self) -> float:
        return (self.lines[-1].middle - self.lines[0].middle) / (len(self.lines) - 1)


def read_sections(rows: Sequence[LineRow]) -> tuple[Listing, ...]:
    """All sections of a page; none where a line may belong to one as well, or was not read.

    Entries stand further in than their headings, have bullets, or each has one value beside it, as on a menu.
    """
    for valued in (False, True):
        found = _in_a_row(rows, valued=valued)
        names = [line.text for one in found for line in (one.head, *one.lines)]
        if len(found) >= _FEWEST and unique(names) and _alike(found) and _is_all(found, rows, valued=valued):
            return tuple(one.listed for one in found)
    return ()


def _in_a_row(rows: Sequence[LineRow], *, valued: bool) -> list[_Section]:
    """From the first section on, each right below the one before."""
    found: list[_Section] = []
    for start in range(len(rows) - _FEWEST):
        if found and start < found[-1].end:
            continue
        lines = tuple(entry_lines(rows[start + 1 :], valued=valued))
        made = listing(rows[start], lines, valued=valued) if len(lines) >= _FEWEST else None
        if made is not None:
            found.append(_Section(start, rows[start].lines[0], lines, made))
        elif found:
            break
    return found


def _alike(found: Sequence[_Section]) -> bool:
    """Whether headings and entries stand at the same edges and distances; a line that was not read leaves a gap."""
    first, edge = found[0], _SAME_EDGE * found[0].head.height
    near = _SAME_STEP * first.step
    gaps = [b.head.middle - a.lines[-1].middle for a, b in pairwise(found)]
    return (
        all(abs(one.head.box[0] - first.head.box[0]) <= edge for one in found)
        and all(abs(one.lines[0].box[0] - first.lines[0].box[0]) <= edge for one in found)
        and all(abs(one.step - first.step) <= near for one in found)
        and all(abs(_down(one) - _down(first)) <= near for one in found)
        and max(gaps) <= min(min(gaps) + 2 * near, _MOST_APART * first.step)
    )


def _is_all(found: Sequence[_Section], rows: Sequence[LineRow], *, valued: bool) -> bool:
    """Whether no other row of the page may be an entry, above, below or further down."""
    first = found[0].lines[0]
    others = [*rows[: found[0].at], *rows[found[-1].end :]]
    if runs_on(found[-1].lines, rows[found[-1].end :]):
        return False
    if valued:
        return all(len(row.lines) == 1 for row in others)
    return not is_centred([line for one in found for line in one.lines]) and all(
        abs(line.box[0] - first.box[0]) > _SAME_EDGE * first.height for row in others for line in row.lines
    )


def _down(one: _Section) -> float:
    return one.lines[0].middle - one.head.middle
