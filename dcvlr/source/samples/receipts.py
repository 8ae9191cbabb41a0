"""Till receipts whose amounts add up, on a desk as a phone would see them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from dcvlr.source.samples.desk import on_desk
from dcvlr.source.samples.sheet import GREY, INK, Colour, Sheet, money

_SHOPS = (
    ("HARBOUR GROCERY", "14 Quay Street", "Port Ellery"),
    ("CAFE LUMEN", "3 Station Square", "Brookfield"),
    ("NORTHSIDE HARDWARE", "221 Mill Road", "Ashby"),
    ("The Paper Crane", "Stationery and Gifts", "8 Elm Arcade"),
    ("GREEN LEAF MARKET", "Unit 5, Canal Wharf", "Eastwick"),
    ("Bella Napoli", "Pizzeria", "47 Orchard Lane"),
)
_GOODS = (
    (("Whole milk 1 l", 129), ("Rye bread", 285), ("Butter 250 g", 319), ("Eggs x12", 399), ("Apples 1 kg", 249)),
    (("Flat white", 380), ("Espresso", 260), ("Croissant", 295), ("Lemon cake", 425), ("Orange juice", 350)),
    (("Wood screws", 649), ("Paint roller", 895), ("LED bulb 9 W", 425), ("Duct tape", 575), ("Hammer", 1850)),
    (("Notebook A5", 799), ("Ink pen blue", 450), ("Gift wrap", 375), ("Birthday card", 325), ("Ruler 30 cm", 195)),
    (("Tomatoes", 340), ("Spinach", 275), ("Olive oil", 1099), ("Pasta 500 g", 185), ("Basil pot", 260)),
    (("Margherita", 1050), ("Quattro stagioni", 1325), ("Bruschetta", 625), ("House salad", 580), ("Tiramisu", 690)),
)
_WISHES = ("Thank you for your visit", "Please come again", "Have a lovely day")
_INKS: tuple[Colour, ...] = (INK, (40, 44, 84), (62, 48, 44))


@dataclass(frozen=True)
class _Line:
    name: str
    quantity: int
    price: int  # cents

    @property
    def amount(self) -> int:
        return self.quantity * self.price


def draw_receipt(rng: Random, variant: int) -> Sheet:
    """One of six shops and three layouts in turn; `variant` is also printed in the receipt's number."""
    shop = variant % len(_SHOPS)
    goods = rng.sample(_GOODS[shop], rng.randint(2, 5))
    lines = [_Line(name, rng.choice((1, 1, 1, 2, 3)), price) for name, price in goods]
    ink = _INKS[variant % len(_INKS)]
    sheet = Sheet(520, 1400, (250, 249, 244))
    y = _head(sheet, rng, shop, variant, ink)
    y = (_plain, _with_quantities, _in_columns)[variant % 3](sheet, lines, y, ink)
    y = _foot(sheet, rng, lines, y, ink)
    _barcode(sheet, rng, y + 26)
    sheet.cut(y + 120)
    sheet.image = on_desk(sheet.image, rng, variant)
    return sheet


def _head(sheet: Sheet, rng: Random, shop: int, variant: int, ink: Colour) -> float:
    name, *address = _SHOPS[shop]
    sheet.text(260, 34, name, 36, anchor="ma", bold=True, fill=ink)
    for row, line in enumerate(address):
        sheet.text(260, 84 + 30 * row, line, 22, anchor="ma", fill=ink)
    day, month, hour, minute = rng.randint(1, 28), rng.randint(1, 12), rng.randint(8, 20), rng.randint(0, 59)
    sheet.text(36, 160, f"Receipt {4100 + variant}", 22, fill=ink)
    sheet.text(484, 160, f"{day:02d}/{month:02d}/2024 {hour:02d}:{minute:02d}", 22, anchor="ra", fill=ink)
    sheet.dashes(36, 484, 202)
    return 220


def _plain(sheet: Sheet, lines: list[_Line], y: float, ink: Colour) -> float:
    for line in lines:
        name = line.name if line.quantity == 1 else f"{line.name} ({line.quantity})"
        sheet.text(36, y, name, 24, fill=ink)
        sheet.text(484, y, money(line.amount), 24, anchor="ra", fill=ink)
        y += 40
    return y


def _with_quantities(sheet: Sheet, lines: list[_Line], y: float, ink: Colour) -> float:
    for line in lines:
        sheet.text(36, y, line.name, 24, fill=ink)
        sheet.text(484, y, money(line.amount), 24, anchor="ra", fill=ink)
        sheet.text(60, y + 32, f"{line.quantity} @ {money(line.price)}", 20, fill=GREY)
        y += 70
    return y


def _in_columns(sheet: Sheet, lines: list[_Line], y: float, ink: Colour) -> float:
    for x, title, anchor in ((36, "Qty", "la"), (96, "Item", "la"), (372, "Price", "ra"), (484, "Amount", "ra")):
        sheet.text(x, y, title, 22, anchor=anchor, bold=True, fill=ink)
    y += 42
    for line in lines:
        sheet.text(48, y, str(line.quantity), 22, fill=ink)
        sheet.text(96, y, line.name, 22, fill=ink)
        sheet.text(372, y, money(line.price), 22, anchor="ra", fill=ink)
        sheet.text(484, y, money(line.amount), 22, anchor="ra", fill=ink)
        y += 38
    return y


def _foot(sheet: Sheet, rng: Random, lines: list[_Line], y: float, ink: Colour) -> float:
    subtotal = sum(line.amount for line in lines)
    percent = rng.choice((5, 8, 10, 20))
    tax = (subtotal * percent + 50) // 100
    total = subtotal + tax
    cash = -(-total // 1000) * 1000
    sheet.dashes(36, 484, y + 6)
    y += 22
    for label, amount in (("Subtotal", subtotal), (f"Tax {percent}%", tax)):
        sheet.text(36, y, label, 24, fill=ink)
        sheet.text(484, y, money(amount), 24, anchor="ra", fill=ink)
        y += 38
    sheet.text(36, y + 4, "TOTAL", 34, bold=True, fill=ink)
    sheet.text(484, y + 4, money(total), 34, anchor="ra", bold=True, fill=ink)
    y += 60
    paid = (("Cash", cash), ("Change", cash - total)) if rng.random() < 0.6 else (("Card", total),)
    for label, amount in paid:
        sheet.text(36, y, label, 24, fill=ink)
        sheet.text(484, y, money(amount), 24, anchor="ra", fill=ink)
        y += 38
    sheet.dashes(36, 484, y + 6)
    sheet.text(260, y + 26, rng.choice(_WISHES), 24, anchor="ma", fill=ink)
    return y + 56


def _barcode(sheet: Sheet, rng: Random, y: float) -> None:
    x = 120.0
    while x < 400:
        width = rng.choice((2, 2, 4, 6))
        sheet.box(x, y, x + width - 1, y + 56, fill=INK)
        x += width + rng.choice((3, 5))
