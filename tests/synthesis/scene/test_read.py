"""What belongs together on a page: rows, tables, labelled values, bills; straight and tilted."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from synthesis.made_scenes import league, line, receipt, rows, sales, scene, writer
from synthesis.scene.read_scenes import document, lines_of

from dcvlr.memo import Memo
from dcvlr.records import OcrLine, OcrResult, Point, Scene
from dcvlr.synthesis.scene.read import Document
from dcvlr.synthesis.scene.values import shown


def turned(of: Scene, degrees: float) -> Scene:
    """The page turned clockwise around its centre."""
    assert of.text is not None
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def point(one: Point) -> Point:
        x, y = one[0] - 300, one[1] - 450
        return (300 + cos * x - sin * y, 450 + sin * x + cos * y)

    lines = tuple(
        OcrLine(text=one.text, score=one.score, quad=tuple(map(point, one.quad)))  # type: ignore[arg-type]
        for one in of.text.lines
    )
    text = OcrResult(width=of.text.width, height=of.text.height, lines=lines)
    return Scene(image=of.image, bin=of.bin, text=text)


def from_the_side(of: Scene, share: float) -> Scene:
    """The page's right edge is shorter by `share`, so that rows run together there."""
    assert of.text is not None

    def point(one: Point) -> Point:
        return (one[0], 450 + (one[1] - 450) * (1 - share * one[0] / 600))

    lines = tuple(
        OcrLine(text=one.text, score=one.score, quad=tuple(map(point, one.quad)))  # type: ignore[arg-type]
        for one in of.text.lines
    )
    return Scene(image=of.image, bin=of.bin, text=OcrResult(width=600, height=900, lines=lines))


def items(of: Document) -> dict[str, str]:
    assert of.bill is not None
    assert of.bill.items is not None
    return {one.label: shown(one.value) for one in of.bill.items.columns[-1].entries}


ITEMS = {"Rye bread": "2.85", "Apples": "4.50", "Lemon cake": "12.75", "Olive oil": "10.90"}
SUMS = {"subtotal": "31.00", "tax": "3.10", "total": "34.10", "cash": "40.00", "change": "5.90"}


@pytest.mark.parametrize("degrees", [0, 2, 5, -6, 7, -7])
def test_a_tilted_receipt_is_read_by_its_own_rows(degrees: float) -> None:
    read = document(turned(receipt(), degrees))
    assert read.page.tilt == pytest.approx(degrees, abs=0.3)
    assert items(read) == ITEMS
    assert read.bill is not None
    assert {role: shown(one.value) for role, one in read.bill.sums.items()} == SUMS


@pytest.mark.parametrize("share", [0.05, 0.1, 0.15, 0.2, 0.3])
@pytest.mark.parametrize("degrees", [0, 5, -20])
def test_a_page_seen_from_the_side_never_gives_the_value_of_another_row(share: float, degrees: float) -> None:
    read = document(turned(from_the_side(receipt(), share), degrees))
    found = {role: shown(one.value) for role, one in read.bill.sums.items()} if read.bill else {}
    assert found.items() <= SUMS.items()
    assert not read.bill or not read.bill.items or items(read) == ITEMS


def test_a_page_whose_rows_run_apart_is_not_read_at_all() -> None:
    steep = document(from_the_side(receipt(), 0.3))
    assert (steep.bill, steep.tables, steep.fields) == (None, (), ())
    slight = document(from_the_side(receipt(), 0.02))
    assert items(slight) == ITEMS


def test_a_bill_that_does_not_add_up_is_not_used() -> None:
    for wrong in ("31.10", "32.00"):
        lines = [line(wrong, 320, 360) if one.text == "31.00" else one for one in receipt().text.lines]  # type: ignore[union-attr]
        read = document(scene(*lines))
        assert read.bill is None or read.bill.items is None


def test_items_that_miss_one_are_not_used_but_the_sums_are() -> None:
    kept = [one for one in receipt().text.lines if one.text not in ("Apples", "4.50")]  # type: ignore[union-attr]
    read = document(scene(*kept))
    assert read.bill is not None
    assert read.bill.items is None


def test_an_amount_for_several_pieces_is_not_the_price_of_one() -> None:
    texts = ("Apples (3)", "3 @ 1.50", "3 x 1.50")
    for text in texts:
        more = [line(text, 60, 262, height=14)] if "@" in text or "x 1" in text else []
        lines = [line(text, 40, 240) if one.text == "Apples" and not more else one for one in receipt().text.lines]  # type: ignore[union-attr]
        bill = document(scene(*lines, *more)).bill
        assert bill is not None
        assert (bill.has_quantities, bill.items is not None) == (True, True), text
    bill = document(receipt()).bill
    assert bill is not None
    assert not bill.has_quantities


def test_a_table_has_its_headings_rows_and_columns() -> None:
    (table,) = document(league()).tables
    assert (table.rows, [column.name for column in table.columns]) == ("Team", ["Played", "Won", "Lost", "Points"])
    won = table.columns[1]
    assert [(one.label, shown(one.value)) for one in won.entries] == [
        ("Ashby", "10"),
        ("Brookfield", "8"),
        ("Eastwick", "7"),
        ("Granton", "5"),
        ("Port Ellery", "2"),
    ]


def test_a_row_of_totals_is_no_row_and_confirms_its_columns() -> None:
    (table,) = document(sales()).tables
    assert [one.label for one in table.columns[0].entries] == ["West", "South", "East"]
    assert [shown(column.total.value) for column in table.columns if column.total] == ["118", "124", "242"]
    misread = [line("26", 300, 140) if one.text == "25" else one for one in sales().text.lines]  # type: ignore[union-attr]
    (table,) = document(scene(*misread)).tables
    assert [column.name for column in table.columns] == ["Q1", "Year"]


def test_a_cell_that_is_not_sure_leaves_its_row_out_of_its_column() -> None:
    doubtful = [line(one.text, *one.quad[0], score=0.93) if one.text == "8" else one for one in league().text.lines]  # type: ignore[union-attr]
    (table,) = document(scene(*doubtful)).tables
    assert {column.name: len(column.entries) for column in table.columns} == {
        **{"Played": 5, "Won": 4, "Lost": 4, "Points": 5},
    }
    assert [column.name for column in table.columns if not column.is_whole] == ["Won", "Lost"]
    of_all = ("argmax", "lookup_argmax", "mean", "descending", "count_above", "sum", "range")
    asked = [one for found in writer()([scene(*doubtful)], Memo(Path("unused"))) for one in found.qas]
    won = [one for one in asked if re.search(r"column\(T4,", str(one.program))]
    assert won
    assert not [one.generator for one in won if one.generator.partition("/")[2] in of_all]


def test_most_cells_of_a_column_must_be_sure() -> None:
    doubtful = [
        line(one.text, *one.quad[0], score=0.93 if one.quad[0][0] == 500 else 0.9999) for one in lines_of(league())
    ]
    (table,) = document(scene(*doubtful)).tables
    assert [column.name for column in table.columns] == ["Played", "Won", "Lost"]


def test_a_cell_that_is_not_legible_is_taken_if_the_total_holds_it_up() -> None:
    def of(score: float, *unread: str, text: str = "25") -> list[str]:
        there = [
            line(text if one.text == "25" else one.text, *one.quad[0], score=score if one.text in unread else 0.9999)
            for one in lines_of(sales())
        ]
        (table,) = document(scene(*there)).tables
        return [column.name for column in table.columns]

    assert of(0.5, "25") == ["Q1", "Q2", "Year"]
    assert of(0.5, "25", text="26") == ["Q1", "Year"]
    assert of(0.5, "25", "19") == ["Q1", "Year"]
    assert of(0.5, "124") == ["Q1", "Year"]


def test_of_two_tables_side_by_side_no_name_has_the_values_of_the_other() -> None:
    cells = (("Team", "Won", "Tree", "Age"), ("Ashby", "3", "Alder", "40"), ("Granton", "5", "Birch", "70"))
    (table,) = document(scene(*rows(cells, (40, 200, 300, 400), 100))).tables
    assert [(column.name, [shown(one.value) for one in column.entries]) for column in table.columns] == [
        ("Won", ["3", "5"])
    ]
    units = (("Part", "Needed", "Unit", "Weight"), ("Bolt", "3", "box", "40"), ("Nut", "5", "box", "70"))
    (table,) = document(scene(*rows(units, (40, 200, 300, 400), 100))).tables
    assert [column.name for column in table.columns] == ["Needed", "Weight"]


def test_two_rows_of_one_name_are_no_table() -> None:
    cells = (("Team", "Won"), ("Ashby", "3"), ("Ashby", "4"), ("Granton", "5"))
    assert document(scene(*rows(cells, (40, 300), 100))).tables == ()


def test_fields_have_their_values_beside_behind_and_below() -> None:
    read = document(
        scene(
            *rows((("Born", "1967-03-05"), ("Pieces", "6")), (40, 300), 100),
            line("Posted: 2024-12-12", 40, 300),
            *rows((("DATE", "DOORS", "SEAT"), ("2024-06-13", "17:15", "5")), (40, 200, 320), 400, pitch=30),
        )
    )
    found = {one.label: shown(one.value) for one in read.fields}
    assert found["Born"] == "1967-03-05"
    assert found["Posted"] == "2024-12-12"
    assert (found["DATE"], found["DOORS"]) == ("2024-06-13", "17:15")


@pytest.mark.parametrize(
    ("colon", "found"),
    [(":", {"Born": "12 May 1987", "Visits": "5", "Fee": "48.00", "Paid": "42.00"}), ("", {"Paid": "42.00"})],
)
def test_a_form_in_two_columns_takes_no_value_for_a_label(colon: str, found: dict[str, str]) -> None:
    cells = (("Name", "Irene Maddox", "Branch", "North Hall"), ("Born", "12 May 1987", "Visits", "5"))
    marked = [(a + colon, b, c + colon, d) for a, b, c, d in (*cells, ("Fee", "48.00", "Paid", "42.00"))]
    read = document(scene(*rows(marked, (40, 150, 310, 430), 100, pitch=30)))
    assert {one.label: shown(one.value) for one in read.fields} == found | {"date": "12 May 1987"}


def rounded_bill(*others: tuple[str, str], inclusive: str = "11.23", rounded: str = "11.25") -> dict[str, str]:
    """The sums of a receipt with a total before and after rounding."""
    sums = (("Total Incl. GST", inclusive), ("TOTAL ROUNDED", rounded), *others)
    bill = document(scene(line("GREEN CORNER", 100, 20, height=45), *rows(sums, (40, 320), 200))).bill
    return {role: shown(one.value) for role, one in bill.sums.items()} if bill else {}


def test_a_rounded_total_that_was_paid_is_the_total() -> None:
    cash = (("CASH", "50.00"), ("CHANGE", "38.75"))
    paid = {"cash": "50.00", "change": "38.75", "total": "11.25"}
    assert rounded_bill(*cash) == paid
    assert rounded_bill(("ROUNDING ADJUSTMENT", "0.02"), *cash) == {**paid, "rounding": "0.02"}
    assert rounded_bill(("CARD", "11.25"))["total"] == "11.25"
    assert rounded_bill()["total"] == "11.25"


def test_a_rounded_total_that_something_speaks_against_is_none() -> None:
    rounding = ("ROUNDING ADJUSTMENT", "0.02")
    assert rounded_bill(rounding, ("CARD", "11.23")) == {}
    assert rounded_bill(rounding, ("CASH", "50.00"), ("CHANGE", "38.77")) == {}
    assert rounded_bill(rounded="11.20") == {}, "not the nearest"
    assert rounded_bill(rounded="11.24") == {}, "no coins for it"
