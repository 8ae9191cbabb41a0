"""What one calls a page with goods and a total: a receipt, an invoice or a bill."""

from __future__ import annotations

import re
from typing import Literal

from dcvlr.synthesis.scene.read import Document

DocumentKind = Literal["receipt", "invoice", "bill"]
_INVOICE = re.compile(r"\binvoice\b", re.IGNORECASE)


def receipt_or_bill(document: Document) -> DocumentKind | None:
    """A receipt says how it was paid, a bill what it is made up of: an invoice by its own words, else a bill.

    None for a page without a total, and one that says neither.
    """
    sums = document.bill.sums.keys() if document.bill else frozenset()
    if "total" not in sums:
        return None
    if sums & {"cash", "card", "change"}:
        return "receipt"
    if not sums & {"subtotal", "net", "tax"}:
        return None
    return "invoice" if any(_INVOICE.search(line.text) for line in document.page.lines) else "bill"
