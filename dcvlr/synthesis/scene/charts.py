"""Charts whose values are printed: beside or above what they belong to, never guessed from the height of a bar."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from dcvlr.synthesis.scene.line_rows import LineRow
from dcvlr.synthesis.scene.lines import Line, Page, shared_width
from dcvlr.synthesis.scene.tables import Entry, Table, TableColumn, column_of, entry, unique
from dcvlr.synthesis.scene.values import quantity

_LEGEND = re.compile(r"(?P<label>[A-Za-z][A-Za-z ]*?|(?:19|20)\d\d) (?P<value>\d+(?:\.\d+)?%)")
_UNITS = frozenset(("mm", "cm", "m", "km", "kg", "g", "t", "kwh", "mwh", "w", "kw", "h", "l", "ml", "%"))
_MAGNITUDES = frozenset(("hundreds", "thousands", "millions", "billions"))  # no name of what is counted
_IN_BRACKETS = re.compile(r"\(([A-Za-z%]+)\)$")
_ROWS = (
    ("month", re.compile(r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*")),
    ("weekday", re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*")),
    ("year", re.compile(r"(?:19|20)\d\d")),
)
_SERIES = re.compile(r"[A-Za-z][A-Za-z ]*|(?:19|20)\d\d")
_UNKNOWN = "value"
_AROUND_100 = range(99, 102)
_MOST = 12


def read_chart(page: Page, rows: Sequence[LineRow]) -> Table | None:
    """One series, or two, with a printed value for each category; None for anything that could be read in two ways."""
    words = [line for line in page.lines if line.is_legible and quantity(line.text) is None]
    title = words[0].text if words else ""
    if series := _two_series(page, rows):
        names = {one.name for one in series}
        unit, ref = _unit(words[:1], [line for line in words[1:] if line.text not in names], series[0])
        counted = is_counted(unit) and unit != _UNKNOWN
        left, right = (replace(one, counts=unit, unit=ref) if counted else one for one in series)
        return Table("chart", _rows([one.label for one in left.entries]), (left, right), title)
    column = _legend(page) or _standing(page) or _lying(rows)
    if column is None:
        return None
    if column.kind != "percent":
        unit, ref = _unit(words[:1], words[1:], column)
        column = replace(column, name=unit, unit=ref)
    return Table("chart", _rows([one.label for one in column.entries]), (column,), title)


def is_counted(unit: str) -> bool:
    """Whether what stands beside an axis is a plural ("visitors"), not the title of a chart ("Energy used")."""
    return unit.isalpha() and not unit[0].isupper()


def _unit(titles: Sequence[Line], others: Sequence[Line], column: TableColumn) -> tuple[str, str]:
    """What the values count, and the line that says so: in brackets behind the title, or alone beside the axis.

    The title, where that is a unit.
    """
    for title in titles:
        if found := _IN_BRACKETS.search(title.text):
            if found[1].casefold() in _MAGNITUDES:
                return title.text, title.ref
            is_unit = found[1].casefold() in _UNITS
            return title.text[: found.start()].strip() if is_unit else found[1], title.ref
    names = {one.label for one in column.entries}
    alone = [line for line in others if line.text not in names and re.fullmatch(r"[A-Za-z%]+", line.text)]
    if not alone:
        return _UNKNOWN, ""
    chosen = titles[0] if alone[0].text.casefold() in _UNITS and titles else alone[0]
    return chosen.text, chosen.ref


def _rows(names: Sequence[str]) -> str:
    for what, pattern in _ROWS:
        if all(pattern.fullmatch(name) for name in names):
            return what
    return "category"


def _legend(page: Page) -> TableColumn | None:
    """Names with their percentages, which make up the whole."""
    found = [(line, _LEGEND.fullmatch(line.text)) for line in page.lines]
    entries = []
    for line, match in found:
        if match is None:
            continue
        value = quantity(match["value"])
        if value is None or not line.is_legible:
            return None
        entries.append(Entry(match["label"], line.ref, value, line.ref))
    if len(entries) < 3 or int(sum(one.value.number for one in entries)) not in _AROUND_100:
        return None
    return column_of(entries, "share", None) if unique(one.label for one in entries) else None


def _standing(page: Page) -> TableColumn | None:
    """Categories in the lowest row, one number above the middle of each; of an axis, or as high as it is large."""
    names = _categories(page)
    if not names:
        return None
    numbers = [line for line in page.lines if _is_number(line) and line not in names]
    ticks = _ticks(numbers)
    values = [line for line in numbers if line not in ticks] if len(ticks) >= 3 else numbers
    if len(values) != len(names):
        return None
    above = [[line for line in values if _is_above(line, name)] for name in names]
    if any(len(lines) != 1 for lines in above):
        return None
    pairs = [(name, lines[0]) for name, lines in zip(names, above, strict=True)]
    if len(ticks) >= 3:
        return _series(pairs, [*ticks, *_beyond(values, ticks)])
    return _series(pairs, values) if _is_to_scale(pairs) else None


def _categories(page: Page) -> tuple[Line, ...]:
    """The lowest lines of a page, where they stand in even steps; none where they do not name as many as a chart.

    The lowest tick of the axis may reach beside them.
    """
    foot = max(page.lines, key=lambda line: line.middle, default=None)
    if foot is None:
        return ()
    beside = (line for line in page.lines if foot.middle - line.middle <= foot.height / 2)
    lowest = tuple(sorted(beside, key=lambda line: line.box[0]))
    if len(lowest) > 1 and _is_number(lowest[0]) and not _is_number(lowest[1]):
        lowest = lowest[1:]
    return lowest if 3 <= len(lowest) <= _MOST and _evenly([line.centre for line in lowest]) else ()


def _is_above(line: Line, name: Line) -> bool:
    """Whether a number stands over the middle of a name."""
    return shared_width(line.box, name.box) > 0 and abs(line.centre - name.centre) < name.height


def _is_to_scale(pairs: Sequence[tuple[Line, Line]]) -> bool:
    """Whether each number stands as far above the names as it is large, as at the top of a bar: so none is misread."""
    foot = min(name.box[1] for name, _ in pairs)
    sizes = [_size_of(line) for _, line in pairs]
    heights = [foot - line.box[3] for _, line in pairs]
    slack = max(line.height for pair in pairs for line in pair)
    largest = max(range(len(sizes)), key=sizes.__getitem__)
    if len(set(sizes)) < 3 or heights[largest] < 3 * slack:
        return False
    scale = heights[largest] / sizes[largest]
    return all(abs(height - size * scale) <= slack / 2 for size, height in zip(sizes, heights, strict=True))


def _two_series(page: Page, rows: Sequence[LineRow]) -> tuple[TableColumn, TableColumn] | None:
    """Two numbers above each category, left and right of its middle, and two names in a row above them all.

    The first name of a legend is that of the left bars.
    """
    names = _categories(page)
    legend = next(_legends([row for row in rows if row.bottom < names[0].middle], names), None) if names else None
    if legend is None:
        return None
    numbers = [line for line in page.lines if _is_number(line) and legend[0].box[3] < line.middle and line not in names]
    ticks = _ticks(numbers)
    values = [line for line in numbers if line not in ticks]
    half = (names[1].centre - names[0].centre) / 2
    found = [sorted((v for v in values if abs(v.centre - one.centre) < half), key=lambda v: v.centre) for one in names]
    pairs = list(zip(names, found, strict=True))
    if len(ticks) < 3 or len(values) != 2 * len(names) or not all(_is_pair(name, two) for name, two in pairs):
        return None
    scale = [*ticks, *_beyond(values, ticks)]
    columns = [_series([(name, two[n]) for name, two in pairs], scale) for n in (0, 1)]
    if columns[0] is None or columns[1] is None:
        return None
    left = replace(columns[0], name=legend[0].text, head=legend[0].ref, side="left")
    return left, replace(columns[1], name=legend[1].text, head=legend[1].ref, side="right")


def _legends(rows: Sequence[LineRow], names: Sequence[Line]) -> Iterator[tuple[Line, Line]]:
    """Two names at the end of a row below the title, right of where the ticks stand."""
    for row in rows[1:]:
        inside = [line for line in row.lines if line.box[0] > names[0].box[0]]
        are_names = all(line.is_legible and _SERIES.fullmatch(line.text) for line in inside)
        if len(inside) == 2 and row.is_whole and are_names:
            yield inside[0], inside[1]


def _is_pair(name: Line, values: Sequence[Line]) -> bool:
    return len(values) == 2 and values[0].centre < name.centre < values[1].centre


def _lying(rows: Sequence[LineRow]) -> TableColumn | None:
    """Categories at the left, one number behind each; the ticks are the lowest row."""
    if len(rows) < 4 or not all(_is_number(line) for line in rows[-1].lines):
        return None
    ticks = rows[-1].lines
    if len(ticks) < 3 or not _evenly([_size_of(line) for line in ticks]):
        return None
    pairs = [(row.lines[0], row.lines[1]) for row in rows[:-1] if len(row.lines) == 2 and _is_number(row.lines[1])]
    alone = [row for row in rows[:-1] if len(row.lines) != 2]
    has_other_number = any(_is_number(line) for row in alone for line in row.lines)
    if len(pairs) < 3 or len(pairs) + len(alone) != len(rows) - 1 or has_other_number:
        return None
    if _has_no_value([line for row in alone for line in row.lines], [name for name, _ in pairs]):
        return None
    return _series(pairs, [*ticks, *_right_of([value for _, value in pairs], ticks)])


def _beyond(values: Sequence[Line], ticks: Sequence[Line]) -> list[Line]:
    """Values above the highest tick of a standing axis by less than a step, right above where it would have them."""
    highest, next_one = ticks[0], ticks[1]
    step, rise = _size_of(highest) - _size_of(next_one), next_one.middle - highest.middle
    if step <= 0:
        return []
    over = [(line, _size_of(line) - _size_of(highest)) for line in values]
    ends = [(line, highest.middle - size / step * rise) for line, size in over if 0 < size < step]
    return [line for line, end in ends if -0.5 <= (end - line.middle) / line.height <= 1.5]


def _has_no_value(others: Sequence[Line], names: Sequence[Line]) -> bool:
    """Whether one of the other lines stands where a further name would: the value of a bar was not read.

    A title may stand as near, but is larger or begins and ends elsewhere.
    """
    pitch = min(b.middle - a.middle for a, b in pairwise(names))
    near = ((line, name) for line in others for name in names if abs(line.middle - name.middle) <= 1.5 * pitch)
    return any(_is_aligned(line, name) and line.height <= 1.5 * name.height for line, name in near)


def _is_aligned(line: Line, name: Line) -> bool:
    apart = (line.box[0] - name.box[0], line.centre - name.centre, line.box[2] - name.box[2])
    return min(map(abs, apart)) <= name.height


def _right_of(values: Sequence[Line], ticks: Sequence[Line]) -> list[Line]:
    """The same of a lying axis: right of its last tick, where it would have them end."""
    one_before, last = ticks[-2:]
    step, width = _size_of(last) - _size_of(one_before), last.centre - one_before.centre
    over = [(line, _size_of(line) - _size_of(last)) for line in values]
    ends = [(line, last.centre + size / step * width) for line, size in over if 0 < size < step]
    return [line for line, end in ends if -0.5 <= (line.box[0] - end) / line.height <= 1.5]


def _series(pairs: Sequence[tuple[Line, Line]], ticks: Sequence[Line]) -> TableColumn | None:
    top = max(_size_of(line) for line in ticks)
    column = column_of([entry(name, line) for name, line in pairs], _UNKNOWN, None)
    if column is None or not all(line.is_sure for _, line in pairs) or not unique(name.text for name, _ in pairs):
        return None
    return column if all(0 <= one.value.number <= top for one in column.entries) else None


def _ticks(numbers: Sequence[Line]) -> list[Line]:
    """The numbers at the left whose middles are one above the other and whose values go in equal steps."""
    if not numbers:
        return []
    left = min(line.box[0] for line in numbers)
    edge = min((line for line in numbers if line.box[0] <= left + 1), key=lambda line: line.middle).box[2]
    ticks = sorted((line for line in numbers if abs(line.box[2] - edge) <= line.height), key=lambda line: line.middle)
    return ticks if _evenly([_size_of(line) for line in ticks]) else []


def _evenly(values: Sequence[float]) -> bool:
    steps = [b - a for a, b in pairwise(values)]
    return bool(steps) and all(abs(step - steps[0]) <= 0.12 * abs(steps[0]) for step in steps) and steps[0] != 0


def _is_number(line: Line) -> bool:
    value = quantity(line.text)
    return value is not None and value.kind == "number"


def _size_of(line: Line) -> float:
    value = quantity(line.text)
    assert value is not None
    return float(value.number)
