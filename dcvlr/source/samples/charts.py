"""Bar, line and pie charts with axes, ticks, legends and known values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from dcvlr.source.samples.sheet import GREY, INK, PALE, PALETTES, Colour, Sheet

_SUBJECTS = (
    ("Visitors per month", "visitors", ("Museum", "Gallery"), ("Jan", "Feb", "Mar", "Apr", "May", "Jun"), (120, 900)),
    ("Rainfall in Ashby", "mm", ("2022", "2023"), ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), (2, 48)),
    (
        "Books lent",
        "books",
        ("Fiction", "Poetry"),
        ("Ashby", "Eastwick", "Fernhill", "Granton", "Millbrook"),
        (140, 980),
    ),
    ("Energy used", "kWh", ("Plan", "Actual"), ("Ground", "First", "Second", "Third", "Attic"), (60, 410)),
    (
        "Favourite fruit",
        "votes",
        ("Class A", "Class B"),
        ("Apple", "Banana", "Cherry", "Grape", "Mango", "Pear"),
        (8, 64),
    ),
    ("Trees planted", "trees", ("Parks", "Streets"), ("2018", "2019", "2020", "2021", "2022", "2023"), (30, 240)),
)


@dataclass(frozen=True)
class Plot:
    """The area between the axes, in pixels, and the value at its far end."""

    x0: float
    y0: float
    x1: float
    y1: float
    top: int

    def y(self, value: float) -> float:
        return self.y1 - (self.y1 - self.y0) * value / self.top

    def x(self, value: float) -> float:
        return self.x0 + (self.x1 - self.x0) * value / self.top


def draw_chart(rng: Random, variant: int) -> Sheet:
    """One of five kinds of chart in turn, about one of six subjects."""
    kinds: tuple[Callable[[Sheet, Random, int], None], ...] = (_bars, _lying_bars, _lines, _pie, _pairs)
    sheet = Sheet(*((860, 580), (760, 620), (920, 560))[variant % 3])
    kinds[variant % len(kinds)](sheet, rng, variant)
    return sheet


@dataclass(frozen=True)
class _Subject:
    title: str
    unit: str
    series: Sequence[str]
    names: Sequence[str]
    values: Sequence[int]


def _subject(rng: Random, variant: int) -> _Subject:
    title, unit, series, names, (low, high) = _SUBJECTS[(variant * 5 + variant // 5) % len(_SUBJECTS)]
    return _Subject(title, unit, series, names, rng.sample(range(low, high), len(names)))


def _colours(variant: int) -> tuple[Colour, ...]:
    return PALETTES[variant % len(PALETTES)]


def _round_top(largest: int) -> tuple[int, int]:
    """End of the axis and distance of its ticks."""
    step = next(step for step in (5, 10, 20, 25, 50, 100, 200, 250, 500) if largest <= 5 * step)
    return step * -(-largest // step), step


def _frame(sheet: Sheet, subject: _Subject, largest: int) -> Plot:
    """Title, unit, horizontal grid lines and ticks of an upright chart."""
    width, height = sheet.image.size
    top, step = _round_top(largest)
    plot = Plot(96, 124, width - 48, height - 84, top)
    sheet.text(width / 2, 26, subject.title, 32, anchor="ma", bold=True)
    sheet.text(36, 82, subject.unit, 20, fill=GREY)
    for value in range(0, top + 1, step):
        sheet.line([(plot.x0, plot.y(value)), (plot.x1, plot.y(value))], fill=PALE, width=1)
        sheet.text(plot.x0 - 12, plot.y(value), str(value), 20, anchor="rm", fill=GREY)
    sheet.line([(plot.x0, plot.y0), (plot.x0, plot.y1), (plot.x1, plot.y1)], fill=INK)
    return plot


def _bars(sheet: Sheet, rng: Random, variant: int) -> None:
    subject = _subject(rng, variant)
    names, values = subject.names, subject.values
    plot, colours = _frame(sheet, subject, max(values)), _colours(variant)
    slot = (plot.x1 - plot.x0) / len(names)
    for index, (name, value) in enumerate(zip(names, values, strict=True)):
        middle = plot.x0 + slot * (index + 0.5)
        colour = colours[0] if variant % 2 else colours[index % len(colours)]
        sheet.box(middle - slot * 0.3, plot.y(value), middle + slot * 0.3, plot.y1 - 1, fill=colour)
        sheet.text(middle, plot.y(value) - 8, str(value), 22, anchor="ms", bold=True)
        sheet.text(middle, plot.y1 + 14, name, 22, anchor="ma")


def _lying_bars(sheet: Sheet, rng: Random, variant: int) -> None:
    subject = _subject(rng, variant)
    names, values = subject.names, subject.values
    width, height = sheet.image.size
    top, step = _round_top(max(values))
    plot = Plot(150, 96, width - 90, height - 76, top)
    sheet.text(36, 26, f"{subject.title} ({subject.unit})", 30, bold=True)
    for value in range(0, top + 1, step):
        sheet.line([(plot.x(value), plot.y0), (plot.x(value), plot.y1)], fill=PALE, width=1)
        sheet.text(plot.x(value), plot.y1 + 14, str(value), 20, anchor="ma", fill=GREY)
    slot = (plot.y1 - plot.y0) / len(names)
    for index, (name, value) in enumerate(zip(names, values, strict=True)):
        middle = plot.y0 + slot * (index + 0.5)
        sheet.box(
            plot.x0, middle - slot * 0.32, plot.x(value), middle + slot * 0.32, fill=_colours(variant)[variant % 5]
        )
        sheet.text(plot.x0 - 14, middle, name, 22, anchor="rm")
        sheet.text(plot.x(value) + 10, middle, str(value), 22, anchor="lm", bold=True)
    sheet.line([(plot.x0, plot.y0), (plot.x0, plot.y1)], fill=INK)


def _lines(sheet: Sheet, rng: Random, variant: int) -> None:
    subject = _subject(rng, variant)
    names, values = subject.names, subject.values
    other = [max(1, value + rng.randint(-max(values) // 4, max(values) // 4)) for value in values]
    plot = _frame(sheet, subject, max(*values, *other))
    slot = (plot.x1 - plot.x0) / len(names)
    xs = [plot.x0 + slot * (index + 0.5) for index in range(len(names))]
    for series, colour in zip((values, other), _colours(variant), strict=False):
        points = [(x, plot.y(value)) for x, value in zip(xs, series, strict=True)]
        sheet.line(points, fill=colour, width=4)
        for x, y in points:
            sheet.dot(x, y, 7, colour)
    for x, name in zip(xs, names, strict=True):
        sheet.text(x, plot.y1 + 14, name, 22, anchor="ma")
    _legend(sheet, subject.series, _colours(variant), plot.x1 - 280, 84)


def _pairs(sheet: Sheet, rng: Random, variant: int) -> None:
    subject = _subject(rng, variant)
    names, values = subject.names[:5], subject.values[:5]
    other = [max(1, round(value * rng.uniform(0.6, 1.3))) for value in values]
    plot, colours = _frame(sheet, subject, max(*values, *other)), _colours(variant)
    slot = (plot.x1 - plot.x0) / len(names)
    for index, name in enumerate(names):
        middle = plot.x0 + slot * (index + 0.5)
        for value, left, colour in ((values[index], -0.36, colours[0]), (other[index], 0.0, colours[1])):
            x0 = middle + slot * left
            sheet.box(x0 + 2, plot.y(value), x0 + slot * 0.36 - 2, plot.y1 - 1, fill=colour)
            sheet.text(x0 + slot * 0.18, plot.y(value) - 6, str(value), 20, anchor="ms")
        sheet.text(middle, plot.y1 + 14, name, 22, anchor="ma")
    _legend(sheet, subject.series, colours, plot.x1 - 280, 84)


def _pie(sheet: Sheet, rng: Random, variant: int) -> None:
    subject = _subject(rng, variant)
    names = subject.names[:5]
    shares = _shares(rng, len(names))
    width, height = sheet.image.size
    sheet.text(width / 2, 26, f"{subject.title}, in percent", 32, anchor="ma", bold=True)
    start, radius = -90.0, height * 0.36
    for share, colour in zip(shares, _colours(variant), strict=False):
        sheet.slice(width * 0.36, height * 0.56, radius, start, start + 3.6 * share, colour)
        start += 3.6 * share
    for row, (name, share) in enumerate(zip(names, shares, strict=True)):
        x, y = width * 0.36 + radius + 60, height * 0.36 + 48 * row
        sheet.box(x, y, x + 24, y + 24, fill=_colours(variant)[row])
        sheet.text(x + 38, y + 12, f"{name} {share}%", 24, anchor="lm")


def _shares(rng: Random, count: int) -> list[int]:
    """Different percentages of at least 6 that sum to 100, largest first."""
    while True:
        cuts = sorted(rng.sample(range(1, 100), count - 1))
        shares = [end - start for start, end in zip([0, *cuts], [*cuts, 100], strict=True)]
        if len(set(shares)) == count and min(shares) >= 6:
            return sorted(shares, reverse=True)


def _legend(sheet: Sheet, names: Sequence[str], colours: Sequence[Colour], x: float, y: float) -> None:
    for name, colour in zip(names, colours, strict=False):
        sheet.box(x, y, x + 20, y + 20, fill=colour)
        sheet.text(x + 30, y + 10, name, 20, anchor="lm")
        x += 60 + sheet.width_of(name, 20)
