"""How far apart the rows of one table may stand."""

from __future__ import annotations

from collections.abc import Sequence

from synthesis.made_scenes import TEXT, english, line, scene

from dcvlr.records import OcrLine
from dcvlr.synthesis.scene.read import read_document
from dcvlr.synthesis.scene.tables import Table


def tables(*lines: OcrLine) -> tuple[Table, ...]:
    of = scene(*lines)
    assert of.text is not None
    return read_document(of.text, TEXT, english().words).tables


def in_two_columns(tops: Sequence[float], cells: Sequence[tuple[str, str]]) -> list[OcrLine]:
    return [
        line(text, x, top) for top, row in zip(tops, cells, strict=True) for x, text in zip((40, 300), row, strict=True)
    ]


def test_a_table_of_rows_wide_apart_is_not_cut_where_one_is_a_little_further() -> None:
    tops = (100, 172, 244, 317, 389)  # 52 or 53 pixels between lines of 20, where 2.6 heights are 52
    cells = (("Item", "Price"), ("Desk", "61.75"), ("Chair", "46.00"), ("Lamp", "90.00"), ("Shelf", "18.25"))
    printed = in_two_columns(tops, cells)
    (table,) = tables(*printed)
    assert [one.label for one in table.columns[0].entries] == ["Desk", "Chair", "Lamp", "Shelf"]
    apart = [*printed, line("Ink", 40, 480), line("7.50", 300, 480)]
    (table,) = tables(*apart)
    assert len(table.columns[0].entries) == 4, "what stands alone further down is no row of it"


def test_a_table_does_not_take_in_text_by_rows_that_stand_ever_further_apart() -> None:
    tops = (100, 170, 250, 341, 446)  # 50, 60, 71 and 85 pixels apart: each below 1.2 times the one before
    cells = (("Team", "Won"), ("Ashby", "12"), ("Brook", "15"), ("Dale", "18"), ("Kiosk", "41"))
    printed = in_two_columns(tops, cells)
    (table,) = tables(*printed)
    assert [one.label for one in table.columns[0].entries] == ["Ashby", "Brook"]


def test_of_a_table_whose_last_row_was_not_read_whole_no_column_is_whole() -> None:
    heads, shown = (
        ("Work", "Hours", "Rate"),
        (("Hall", "8", "20.95"), ("Fence", "3", "54.95"), ("Doors", "11", "99.95")),
    )
    printed = [
        line(text, x, 100 + 40 * row)
        for row, cells in enumerate((heads, *shown))
        for x, text in zip((40, 200, 400), cells, strict=True)
    ]
    (whole,) = tables(*printed)
    assert [column.is_whole for column in whole.columns] == [True, True]
    unread = [one for one in printed if one.text != "11"]
    (table,) = tables(*unread)
    assert [column.is_whole for column in table.columns] == [False, False]
    aside = [*unread, line("11", 300, 220)]
    (table,) = tables(*aside)
    assert [column.is_whole for column in table.columns] == [False, False]
    for alone in (line("Gates", 40, 260), line("12.50", 400, 260)):
        (table,) = tables(*printed, alone)
        assert [column.is_whole for column in table.columns] == [False, False]
    note = [*printed, line("All prices without tax", 40, 260)]
    (table,) = tables(*note)
    assert [column.is_whole for column in table.columns] == [True, True]
