"""Drawn pages of kinds that `source=samples` does not have: sections, labelled amounts above a table, two tables.

`drawn_documents()` gives the same pixels on every machine, with the texts in the order in which they were drawn and
what stands under which heading. Read by bench/programs.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from dcvlr.source.samples.desk import on_desk
from dcvlr.source.samples.sheet import GREY, Sheet, money

_SECTIONS: tuple[tuple[str, Mapping[str, tuple[str, ...]]], ...] = (
    (
        "Community Centre",
        {
            "Indoors": ("Ceramics", "Diving", "Draughts", "Fencing", "Judo"),
            "Outdoors": ("Rowing", "Archery", "Hockey", "Climbing", "Golf", "Sailing"),
            "Evenings": ("Italian", "Poetry circle", "Life drawing", "Accounting"),
            "Weekends": ("Beekeeping", "Woodwork", "Choir"),
        },
    ),
    (
        "Museum guide",
        {
            "Ground floor": ("Ticket desk", "Cloakroom", "Book shop", "Cafeteria"),
            "First floor": ("Roman coins", "Silver hall", "Map room", "Old prints", "Print workshop"),
            "Second floor": ("Ship models", "Clock gallery", "Lecture theatre"),
        },
    ),
    (
        "Tool hire",
        {
            "Garden": ("Hedge trimmer", "Lawn mower", "Leaf blower", "Rotavator"),
            "Building": ("Cement mixer", "Angle grinder", "Jack hammer", "Tile cutter", "Scaffold tower"),
            "Cleaning": ("Pressure washer", "Floor polisher", "Steam cleaner"),
        },
    ),
)
_GOODS = ("Desk lamp", "Bookshelf", "Paper tray", "Stapler", "Notice board", "Coffee maker", "Wall clock", "Footstool")


@dataclass(frozen=True)
class Document:
    """`sections` are the entries of each heading, if the page has some."""

    sheet: Sheet
    sections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def drawn_documents() -> Iterator[tuple[str, Document]]:
    for kind, draw in _KINDS.items():
        for variant in range(6):
            rng = Random(f"{kind}/{variant}")
            document = draw(rng, variant)
            if variant % 2:
                document.sheet.image = on_desk(document.sheet.image, rng, variant)
            yield f"{kind}_{variant}", document


def undistorted(count: int) -> Iterator[tuple[str, Document]]:
    """Of each kind in turn, of other content; nothing lies on a desk."""
    for n in range(count):
        kind, draw = list(_KINDS.items())[n % len(_KINDS)]
        yield f"{kind} {n}", draw(Random(f"{kind}/undistorted/{n}"), n // len(_KINDS))


def _titled(rng: Random, variant: int) -> tuple[Sheet, dict[str, tuple[str, ...]]]:
    """A page with its title alone, and what is to stand below each heading."""
    title, parts = _SECTIONS[variant % len(_SECTIONS)]
    chosen = {head: tuple(rng.sample(names, rng.randint(2, len(names)))) for head, names in parts.items()}
    sheet = Sheet(640, 1200)
    sheet.text(320, 36, title, 40, anchor="ma", bold=True)
    return sheet, chosen


def _listed(rng: Random, variant: int) -> Document:
    return _sections(rng, variant, bullet="", indent=40)


def _bulleted(rng: Random, variant: int) -> Document:
    return _sections(rng, variant, bullet="* ", indent=0)


def _sections(rng: Random, variant: int, *, bullet: str, indent: float) -> Document:
    sheet, chosen = _titled(rng, variant)
    y = 120
    for head, names in chosen.items():
        sheet.text(60, y, head, 28, bold=True)
        for name in names:
            y += 40
            sheet.text(60 + indent, y, f"{bullet}{name}", 24)
        y += 40 + rng.choice((16, 24)) * (variant < 3) + 20 * (variant >= 3)
    sheet.cut(y + 30)
    return Document(sheet, chosen)


def _menu(rng: Random, variant: int) -> Document:
    """Each entry with a price at the right."""
    sheet, chosen = _titled(rng, variant)
    y = 120
    for head, names in chosen.items():
        sheet.text(60, y, head, 28, bold=True)
        for name in names:
            y += 40
            sheet.text(60, y, name, 24)
            sheet.text(580, y, money(rng.randint(250, 9900)), 24, anchor="ra")
        y += 64
    sheet.cut(y + 30)
    return Document(sheet, chosen)


def _budget(rng: Random, variant: int) -> Document:
    """Labelled amounts above prices, one of which is one of them."""
    goods = [(name, rng.randint(500, 9900)) for name in rng.sample(_GOODS, rng.randint(4, 6))]
    sheet = Sheet(640, 900)
    sheet.text(320, 36, "Office order", 40, anchor="ma", bold=True)
    labels = (
        ("Budget", rng.randint(100, 300) * 100),
        ("Paid so far", rng.choice(goods)[1]),
        ("Delivery", rng.randint(30, 60) * 100),
    )
    for row, (label, amount) in enumerate(labels):
        sheet.text(60, 110 + 40 * row, f"{label}:", 24, fill=GREY)
        sheet.text(260, 110 + 40 * row, money(amount), 24)
    y = _table(sheet, 270, ("Item", "Price"), [(name, money(amount)) for name, amount in goods])
    sheet.cut(y + 40)
    return Document(sheet)


def _two_tables(rng: Random, variant: int) -> Document:
    """Prices, and what was ordered of the same articles in another order."""
    names = rng.sample(_GOODS, rng.randint(4, 6))
    sheet = Sheet(640, 1200)
    sheet.text(60, 36, "Price list", 36, bold=True)
    y = _table(sheet, 100, ("Article", "Price"), [(name, money(rng.randint(500, 9900))) for name in names])
    sheet.text(60, y + 40, "Orders of the week", 36, bold=True)
    orders = [(name, str(rng.randint(2, 60))) for name in rng.sample(names, len(names))]
    y = _table(sheet, y + 104, ("Article", "Ordered"), orders)
    sheet.cut(y + 40)
    return Document(sheet)


def _table(sheet: Sheet, y: float, heads: tuple[str, str], rows: list[tuple[str, str]]) -> float:
    for index, cells in enumerate((heads, *rows)):
        sheet.text(60, y, cells[0], 24, bold=index == 0)
        sheet.text(560, y, cells[1], 24, anchor="ra", bold=index == 0)
        y += 44
    return y


_KINDS: Mapping[str, Callable[[Random, int], Document]] = {
    "listed": _listed,
    "bulleted": _bulleted,
    "menu": _menu,
    "budget": _budget,
    "two_tables": _two_tables,
}
