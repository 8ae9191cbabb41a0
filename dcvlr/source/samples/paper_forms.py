"""Invoices, registration forms, parcel labels and tickets: labels with values beside or below them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from dcvlr.source.samples.desk import on_desk
from dcvlr.source.samples.sheet import GREY, INK, PALE, PALETTES, WHITE, Colour, Sheet, money

_FIRST = ("Maria", "Daniel", "Aisha", "Tomas", "Ingrid", "Kenji", "Lucia", "Omar")
_LAST = ("Keller", "Novak", "Haddad", "Lindgren", "Moreau", "Tanaka", "Walsh", "Rossi")
_STREETS = ("Maple Avenue", "Canal Street", "Hill Road", "Station Lane", "Birch Close")
_TOWNS = ("Ashby", "Brookfield", "Eastwick", "Granton", "Port Ellery")
_WORK = (
    ("Site survey", 18000),
    ("Drawing set", 42500),
    ("Door repair", 9550),
    ("Window frame", 31000),
    ("Paint work", 12600),
    ("Waste removal", 7800),
)
_SHOWS = (
    "Spring Concert",
    "Night of Short Films",
    "City Chess Final",
    "Harbour Jazz",
    "Science Fair",
    "Puppet Theatre",
)
_COURSES = ("Pottery", "Swimming", "Spanish", "Chess", "First aid")


def draw_form(rng: Random, variant: int) -> Sheet:
    """One of four kinds in turn; the later ones lie on a desk."""
    makers: tuple[Callable[[Random, int, Colour], Sheet], ...] = (_invoice, _registration, _parcel, _ticket)
    sheet = makers[variant % len(makers)](rng, variant, PALETTES[variant % len(PALETTES)][variant // 4 % 4])
    if variant >= len(makers):
        sheet.image = on_desk(sheet.image, rng, variant)
    return sheet


def _person(rng: Random) -> str:
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"


def _date(rng: Random) -> str:
    return f"2024-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"


def _street(rng: Random) -> str:
    return f"{rng.randint(2, 98)} {rng.choice(_STREETS)}"


def _field(sheet: Sheet, x: float, y: float, label: str, value: str, indent: float) -> None:
    sheet.text(x, y, f"{label}:", 24, fill=GREY)
    sheet.text(x + indent, y, value, 24)


def _invoice(rng: Random, variant: int, accent: Colour) -> Sheet:
    sheet = Sheet(820, 1000)
    sheet.box(0, 0, 820, 96, fill=accent)
    sheet.text(48, 48, "INVOICE", 44, anchor="lm", fill=WHITE, bold=True)
    sheet.text(772, 48, "Fernhill Builders", 26, anchor="rm", fill=WHITE)
    fields = (
        ("Invoice no", f"INV-{2310 + 7 * variant}"),
        ("Date", _date(rng)),
        ("Customer", _person(rng)),
        ("Address", f"{_street(rng)}, {rng.choice(_TOWNS)}"),
    )
    for row, (label, value) in enumerate(fields):
        _field(sheet, 48, 132 + 42 * row, label, value, 170)
    y = _work(sheet, rng, 330, accent)
    sheet.text(48, y + 30, f"Payment due within {rng.choice((14, 21, 30))} days", 22, fill=GREY)
    sheet.cut(y + 96)
    return sheet


def _work(sheet: Sheet, rng: Random, y: float, accent: Colour) -> float:
    lines = rng.sample(_WORK, rng.randint(3, 4))
    for x, title, anchor in ((48, "Description", "la"), (772, "Amount", "ra")):
        sheet.text(x, y, title, 24, anchor=anchor, bold=True)
    sheet.line([(48, y + 38), (772, y + 38)], fill=accent, width=3)
    y += 54
    for name, amount in lines:
        sheet.text(48, y, name, 24)
        sheet.text(772, y, money(amount), 24, anchor="ra")
        sheet.line([(48, y + 38), (772, y + 38)], fill=PALE, width=1)
        y += 52
    net = sum(amount for _, amount in lines)
    for label, amount in (("Net", net), ("VAT 20%", net // 5)):
        sheet.text(600, y, label, 24, anchor="ra", fill=GREY)
        sheet.text(772, y, money(amount), 24, anchor="ra")
        y += 42
    sheet.text(600, y + 6, "Total due", 28, anchor="ra", bold=True)
    sheet.text(772, y + 6, money(net + net // 5), 28, anchor="ra", bold=True)
    return y + 56


def _registration(rng: Random, variant: int, accent: Colour) -> Sheet:
    sheet = Sheet(800, 860, (252, 252, 250))
    sheet.box(20, 20, 780, 840, outline=accent)
    sheet.text(400, 48, "Course registration", 38, anchor="ma", bold=True, fill=accent)
    sheet.text(400, 100, f"Brookfield Community Centre, form {variant + 31}", 22, anchor="ma", fill=GREY)
    phone = f"0{rng.randint(100, 999)} {rng.randint(100, 999)} {rng.randint(1000, 9999)}"
    values = (
        _person(rng),
        f"19{rng.randint(58, 99)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
        _street(rng),
        rng.choice(_TOWNS),
        phone,
    )
    for row, (label, value) in enumerate(zip(("Name", "Born", "Street", "Town", "Phone"), values, strict=True)):
        y = 160 + 64 * row
        sheet.text(56, y + 24, label, 24, anchor="lm", fill=GREY)
        sheet.box(200, y, 744, y + 48, fill=WHITE, outline=PALE)
        sheet.text(216, y + 24, value, 24, anchor="lm", fill=(30, 50, 120))
    sheet.text(56, 500, "Courses chosen", 26, bold=True)
    chosen = set(rng.sample(_COURSES, 2))
    for row, course in enumerate(_COURSES):
        _tick_box(sheet, 60, 548 + 44 * row, course, course in chosen)
    sheet.text(56, 784, f"Signed {_date(rng)}", 22, fill=GREY)
    return sheet


def _tick_box(sheet: Sheet, x: float, y: float, label: str, ticked: bool) -> None:
    sheet.box(x, y, x + 26, y + 26, fill=WHITE, outline=INK)
    if ticked:
        sheet.line([(x + 5, y + 13), (x + 11, y + 21), (x + 23, y + 4)], fill=(20, 60, 150), width=4)
    sheet.text(x + 44, y + 13, label, 24, anchor="lm")


def _parcel(rng: Random, variant: int, accent: Colour) -> Sheet:
    sheet = Sheet(760, 560, (246, 242, 232))
    sheet.box(16, 16, 744, 544, outline=INK)
    sheet.box(16, 16, 744, 84, fill=INK)
    sheet.text(40, 50, "SWIFT PARCEL", 34, anchor="lm", fill=WHITE, bold=True)
    sheet.text(720, 50, rng.choice(("STANDARD", "EXPRESS", "NEXT DAY")), 28, anchor="rm", fill=WHITE)
    for x, title in ((40, "FROM"), (400, "TO")):
        sheet.text(x, 110, title, 20, fill=GREY, bold=True)
        for row, line in enumerate((_person(rng), _street(rng), rng.choice(_TOWNS), f"{rng.randint(10000, 98999)}")):
            sheet.text(x, 142 + 36 * row, line, 26, bold=row == 0)
    sheet.line([(380, 100), (380, 300)], fill=PALE)
    sheet.line([(16, 306), (744, 306)], fill=INK)
    fields = (
        ("Weight", f"{rng.randint(4, 240) / 10:.1f} kg"),
        ("Pieces", str(rng.randint(1, 6))),
        ("Posted", _date(rng)),
    )
    for column, (label, value) in enumerate(fields):
        sheet.text(40 + 240 * column, 324, label, 20, fill=GREY)
        sheet.text(40 + 240 * column, 352, value, 30, bold=True)
    sheet.text(380, 410, f"SP {rng.randint(1000, 9999)} {rng.randint(1000, 9999)} {variant + 10}", 28, anchor="ma")
    sheet.box(40, 456, 720, 524, fill=accent)
    sheet.text(380, 490, f"ZONE {rng.choice('ABCDEF')}{rng.randint(1, 9)}", 40, anchor="mm", fill=WHITE, bold=True)
    return sheet


def _ticket(rng: Random, variant: int, accent: Colour) -> Sheet:
    sheet = Sheet(900, 400, accent)
    sheet.box(24, 24, 876, 376, fill=(255, 252, 244))
    sheet.box(24, 24, 660, 40, fill=accent)
    sheet.text(60, 66, _SHOWS[variant // 4 % len(_SHOWS)], 44, bold=True)
    sheet.text(60, 130, rng.choice(("Town Hall", "Old Mill Stage", "Granton Theatre")), 28, fill=GREY)
    adults, price = rng.randint(1, 4), rng.randint(16, 70) * 50
    columns = (
        ("DATE", _date(rng)),
        ("DOORS", f"{rng.randint(17, 20)}:{rng.choice(('00', '15', '30'))}"),
        ("ROW", rng.choice("ABCDEFGH")),
        ("SEAT", str(rng.randint(1, 38))),
    )
    for x, (label, value) in zip((60, 270, 420, 540), columns, strict=True):
        sheet.text(x, 206, label, 20, fill=GREY)
        sheet.text(x, 234, value, 32, bold=True)
    sheet.text(60, 316, f"Adults {adults}  at {money(price)}", 24)
    for y in range(40, 364, 18):
        sheet.dot(676, y, 4, accent)
    sheet.text(768, 90, "ADMIT", 30, anchor="ma", fill=GREY)
    sheet.text(768, 130, str(adults), 84, anchor="ma", bold=True, fill=accent)
    sheet.text(768, 250, f"Total {money(adults * price)}", 28, anchor="ma", bold=True)
    sheet.text(768, 310, f"No {58000 + 37 * variant}", 22, anchor="ma", fill=GREY)
    return sheet
