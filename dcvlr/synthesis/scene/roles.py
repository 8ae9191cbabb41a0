"""What the amount beside a printed label is: total, tax, change, …"""

from __future__ import annotations

import re
from functools import lru_cache

# In the order in which they are tried; the first that fits a label names what its amount is.
_ROLES: tuple[tuple[str, str], ...] = (
    ("subtotal", r"sub ?-?total"),
    ("excluded", r"(?!.*suppl).*\bexcl.*"),
    ("change", r"(?:cash )?change(?: (?:due|amt|amount|given))?"),
    ("rounding", r"round(?:ing|ed)?(?: adj(?:ustment)?\.?)?"),
    ("discount", r"(?:total )?(?:discount|saving)s?"),
    ("tax", r"(?:total )?(?:sales )?(?:tax|gst|vat|service tax)(?: payable)?(?: ?\(?\d+(?:\.\d+)? ?%\)?)?"),
    (
        "total",
        r"(?:grand |net )?total(?: (?:due|amount(?: payable)?|payable|amt))?|(?:amount )?due|(?:total )?balance due",
    ),
    ("rounded", r"total (?:amt )?rounded"),
    ("inclusive", r"total (?!.*suppl).*\bincl.*|total with gst.*|nett? total|total sales"),
    ("net", r"net(?: amount)?"),
    ("cash", r"cash(?: (?:paid|tendered|received))?|tender(?:ed)?|amount (?:paid|tendered)|paid|payment"),
    ("card", r"card|visa|master ?card|credit card|debit card"),
)
_ROLE = re.compile("|".join(f"(?P<{role}>{pattern})" for role, pattern in _ROLES))
_UNIT = re.compile(r"\s*\((?:rm|myr|usd|eur|gbp|\$|€|£)\)\s*$|\s*(?:rm|myr|[$€£])$", re.IGNORECASE)


@lru_cache(maxsize=1024)  # pages of one kind have labels in common, and every reader of a page asks about them
def role_of(label: str) -> str | None:
    plain = _UNIT.sub("", " ".join(label.split()).strip(" :.")).strip(" :.").casefold()
    found = _ROLE.fullmatch(plain)
    return found.lastgroup if found else None
