"""Sums of a bill, and amounts of a form, that contradict each other or may be another amount: none is taken."""

from __future__ import annotations

from synthesis.made_scenes import TEXT, english, line, rows, scene

from dcvlr.synthesis.scene.read import Document, read_document
from dcvlr.synthesis.scene.values import shown


def page(*cells: tuple[str, str]) -> Document:
    made = scene(line("GREEN CORNER", 100, 20, height=45), *rows(cells, (40, 320), 200))
    assert made.text is not None
    return read_document(made.text, TEXT, english().words)


def sums(*cells: tuple[str, str]) -> dict[str, str]:
    bill = page(*cells).bill
    return {role: shown(one.value) for role, one in bill.sums.items()} if bill else {}


def test_nobody_pays_less_than_the_total() -> None:
    assert sums(("TOTAL", "34.10"), ("Cash", "40.00")) == {"total": "34.10", "cash": "40.00"}
    assert sums(("TOTAL", "34.10"), ("Cash", "30.00")) == {}


def test_of_two_different_taxes_neither_is_the_tax() -> None:
    others = {"subtotal": "31.00", "total": "34.10"}
    assert sums(("Subtotal", "31.00"), ("Tax", "3.10"), ("TOTAL", "34.10")) == {**others, "tax": "3.10"}
    assert sums(("Subtotal", "31.00"), ("Tax", "3.10"), ("GST", "2.00"), ("TOTAL", "34.10")) == others


def test_a_whole_number_in_a_column_of_amounts_may_have_lost_its_point() -> None:
    assert [one.label for one in page(("Deposit", "48.00"), ("Visits", "4800")).fields] == ["Deposit"]
    assert [one.label for one in page(("Born", "1967-03-05"), ("Visits", "4800")).fields if one.label != "date"] == [
        "Born",
        "Visits",
    ]
