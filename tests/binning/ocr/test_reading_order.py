from __future__ import annotations

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from dcvlr.binning.ocr.reading_order import Quad, reading_order


def line(x: float, y: float, width: float = 100, height: float = 20, turn: float = 0.0) -> Quad:
    """A line whose top left is at (x, y) on a page turned by `turn` degrees around (0, 0)."""
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    a, b, c, d = ((px * cos - py * sin, px * sin + py * cos) for px, py in corners)
    return (a, b, c, d)


def test_no_lines_have_no_order() -> None:
    assert reading_order([]) == []


def test_rows_go_from_top_to_bottom_and_left_to_right() -> None:
    assert reading_order([line(300, 52), line(300, 3), line(0, 50), line(0, 0)]) == [3, 1, 2, 0]


def test_a_slanted_page_keeps_its_rows() -> None:
    for turn in (-40.0, -20.0, -6.0, 6.0, 16.0, 30.0, 44.0):
        rows = [line(x, 30 * row, turn=turn) for row in range(5) for x in (0, 300, 700)]
        assert reading_order(rows) == list(range(15))


def test_a_stamp_across_a_straight_page_turns_no_row() -> None:
    rows = [line(x, 30 * row) for row in range(4) for x in (0, 300, 700)]
    stamp = line(200, -40, width=500, turn=30)
    assert [i for i in reading_order([*rows, stamp]) if i != 12] == list(range(12))


def test_a_tall_label_beside_a_table_breaks_no_row() -> None:
    label = line(0, 0, width=20, height=110)
    table = [line(50, 0), line(250, 0), line(50, 40), line(250, 40), line(50, 80), line(250, 80)]
    order = reading_order([label, *table])
    assert [i for i in order if i != 0] == [1, 2, 3, 4, 5, 6]


def test_a_heading_does_not_swallow_the_small_print_beside_its_foot() -> None:
    assert reading_order([line(0, 0, width=300, height=60), line(320, 48, height=12)]) == [0, 1]


@given(st.integers(0, 10_000), st.integers(1, 8), st.integers(1, 5))
def test_the_order_does_not_depend_on_the_order_of_detection(seed: int, rows: int, columns: int) -> None:
    grid = [line(150 * column, 35 * row) for row in range(rows) for column in range(columns)]
    shuffled = list(grid)
    random.Random(seed).shuffle(shuffled)
    assert [shuffled[i] for i in reading_order(shuffled)] == grid
