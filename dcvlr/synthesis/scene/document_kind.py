"""What one calls a page with goods and a total: a receipt, an invoice or a bill."""

from __future__ import annotations

import re
from typing import Literal

from dcvlr.synthesis.scene.read import Document

DocumentKind = Literal["receipt", "invoice", "bill"]
_INVOICE = re.compile(r"\binvoice\b", re.IGNORECASE)
_RECEIPT = re.compile(r"(?<!of )(?<!on )\breceipt\b", re.IGNORECASE)  # but for "within 14 days of receipt"


def receipt_or_bill(document: Document) -> DocumentKind | None:
    """A receipt says how it was paid, a bill what it is made up of, unless it calls itself an invoice or a receipt.

    None for a page without a total, and one that says neither.
    """
    sums = document.bill.sums.keys() if document.bill else frozenset()
    if "total" not in sums:
        return None
    if sums & {"cash", "card", "change"}:
        return "receipt"
    if not sums & {"subtotal", "net", "tax"}:
        return None
    texts = [line.text for line in document.page.lines]
    if any(map(_INVOICE.search, texts)):
        return "invoice"
    return "receipt" if any(map(_RECEIPT.search, texts)) else "bill"
