"""More scenes made by hand: a page in sections, one with labelled amounts; and all of them together."""

from __future__ import annotations

from synthesis.made_scenes import (
    chart,
    courses,
    league,
    line,
    meadow,
    receipt,
    rows,
    sales,
    scene,
    slope,
    street,
    timetable,
    two_series,
    two_tables,
    zoo,
)

from dcvlr.records import Scene


def programme(image_id: str = "programme") -> Scene:
    """Three headings, each with entries further in below it."""
    parts = {
        "Indoors": ("Pottery", "Swimming", "Chess"),
        "Outdoors": ("Rowing", "Archery", "Hockey", "Climbing", "Golf"),
        "Evenings": ("Spanish", "First aid"),
    }
    lines, y = [line("Brookfield Centre", 100, 20, height=40)], 100
    for head, entries in parts.items():
        lines += [line(head, 50, y), *(line(name, 90, y + 40 * n) for n, name in enumerate(entries, start=1))]
        y += 40 * len(entries) + 60
    return scene(*lines, image_id=image_id)


def order(image_id: str = "order") -> Scene:
    """Prices below labelled amounts, one of which is the price of one of them."""
    goods = (("Item", "Price"), ("Desk lamp", "24.50"), ("Bookshelf", "89.00"), ("Paper tray", "7.25"))
    labelled = (line("Budget:", 40, 90), line("150.00", 200, 90), line("Deposit: 89.00", 40, 130))
    copies = line("Copies: 12,000", 320, 130)
    more = (("Stapler", "12.40"), ("Notice board", "31.80"), ("Coffee maker", "145.00"))
    title = line("Office order", 40, 20, height=40)
    return scene(title, *labelled, copies, *rows((*goods, *more), (40, 300), 210), image_id=image_id)


def invoice(*, title: str = "INVOICE", terms: str = "Payment due within 14 days") -> Scene:
    """Three items, their sum, the tax and the total, and in how many days it is due."""
    cells = (("Description", "Amount"), ("Window frame", "310.00"), ("Paint work", "126.00"), ("Drawing set", "425.00"))
    sums = (("Net", "861.00"), ("VAT 20%", "172.20"), ("Total due", "1033.20"))
    return scene(
        line(title, 40, 20, height=40),
        *rows((("Date:", "2024-10-18"),), (40, 300), 120),
        *rows((*cells, *sums), (40, 400), 200),
        line(terms, 40, 620),
        image_id="invoice",
    )


def half_year(image_id: str = "half year") -> Scene:
    """Bars of six months with their values, and what they count beside the axis."""
    shown = {"Jan": 162, "Feb": 563, "Mar": 788, "Apr": 624, "May": 895, "Jun": 335}
    values = [line(str(value), 120 + 100 * n, 600 - value // 2, width=40) for n, value in enumerate(shown.values())]
    months = [line(month, 120 + 100 * n, 640, width=40) for n, month in enumerate(shown)]
    ticks = [line(str(tick), 30, 610 - tick // 2, width=40) for tick in (1000, 800, 600, 400, 200)]
    title = line("Visitors of the museum", 100, 10, height=30)
    return scene(title, line("visitors", 30, 60), *ticks, *values, *months, image_id=image_id)


def all_scenes() -> list[Scene]:
    documents = [receipt(), league(), timetable(), sales(), two_tables(), courses(), chart(), half_year(), two_series()]
    return [*documents, programme(), order(), invoice(), street(), zoo(), slope(), meadow()]
