"""What a kind of question takes for granted beyond the shape of its program: what its values are, and what its rows."""

from __future__ import annotations

from dcvlr.validation.proofs.shapes import SHAPES

OF_ALL_PRICES = frozenset({"dearest_under", "cheapest_under"})
"""Kinds of which each entry that stands under a heading has a price."""

_OF_HEADINGS = OF_ALL_PRICES | {"size_of", "size_more"}

# What the values of a column must be, but for those that are LITERAL.
MEASURES: dict[str, str] = {
    **dict.fromkeys(("object_leftmost", "object_rightmost", "objects_left_to_right"), "x"),
    **dict.fromkeys(("object_highest", "object_lowest"), "y"),
    **{kind: "y" for kind in SHAPES if kind.startswith(("list_", "section_")) or kind in _OF_HEADINGS},
    **dict.fromkeys(("object_largest", "object_smallest"), "area"),
    **{kind: "number" for kind in SHAPES if kind.startswith(("several_", "group_", "groups_"))},
    **{kind: "box" for kind in SHAPES if kind.startswith(("side_", "corner_", "between_", "frame_", "near_"))},
    **dict.fromkeys(("object_across", "object_down"), "box"),
    **{kind: "percent" for kind in SHAPES if kind.startswith("colour_")},
    **dict.fromkeys(("brightest", "darkest", "light_order", "dark_order"), "number"),
}

LAYOUTS: dict[str, frozenset[str]] = {
    "object_across": frozenset({"across"}),
    "object_down": frozenset({"down"}),
    **{kind: frozenset({"corners", "across", "down"}) for kind in ("colour_most", "brightest", "darkest")},
    **{kind: frozenset({"corners"}) for kind in ("colour_least", "colour_count")},
    **{kind: frozenset({"across", "down"}) for kind in ("light_order", "dark_order")},
}
"""How the parts of a picture may lie that a kind of question compares; of other kinds they are no rows."""

LITERAL: dict[str, dict[str, str]] = {
    **{kind: {"a": "total"} for kind in ("change_from_note", "enough", "split", "split_without")},
    "before_tax": {"a": "total", "b": "tax"},
    **{kind: {"a": "born"} for kind in ("age_at", "age_over", "birthdays")},
    **{kind: {"a": "posted"} for kind in SHAPES if kind.startswith("sent_")},
    **{kind: {"a": "doors"} for kind in SHAPES if kind.startswith("doors_")},
    **{kind: {"a": "each"} for kind in ("people_cost", "people_change")},
    **{kind: {"a": "each", "b": "pieces"} for kind in ("people_more", "people_more_change")},
    "change_due": {"a": "cash", "b": "total"},
    "change_buys": {"a": "change", "c": "amounts"},
    "tax_exceeds": {"a": "tax", "c": "amounts"},
    **{kind: {"c": "amounts"} for kind in ("share_of_sum", "sum_without", "sum_with_another", "share_of_dearest")},
    **{kind: {"c": "amounts", "d": "quantities"} for kind in ("unit_price", "price_of_more", "price_of_most")},
    "pieces": {"c": "quantities"},
    **{kind: {"e": "price"} for kind in ("dearest_under", "cheapest_under")},
    **{kind: {"e": "sections"} for kind in ("size_of", "size_more")},
    **{kind: {"c": "price"} for kind in ("order_change", "order_enough")},
    **{kind: {"c": "departs"} for kind in ("arrival", "first_arrival", "last_arrival", "next_after", "wait")},
    **{f"receipts_{kind}": {"c": "total"} for kind in ("more", "share", "split", "note", "enough")},
    **{f"receipts_{kind}": {"c": "date"} for kind in ("earliest", "latest", "days")},
    **{kind: {"c": "amounts", "d": "amounts"} for kind in SHAPES if kind.startswith("items_")},
}
"""What the phrasings of a kind say of its values and columns in words of their own: of which field, register or heading
of the language each is."""

OF_TERMS = frozenset({"pay_until", "pay_until_weekday", "paid_late", "days_to_pay"})
"""Kinds whose value b is within how many days one has to pay."""

OF_PERIODS = frozenset(kind for kind in SHAPES if kind.startswith(("growth_", "halves_", "span_")))
"""Kinds whose rows are months, days of the week or years, each right after the one before."""

WHOLE_PERCENT = frozenset(kind for kind, shape in SHAPES.items() if shape.startswith("percent_"))
"""Kinds that ask for a share or a change to the nearest whole percent, in words of their phrasings."""
