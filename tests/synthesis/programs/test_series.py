"""Questions about two series of a chart."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from dcvlr.synthesis.programs.expressions import Column, Read, Words
from dcvlr.synthesis.programs.forms.one_table import about_series
from dcvlr.synthesis.scene.values import Quantity, ValueKind


def kinds(kind: ValueKind, form: str) -> set[str]:
    """Of questions about two series with three values each."""
    columns = [
        Column(
            tuple(
                Read(Quantity(kind, Decimal(amount), form), f"T{first + n}", f"class {n}", f"T{30 + n}")
                for n, amount in enumerate(amounts)
            ),
            Words("class", name, "series"),
        )
        for first, name, amounts in ((0, "boys", (55, 61, 40)), (10, "girls", (48, 66, 35)))
    ]
    return {form.kind for form in about_series(columns, Random(0))}


def test_shares_are_asked_of_amounts_and_not_of_percentages() -> None:
    shares = {"series_share", "series_share_all"}
    assert shares <= kinds("number", "0|")
    assert not shares & kinds("percent", "0|%")
    assert "series_difference" in kinds("percent", "0|%")
