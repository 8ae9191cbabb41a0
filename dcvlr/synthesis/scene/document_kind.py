"""What one calls a page with goods and a total: a receipt, an invoice or a bill."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from dcvlr.synthesis.scene.fields import Field
from dcvlr.synthesis.scene.read import Document

DocumentKind = Literal["receipt", "invoice", "bill"]
_INVOICE = re.compile(r"\binvoice\b", re.IGNORECASE)
_RECEIPT = re.compile(r"(?<!of )(?<!on )\breceipt\b", re.IGNORECASE)  # but for "within 14 days of receipt"
_PAID, _MADE_UP = ("cash", "card", "change"), ("subtotal", "net", "tax")


class CalledPage(NamedTuple):
    """What a page is called, and the line that says so."""

    kind: DocumentKind
    ref: str


def called_page(document: Document) -> CalledPage | None:
    """A receipt says how it was paid, a bill what it is made up of, unless it calls itself an invoice or a receipt.

    None for a page without a total, and one that says neither.
    """
    sums = document.bill.sums if document.bill else {}
    if "total" not in sums:
        return None
    if paid := [sums[role] for role in _PAID if role in sums]:
        return CalledPage("receipt", _label(paid[0]))
    made_up = [sums[role] for role in _MADE_UP if role in sums]
    if not made_up:
        return None
    lines = document.page.lines
    if named := [line.ref for line in lines if _INVOICE.search(line.text)]:
        return CalledPage("invoice", named[0])
    if named := [line.ref for line in lines if _RECEIPT.search(line.text)]:
        return CalledPage("receipt", named[0])
    return CalledPage("bill", _label(made_up[0]))


def receipt_or_bill(document: Document) -> DocumentKind | None:
    called = called_page(document)
    return called.kind if called else None


def _label(one: Field) -> str:
    return one.label_ref or one.ref.partition(", ")[0]
