"""A drawn till receipt that knows what was drawn on it; its layouts are in bench/receipt_layouts.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from PIL import Image

from dcvlr.source.samples.sheet import Sheet, money

LEFT, RIGHT = 40, 560
_SHOPS = ("HARBOUR GROCERY", "CORNER PANTRY", "MILL STORES", "GREEN LEAF MARKET")


@dataclass(frozen=True)
class Item:
    """`amount` is what was paid for all pieces, in cents."""

    name: str
    pieces: int
    each: int

    @property
    def amount(self) -> int:
        return self.pieces * self.each


@dataclass
class Receipt:
    """`fields` are printed labels with the texts that may stand for their values.

    `loose` are names of rows that nobody would call bought (voided, returned): nothing may be said of them, or of all.
    """

    layout: str
    items: Sequence[Item]
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    loose: set[str] = field(default_factory=set)
    sheet: Sheet = field(default_factory=lambda: Sheet(600, 1500, (250, 249, 244)))
    y: float = 0
    currency: str = ""
    tax_code: str = ""

    @property
    def picture(self) -> Image.Image:
        self.sheet.cut(self.y + 60)
        return self.sheet.image

    def text(self, x: float, text: str, size: int = 24, anchor: str = "la") -> None:
        self.sheet.text(x, self.y, text, size, anchor=anchor)

    def step(self, by: float = 38) -> None:
        self.y += by

    def amount(self, cents: int, x: float = RIGHT) -> None:
        code = f" {self.tax_code}" if self.tax_code else ""
        self.text(x, f"{self.currency}{_signed(cents)}{code}", anchor="ra")

    def row(self, one: Item) -> None:
        """The name at the left, what was paid for it at the right."""
        self.text(LEFT, one.name)
        self.amount(one.amount)
        self.step()

    def sum(self, label: str, cents: int, size: int = 24) -> None:
        shown = f"{self.currency}{_signed(cents)}"
        self.fields[label] = (shown,)
        self.text(LEFT, label, size)
        self.text(RIGHT, shown, size, anchor="ra")
        self.step(size + 16)

    def rule(self) -> None:
        self.sheet.dashes(LEFT, RIGHT, self.y)
        self.step(16)


def head(receipt: Receipt, rng: Random) -> None:
    receipt.y = 30
    receipt.text(300, rng.choice(_SHOPS), 34, "ma")
    receipt.step(56)
    receipt.text(300, f"{rng.randint(2, 98)} Canal Street, Ashby", 20, "ma")
    receipt.step(40)
    receipt.text(LEFT, f"Receipt {rng.randint(1000, 9999)}", 20)
    receipt.text(RIGHT, f"{rng.randint(13, 28)}/0{rng.randint(1, 9)}/2024 1{rng.randint(0, 9)}:25", 20, "ra")
    receipt.step(34)
    receipt.rule()


def foot(receipt: Receipt, *, off: int = 0, tip: int = 0) -> None:
    total = sum(one.amount for one in receipt.items) + off + tip
    receipt.rule()
    receipt.sum("Subtotal", total - tip)
    if tip:
        receipt.sum("Tip", tip)
    receipt.sum("TOTAL", total, 32)
    paid = -(-total // 1000) * 1000
    receipt.sum("Cash", paid)
    receipt.sum("Change", paid - total)


def _signed(cents: int) -> str:
    return f"-{money(-cents)}" if cents < 0 else money(cents)
