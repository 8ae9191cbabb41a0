"""Drawn receipts of layouts that the trial receipts do not have, with all that was drawn on them.

`drawn_receipts()` gives 38 of 19 layouts with the same pixels on every machine. Read by bench/layouts.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random

from drawn_receipt import LEFT, RIGHT, Item, Receipt, foot, head

from dcvlr.source.samples.sheet import money

_NAMES = (
    *("Rye bread", "Olive oil", "Lemon cake", "Green tea", "Whole milk", "Brown rice", "Plum jam", "Oat biscuits"),
    *("Garlic bulb", "Paper towels", "Dish soap", "Orange juice", "Smoked trout", "Goat cheese", "Ginger ale"),
)
_TITLES = ("Grocery", "Fresh food", "Your order")
_LOGO_TEXTS = ("FRESH DAILY", "SINCE 1987", "BUY 2 GET 1")


def drawn_receipts() -> Iterator[tuple[str, Receipt]]:
    """Each layout with few items and with several."""
    for name, draw in LAYOUTS.items():
        for variant, count in enumerate((3, 5)):
            rng = Random(f"{name}/{variant}")
            names = rng.sample(_NAMES, count)
            receipt = Receipt(name, [Item(one, 1, rng.randint(115, 1890)) for one in names])
            head(receipt, rng)
            draw(receipt, rng)
            yield f"{name}_{variant}", receipt


def _several(receipt: Receipt, rng: Random) -> None:
    receipt.items = [Item(one.name, rng.choice((1, 2, 3)), one.each) for one in receipt.items]


def _amount_first(receipt: Receipt, rng: Random) -> None:
    for one in receipt.items:
        receipt.text(LEFT, money(one.amount))
        receipt.text(200, one.name)
        receipt.step()
    foot(receipt)


def _name_above(receipt: Receipt, rng: Random) -> None:
    _several(receipt, rng)
    for one in receipt.items:
        receipt.text(LEFT, one.name)
        receipt.step(32)
        receipt.text(LEFT + 20, f"{one.pieces} x {money(one.each)}")
        receipt.amount(one.amount)
        receipt.step()
    foot(receipt)


def _name_below(receipt: Receipt, rng: Random, *, pitch: float = 38, unread: int = -1) -> None:
    _several(receipt, rng)
    for index, one in enumerate(receipt.items):
        receipt.text(LEFT, str(rng.randint(1000, 9999)))
        receipt.text(240, f"{one.pieces} x {money(one.each)}")
        receipt.amount(one.amount)
        receipt.step(32)
        if index != unread:
            receipt.text(LEFT, one.name)
        receipt.step(pitch)
    foot(receipt)


def _name_below_a_title(receipt: Receipt, rng: Random) -> None:
    """The line above the first amount looks like a name."""
    receipt.text(LEFT, rng.choice(_TITLES))
    receipt.step()
    _name_below(receipt, rng)


def _last_name_unread(receipt: Receipt, rng: Random) -> None:
    """There is a name above each amount, and none of them belongs to it."""
    receipt.text(LEFT, rng.choice(_TITLES))
    receipt.step(32)
    _name_below(receipt, rng, pitch=32, unread=len(receipt.items) - 1)


def _first_name_unread(receipt: Receipt, rng: Random) -> None:
    """There is a name below each amount, and none of them belongs to it."""
    _several(receipt, rng)
    for index, one in enumerate(receipt.items):
        if index:
            receipt.text(LEFT, one.name)
        receipt.step(32)
        receipt.text(LEFT, str(rng.randint(1000, 9999)))
        receipt.text(240, f"{one.pieces} x {money(one.each)}")
        receipt.amount(one.amount)
        receipt.step(32)
    receipt.text(LEFT, "Served by Ann")
    receipt.step(32)
    foot(receipt)


def _quantity_first(receipt: Receipt, rng: Random) -> None:
    _several(receipt, rng)
    for one in receipt.items:
        receipt.text(LEFT, str(one.pieces))
        receipt.text(100, one.name)
        receipt.amount(one.amount)
        receipt.step()
    foot(receipt)


def _quantity_last(receipt: Receipt, rng: Random) -> None:
    """No amounts: each costs its price times its quantity."""
    _several(receipt, rng)
    for x, title, anchor in ((LEFT, "Item", "la"), (430, "Price", "ra"), (RIGHT, "Qty", "ra")):
        receipt.text(x, title, anchor=anchor)
    receipt.step()
    for one in receipt.items:
        receipt.text(LEFT, one.name)
        receipt.text(430, money(one.each), anchor="ra")
        receipt.text(RIGHT, str(one.pieces), anchor="ra")
        receipt.step()
    foot(receipt)


def _discounts(receipt: Receipt, rng: Random) -> None:
    """A line below some of the items takes something off."""
    off = 0
    for index, one in enumerate(receipt.items):
        receipt.row(one)
        if index % 2 == 0:
            less = -rng.randint(10, 60)
            off += less
            label = rng.choice(("Member saving", "Discount", "2 for 1 offer", "Coupon"))
            receipt.text(LEFT + 24, label)
            receipt.loose |= {label, one.name}
            receipt.amount(less)
            receipt.step()
    foot(receipt, off=off)


def _voids(receipt: Receipt, rng: Random) -> None:
    for one in receipt.items:
        receipt.row(one)
    last = receipt.items[-1]
    receipt.text(LEFT, f"VOID {last.name}")
    receipt.amount(-last.amount)
    receipt.step()
    receipt.loose |= {last.name, f"VOID {last.name}"}
    foot(receipt, off=-last.amount)


def _two_columns(receipt: Receipt, rng: Random) -> None:
    extra = [Item(name, 1, rng.randint(115, 900)) for name in _NAMES if name not in {one.name for one in receipt.items}]
    left, right = list(receipt.items), extra[: len(receipt.items)]
    receipt.items = [*left, *right]
    for one, other in zip(left, right, strict=True):
        for x, each in ((LEFT, one), (320, other)):
            receipt.text(x, each.name, 20)
            receipt.text(x + 240, money(each.amount), 20, "ra")
        receipt.step()
    foot(receipt)


def _tax_codes(receipt: Receipt, rng: Random) -> None:
    codes = [rng.choice("AB") for _ in receipt.items]
    for one, code in zip(receipt.items, codes, strict=True):
        receipt.tax_code = code
        receipt.row(one)
    receipt.tax_code = ""
    foot(receipt)
    receipt.rule()
    for code, rate in (("A", 5), ("B", 20)):
        gross = sum(one.amount for one, each in zip(receipt.items, codes, strict=True) if each == code)
        tax = gross * rate // (100 + rate)
        receipt.fields[f"{code} {rate}%"] = (money(tax),)
        for x, text in (
            (LEFT, f"{code} {rate}%"),
            (300, money(gross - tax)),
            (430, money(tax)),
            (RIGHT, money(gross)),
        ):
            receipt.text(x, text, anchor="la" if x == LEFT else "ra")
        receipt.step()


def _tips(receipt: Receipt, rng: Random) -> None:
    for one in receipt.items:
        receipt.row(one)
    total = sum(one.amount for one in receipt.items)
    foot(receipt, tip=total // 10)
    receipt.text(LEFT, "Suggested gratuity", 20)
    receipt.step(30)
    for rate in (15, 18, 20):
        receipt.fields[f"{rate}%"] = (money(total * rate // 100),)
        receipt.sum(f"Tip {rate}%", total * rate // 100)


def _currencies(receipt: Receipt, rng: Random) -> None:
    receipt.currency = "$"
    for one in receipt.items:
        receipt.row(one)
    foot(receipt)
    total = sum(one.amount for one in receipt.items)
    receipt.currency = "EUR "
    receipt.sum("Total in euro", total * 92 // 100)
    receipt.currency = "GBP "
    receipt.sum("Total in pounds", total * 79 // 100)


def _returns(receipt: Receipt, rng: Random) -> None:
    """Bottles that were brought back, among what was bought."""
    back = -rng.randint(2, 9) * 25
    for index, one in enumerate(receipt.items):
        receipt.row(one)
        if index == 0:
            receipt.text(LEFT, "Bottle return")
            receipt.text(RIGHT, f"{money(-back)}-", anchor="ra")
            receipt.step()
    receipt.loose.add("Bottle return")
    foot(receipt, off=back)


def _logo(receipt: Receipt, rng: Random) -> None:
    """What an advertisement says stands among the items."""
    for index, one in enumerate(receipt.items):
        if index == len(receipt.items) // 2:
            receipt.text(300, rng.choice(_LOGO_TEXTS), 40, "ma")
            receipt.step(60)
            receipt.text(LEFT, "Save on petrol")
            receipt.text(RIGHT, "5.00", anchor="ra")
            receipt.loose.add("Save on petrol")
            receipt.step()
        receipt.row(one)
    foot(receipt)


def _codes(receipt: Receipt, rng: Random) -> None:
    for one in receipt.items:
        receipt.text(LEFT, str(rng.randint(100000, 999999)))
        receipt.text(180, one.name)
        receipt.amount(one.amount)
        receipt.step()
    foot(receipt)


def _codes_above(receipt: Receipt, rng: Random) -> None:
    _several(receipt, rng)
    for one in receipt.items:
        receipt.text(LEFT, f"88090{rng.randint(10000000, 99999999)}")
        receipt.step(30)
        receipt.text(LEFT, one.name)
        receipt.text(400, f"{one.pieces} @ {money(one.each)}", 20, "ra")
        receipt.amount(one.amount)
        receipt.step()
    foot(receipt)


def _names_of_ends(receipt: Receipt, rng: Random) -> None:
    """Names that begin as sums do."""
    names = ("Totally nuts bar", "Cashew butter", "Itemised planner", "Grandma's pie", "Taxi toy")
    receipt.items = [Item(name, 1, one.each) for name, one in zip(names, receipt.items, strict=False)]
    for one in receipt.items:
        receipt.row(one)
    foot(receipt)


LAYOUTS: Mapping[str, Callable[[Receipt, Random], None]] = {
    **{"amount first": _amount_first, "name above": _name_above},
    **{"name below": _name_below, "name below a title": _name_below_a_title},
    **{"last name unread": _last_name_unread, "first name unread": _first_name_unread},
    **{"quantity first": _quantity_first, "quantity last": _quantity_last},
    **{"discounts": _discounts, "voids": _voids},
    **{"two columns": _two_columns, "tax codes": _tax_codes},
    **{"tips": _tips, "currencies": _currencies},
    **{"returns": _returns, "logo": _logo},
    **{"codes first": _codes, "codes above": _codes_above},
    "names like sums": _names_of_ends,
}
