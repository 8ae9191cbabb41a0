"""Lists: a heading, and below it entries of one line each, in even steps from one edge further in, or with bullets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from dcvlr.synthesis.scene.line_rows import LineRow
from dcvlr.synthesis.scene.lines import Line, normal
from dcvlr.synthesis.scene.tables import Entry, TableColumn, unique
from dcvlr.synthesis.scene.values import Quantity, quantity

_NUMBERED = re.compile(r"(?P<number>\d{1,2})[.)] ")
_PLAIN = re.compile(r"[A-Z0-9][^:;]{2,31}(?<![.,!?-])")  # a line of prose begins small or ends in a mark
_FEWEST, _MOST = 4, 12
_SAME_EDGE = 0.4  # of a line's height
_SAME_STEP = 0.15
_SAME_HEIGHT = 0.35


@dataclass(frozen=True)
class Listing:
    """`entries` is a column whose values are how far down each entry stands; `head` is what all belong to."""

    head: Entry
    entries: TableColumn


def read_lists(rows: Sequence[LineRow]) -> list[Listing]:
    """As many entries as fit below each heading; a block that is centred, or runs on in another way, is none.

    Of two lists under one heading nobody could tell which is meant.
    """
    found: list[Listing] = []
    start = 0
    while start < len(rows) - _FEWEST:
        block = list(entry_lines(rows[start + 1 :]))
        below = rows[start + 1 + len(block) :]
        is_block = len(block) >= _FEWEST and not is_centred(block) and not runs_on(block, below)
        made = listing(rows[start], block) if is_block else None
        found += [made] if made else []
        start += 1 + (len(block) if made else 0)
    names = Counter(normal(one.entries.name) for one in found)
    return [one for one in found if names[normal(one.entries.name)] == 1]


def entry_lines(rows: Sequence[LineRow], *, valued: bool = False) -> Iterator[Line]:
    """Lines that each stand alone in their row, from the first on, as far as they go on alike.

    If `valued`, each stands with one value beside it.
    """
    lines: list[Line] = []
    for row in rows:
        line, *beside = row.lines
        fits = len(beside) == valued and all(quantity(one.text) and one.is_legible for one in beside)
        if not fits or not row.is_whole or (lines and not _goes_on(lines, line)):
            return
        lines.append(line)
        yield line


def _goes_on(lines: Sequence[Line], line: Line) -> bool:
    step = line.middle - lines[-1].middle
    steps = [b.middle - a.middle for a, b in pairwise(lines)] or [step]
    alike = abs(line.height - lines[0].height) <= _SAME_HEIGHT * lines[0].height
    return (
        alike
        and abs(line.box[0] - lines[0].box[0]) <= _SAME_EDGE * line.height
        and abs(step - steps[0]) <= _SAME_STEP * max(step, steps[0])
    )


def listing(above: LineRow, lines: Sequence[Line], *, valued: bool = False) -> Listing | None:
    """None where a line was not read well, or the lines may be something else than entries below a heading."""
    head = above.lines[0]
    marked, texts = _is_marked(lines), [line.text for line in lines]
    plain = all(_is_plain(line) for line in lines)
    if len(lines) > _MOST or not (marked or plain) or not all(line.is_legible for line in lines):
        return None
    if len(above.lines) != 1 or not _heads(head, lines, valued=valued):
        return None
    names = [_NUMBERED.sub("", each, count=1) if marked else each for each in texts]
    if not unique(names):
        return None
    entries = tuple(map(_standing, names, lines))
    titled = _standing(head.text, head)
    return Listing(titled, TableColumn(titled.label, "y", entries, head.ref))


def _standing(name: str, line: Line) -> Entry:
    return Entry(name.strip(" :"), line.ref, Quantity("y", Decimal(str(round(line.middle, 2)))), line.ref)


def _is_plain(line: Line) -> bool:
    return (
        not line.is_bulleted
        and _PLAIN.fullmatch(line.text) is not None
        and _NUMBERED.match(line.text) is None
        and quantity(line.text) is None
    )


def _is_marked(lines: Sequence[Line]) -> bool:
    """Whether each begins with a bullet, or with its number from 1 on."""
    found = [_NUMBERED.match(line.text) for line in lines]
    numbers = [one["number"] for one in found if one is not None]
    in_turn = numbers == [str(n) for n in range(1, len(lines) + 1)]
    return in_turn or (not numbers and all(line.is_bulleted for line in lines))


def _heads(head: Line, lines: Sequence[Line], *, valued: bool) -> bool:
    """Whether a line stands close above the entries, not smaller than they, which are bulleted, valued or further in.

    What begins at the edge of a title may as well be an address, a verse or a notice.
    """
    step, edge = lines[1].middle - lines[0].middle, _SAME_EDGE * lines[0].height
    apart = lines[0].box[0] - head.box[0] > edge or _is_marked(lines) or valued
    return (
        head.is_clear
        and not head.is_bulleted
        and apart
        and _PLAIN.fullmatch(head.text.rstrip(" :")) is not None
        and head.height >= (1 - _SAME_HEIGHT / 2) * lines[0].height
        and head.box[0] <= lines[0].box[0] + edge
        and head.box[2] > lines[0].box[0]
        and lines[0].middle - head.middle <= 1.6 * step
        and head.text[0].isupper()
    )


def is_centred(lines: Sequence[Line]) -> bool:
    """Whether nobody can tell from what side the lines are aligned."""
    centres = [line.centre for line in lines]
    return max(centres) - min(centres) <= 0.3 * lines[0].height


def runs_on(lines: Sequence[Line], below: Sequence[LineRow]) -> bool:
    """Whether another line follows at the distance of an entry, which may be one of them."""
    step = lines[1].middle - lines[0].middle
    return bool(below) and below[0].top - lines[-1].box[3] < (1 + _SAME_STEP) * step - lines[0].height
