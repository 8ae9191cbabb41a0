"""Tables of numbers with headings, aligned columns and totals that are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from dcvlr.source.samples.sheet import GREY, INK, PALE, PALETTES, WHITE, Colour, Sheet, money

_REGIONS = ("North", "South", "East", "West", "Central", "Islands")
_TEAMS = ("Ashby Rovers", "Eastwick", "Port Ellery", "Brookfield", "Mill United", "Canal City")
_CITIES = ("Ashby", "Brookfield", "Eastwick", "Fernhill", "Granton", "Port Ellery")
_STOCK = ("Desk lamp", "Office chair", "Bookshelf", "Paper tray", "Whiteboard", "Coat stand", "Side table")
_QUARTERS = ("Q1", "Q2", "Q3", "Q4")


@dataclass(frozen=True)
class DrawnTable:
    """Rows of cells; the first column is left aligned, the others right. `totals` marks a closing bold row."""

    title: str
    note: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    totals: bool = False


def draw_table(rng: Random, variant: int) -> Sheet:
    """One of five subjects in turn, in one of three styles."""
    makers = (_sales, _league, _departures, _inventory, _weather)
    return draw(makers[variant % len(makers)](rng, variant), rng, variant)


@dataclass(frozen=True)
class TableStyle:
    """How a table looks. `header` and `stripe` are backgrounds, None for none; `grid` draws lines between columns."""

    paper: Colour
    ink: Colour
    rule: Colour
    accent: Colour
    header: Colour | None
    stripe: Colour | None
    size: int
    pad: int
    grid: bool

    def of_row(self, table: DrawnTable, index: int) -> tuple[Colour | None, Colour, bool]:
        """Background, ink and weight of one row."""
        if index == 0:
            return self.header, WHITE if self.header else self.accent, True
        if table.totals and index == len(table.rows):
            return self.rule, self.ink, True
        return self.stripe if index % 2 == 0 else None, self.ink, False


def _style(variant: int) -> TableStyle:
    accent = PALETTES[variant % len(PALETTES)][variant % 4]
    size, pad = (22, 24, 27)[variant % 3], (34, 26)[variant % 2]
    if variant % 3 == 0:
        return TableStyle(WHITE, INK, PALE, accent, accent, (244, 246, 249), size, pad, grid=False)
    if variant % 3 == 1:
        return TableStyle(
            (30, 34, 42), (232, 234, 238), (66, 72, 84), (244, 190, 80), None, (38, 43, 53), size, pad, grid=False
        )
    return TableStyle((250, 246, 238), INK, (206, 198, 184), accent, accent, None, size, pad, grid=True)


def draw(table: DrawnTable, rng: Random, variant: int) -> Sheet:
    """The table in one of three styles, somewhere on its page."""
    style = _style(variant)
    sheet = Sheet(2000, 1400, style.paper)
    cells = [table.header, *table.rows]
    widths = [
        max(sheet.width_of(row[i], style.size) for row in cells) + 2 * style.pad for i in range(len(table.header))
    ]
    left, top, height = rng.choice((40, 120, 220)), rng.choice((122, 160, 220)), style.size + rng.choice((22, 30, 38))
    edges = [left + sum(widths[:column]) for column in range(len(widths) + 1)]
    bottom = top + len(cells) * height
    sheet.text(left, top - 88, table.title, 34, bold=True, fill=style.ink)
    sheet.text(left, top - 42, table.note, 20, fill=GREY)
    for index, row in enumerate(cells):
        _row(sheet, row, edges, (top + index * height, height), style, style.of_row(table, index))
    sheet.line([(left, bottom), (edges[-1], bottom)], fill=style.accent, width=3)
    if style.grid:
        for edge in edges:
            sheet.line([(edge, top), (edge, bottom)], fill=style.rule)
    right = max(edges[-1], left + sheet.width_of(table.title, 34)) + rng.choice((40, 110, 200))
    sheet.image = sheet.image.crop((0, 0, int(right), bottom + rng.choice((36, 100, 180))))
    return sheet


def _row(
    sheet: Sheet,
    row: Sequence[str],
    edges: Sequence[float],
    extent: tuple[float, int],
    style: TableStyle,
    colours: tuple[Colour | None, Colour, bool],
) -> None:
    (y, height), (background, ink, bold) = extent, colours
    if background is not None:
        sheet.box(edges[0], y, edges[-1], y + height, fill=background)
    sheet.line([(edges[0], y + height), (edges[-1], y + height)], fill=style.rule, width=1)
    for column, cell in enumerate(row):
        x, anchor = (edges[column] + style.pad, "lm") if column == 0 else (edges[column + 1] - style.pad, "rm")
        sheet.text(x, y + height / 2, cell, style.size, anchor=anchor, fill=ink, bold=bold)


def _sales(rng: Random, variant: int) -> DrawnTable:
    regions = rng.sample(_REGIONS, rng.randint(4, 5))
    values = [[rng.randint(12, 96) for _ in _QUARTERS] for _ in regions]
    sums = [sum(row[quarter] for row in values) for quarter in range(4)]
    rows = [(name, *map(str, row), str(sum(row))) for name, row in zip(regions, values, strict=True)]
    rows.append(("Total", *map(str, sums), str(sum(sums))))
    return DrawnTable(
        f"Sales by region 20{19 + variant}", "Thousands of units", ("Region", *_QUARTERS, "Year"), rows, True
    )


def _league(rng: Random, variant: int) -> DrawnTable:
    rows = []
    for team in _TEAMS:
        won, drawn, lost = rng.randint(2, 11), rng.randint(0, 5), rng.randint(1, 8)
        rows.append((team, won + drawn + lost, won, drawn, lost, 3 * won + drawn))
    rows.sort(key=lambda row: (-row[5], row[0]))
    cells = [(row[0], *map(str, row[1:])) for row in rows]
    note = "Three points for a win, one for a draw"
    return DrawnTable(
        f"Valley League, round {variant + 14}", note, ("Team", "Played", "Won", "Drawn", "Lost", "Points"), cells
    )


def _departures(rng: Random, variant: int) -> DrawnTable:
    minute = 6 * 60 + rng.randint(0, 40)
    rows = []
    for city in rng.sample(_CITIES, 6):
        minute += rng.randint(7, 48)
        clock = f"{minute // 60:02d}:{minute % 60:02d}"
        rows.append(
            (city, clock, str(rng.randint(1, 9)), f"{rng.randint(18, 240)} min", money(rng.randint(14, 96) * 50))
        )
    return DrawnTable(
        "Departures", f"Line {variant + 3}, weekdays", ("To", "Leaves", "Platform", "Journey", "Fare"), rows
    )


def _inventory(rng: Random, variant: int) -> DrawnTable:
    rows, worth = [], 0
    for name in rng.sample(_STOCK, 6):
        count, price = rng.randint(2, 48), rng.randint(30, 480) * 25
        worth += count * price
        rows.append(
            (name, f"{rng.choice('ABCDEF')}{rng.randint(10, 99)}", str(count), money(price), money(count * price))
        )
    rows.append(("Total", "", str(sum(int(row[2]) for row in rows)), "", money(worth)))
    header = ("Item", "Shelf", "Count", "Price", "Value")
    return DrawnTable(f"Stock count, store {variant + 1}", "Prices in dollars", header, rows, True)


def _weather(rng: Random, variant: int) -> DrawnTable:
    rows = []
    for city in rng.sample(_CITIES, 5):
        low, span, rain, sun = rng.randint(21, 148), rng.randint(34, 127), rng.randint(2, 480), rng.randint(5, 139)
        rows.append((city, *(f"{tenths / 10:.1f}" for tenths in (low + span, low, rain, sun))))
    return DrawnTable(
        f"Weather, week {variant + 11}", "Degrees Celsius", ("Station", "High", "Low", "Rain mm", "Sun h"), rows
    )
