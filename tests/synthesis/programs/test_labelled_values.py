"""Labelled amounts: alone, and held against a column of the same page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from synthesis.made_documents import order
from synthesis.made_scenes import TEXT, english, line, receipt, rows, scene, writer

from dcvlr.memo import Memo
from dcvlr.records import OcrLine, Qa, Scene
from dcvlr.synthesis.programs.forms.labelled_values import is_amount
from dcvlr.synthesis.scene.read import read_document
from dcvlr.validation.checks.proof import Proof


def asked(of: Scene, seed: int = 0) -> dict[str, list[Qa]]:
    found: dict[str, list[Qa]] = {}
    for one in writer(seed=seed)([of], Memo(Path("unused")))[0].qas:
        found.setdefault(one.generator.partition("/")[2], []).append(one)
    return found


def proven(one: Qa) -> bool:
    return Proof(wording=english())([one], Memo(Path("unused")))[0].passed


def lines() -> tuple[OcrLine, ...]:
    text = order().text
    assert text is not None
    return text.lines


def amounts(copies: str) -> set[str]:
    """The labelled amounts of the order with another line in place of that of the copies."""
    text = scene(*(line(copies, *one.quad[0]) if one.text.startswith("Copies") else one for one in lines())).text
    assert text is not None
    return {one.label for one in read_document(text, TEXT, english().words).fields if is_amount(one)}


def test_the_row_whose_price_is_a_labelled_amount_is_found() -> None:
    (one,) = asked(order())["field_row"]
    assert '"Deposit"' in one.question
    assert one.answer == "Bookshelf"
    assert proven(one)
    other = tuple(replace(each, text=each.text.replace("Deposit: 89.00", "Deposit: 24.50")) for each in one.evidence)
    assert not proven(replace(one, evidence=other))
    assert not proven(replace(one, question=one.question.replace("Deposit", "Budget")))


def test_what_is_left_of_a_labelled_amount() -> None:
    kinds = {"field_less_most", "field_less_row"}  # of which one may be too like the other to be asked, too
    made = next(found for seed in range(20) if kinds <= (found := asked(order(), seed)).keys())
    (one,) = made["field_less_most"]
    assert '"Budget"' in one.question
    assert one.answer == "5.00"
    for each in made["field_less_row"]:
        assert proven(each)
        labels = re.findall(r"entry\((T\d+), money\((T\d+)\)\)", str(each.program))
        (label, value) = labels[0]
        crossed = str(each.program).replace(f"entry({label}, money({value}))", f"entry({label}, money(T4))")
        assert not proven(replace(each, program=crossed))


def test_a_number_behind_a_colon_is_an_amount_if_it_is_written_as_one() -> None:
    assert "Copies" in amounts("Copies: 12,000")
    assert "Copies" not in amounts("Copies: 12000")
    copies = scene(line("Copies: 12,000", 40, 130))
    assert {one.answer for one in asked(copies)["read"]} == {"12,000"}


@pytest.mark.parametrize("label", ["Order no: 12,000", "Phone: 12,000", "Copies: 12,000 each", "Copies 1 to 9: 12,000"])
def test_what_may_be_a_name_or_several_values_is_not_asked_about(label: str) -> None:
    assert "read" not in asked(scene(line(label, 40, 130)))


def test_cells_of_a_table_and_sums_of_a_receipt_are_no_labelled_amounts() -> None:
    goods = (("Item", "Price"), ("Desk lamp", "24.50"), ("Bookshelf", "89.00"), ("Paper tray", "7.25"))
    assert "read" not in asked(scene(*rows(goods, (40, 300), 210)))
    assert not [kind for kind in asked(receipt()) if kind.startswith("field_")]


def test_sums_of_a_receipt_are_not_held_against_a_table_below_it() -> None:
    there = receipt().text
    assert there is not None
    rates = (
        ("Rate", "Net", "Tax"),
        ("Reduced", "4.00", "0.20"),
        ("Standard", "9.00", "1.80"),
        ("Special", "2.50", "0.30"),
    )
    both = scene(*there.lines, *rows(rates, (40, 300, 500), 740))
    assert both.text is not None
    assert [one.rows for one in read_document(both.text, TEXT, english().words).tables] == ["Rate"]
    assert not [kind for kind in asked(both) if kind.startswith("field_")]


def test_an_amount_in_another_currency_is_not_held_against_prices() -> None:
    foreign = [line("Budget:", 40, 90), line("$150.00", 200, 90)]
    others = [one for one in lines() if one.text not in ("Budget:", "150.00", "Deposit: 89.00")]
    assert not [kind for kind in asked(scene(*foreign, *others)) if kind.startswith("field_")]


def test_of_a_bill_whose_sums_make_no_sense_no_amount_is_asked_for() -> None:
    sums = (("Total", "20.00"), ("Cash", "10.00"), ("Change", "5.00"), ("Price", "31.80"))
    assert "read" not in asked(scene(*rows(sums, (40, 300), 210)))
