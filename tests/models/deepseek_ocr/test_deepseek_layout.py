"""Replies as DeepSeek-OCR writes them, recorded and made wrong on purpose."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcvlr.models.deepseek_ocr import Block, PageLayout, read_layout

PAGE = """<|ref|>title<|/ref|><|det|>[[115, 165, 465, 201]]<|/det|>
# Quarterly report

<|ref|>text<|/ref|><|det|>[[575, 179, 880, 216]]<|/det|>
Corner Cafe
Autumn 2024

<|ref|>image<|/ref|><|det|>[[131, 300, 863, 540]]<|/det|>
<|ref|>image_caption<|/ref|><|det|>[[115, 553, 883, 587]]<|/det|>
<center>Figure 1: **Sales** by month, in \\(10^3\\) &amp; more. </center>

<|ref|>table<|/ref|><|det|>[[115, 600, 883, 999]]<|/det|>

<table><tr><td>Item</td><td>Price</td></tr><tr><td>Coffee</td><td colspan="2">3.50</td></tr></table>
"""


def test_a_page_in_markdown_is_read_block_by_block() -> None:
    assert read_layout(PAGE, 999, 1998) == PageLayout(
        blocks=(
            Block("title", ((115.0, 330.0, 465.0, 402.0),), "Quarterly report"),
            Block("text", ((575.0, 358.0, 880.0, 432.0),), "Corner Cafe Autumn 2024"),
            Block("image", ((131.0, 600.0, 863.0, 1080.0),), ""),
            Block(
                "image_caption", ((115.0, 1106.0, 883.0, 1174.0),), "Figure 1: Sales by month, in \\(10^3\\) & more."
            ),
            Block("table", ((115.0, 1200.0, 883.0, 1998.0),), "Item | Price Coffee | 3.50"),
        ),
        unplaced="",
        skipped=0,
    )


def test_asked_for_ocr_the_label_is_the_text() -> None:
    raw = (
        "<|ref|>Total 12.50<|/ref|><|det|>[[71, 133, 500, 260]]<|/det|>\n"
        "<|ref|>text<|/ref|><|det|>[[71, 400, 500, 520]]<|/det|>"
    )
    assert read_layout(raw, 999, 999, labels_are_text=True).blocks == (
        Block("text", ((71.0, 133.0, 500.0, 260.0),), "Total 12.50"),
        Block("text", ((71.0, 400.0, 500.0, 520.0),), "text"),
    )


def test_coordinates_from_0_to_999_span_the_picture() -> None:
    raw = "<|ref|>image<|/ref|><|det|>[[0, 0, 999, 999]]<|/det|>"
    assert read_layout(raw, 640, 481).blocks[0].boxes == ((0.0, 0.0, 640.0, 481.0),)


@pytest.mark.parametrize(
    "written",
    [
        "[[100, 200, 300, 400], [500, 200, 700, 400]]",
        "[[100,200,300,400],[500,200,700,400]]",
        " [ [ 100 ,200, 300,400 ] ,\n [500, 200, 700, 400.0] ] ",
    ],
)
def test_several_boxes_and_any_spaces_are_read(written: str) -> None:
    layout = read_layout(f"<|ref|>dog<|/ref|>\n<|det|>{written}<|/det|>", 999, 999)
    assert layout.blocks == (Block("dog", ((100.0, 200.0, 300.0, 400.0), (500.0, 200.0, 700.0, 400.0)), ""),)
    assert layout.skipped == 0


def test_one_box_without_its_outer_brackets_is_read() -> None:
    assert read_layout("<|ref|>dog<|/ref|><|det|>[1, 2, 3, 4]<|/det|>", 999, 999).blocks[0].boxes == ((1, 2, 3, 4),)


def test_boxes_are_clipped_to_the_picture() -> None:
    layout = read_layout("<|ref|>a<|/ref|><|det|>[[-50, 10, 1200, 5000]]<|/det|>", 999, 999)
    assert layout.blocks[0].boxes == ((0.0, 10.0, 999.0, 999.0),)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "[]",
        "[[]]",
        "[[1, 2, 3]]",
        "[[1, 2, 3, 4, 5]]",
        "[[1, 2, 3, 4",
        "[[[[1, 2, 3, 4]]]]",
        "[" * 100_000,
        '[["1", 2, 3, 4]]',
        "[[NaN, 2, 3, 4]]",
        "[[true, 2, 3, 4]]",
        "[[300, 400, 100, 200]]",
        "[[100, 200, 100, 400]]",
        "{}",
        "7",
        "(1, 2, 3, 4)",
        "__import__('os').abort()",
    ],
)
def test_a_box_that_cannot_be_read_is_skipped_and_counted_and_the_rest_is_read(written: str) -> None:
    raw = f"<|ref|>text<|/ref|><|det|>{written}<|/det|>lost\n<|ref|>dog<|/ref|><|det|>[[1, 2, 3, 4]]<|/det|>kept"
    assert read_layout(raw, 999, 999) == PageLayout((Block("dog", ((1.0, 2.0, 3.0, 4.0),), "kept"),), "", 1)


def test_a_bad_box_among_good_ones_costs_only_itself() -> None:
    layout = read_layout("<|ref|>dog<|/ref|><|det|>[[1, 2, 3, 4], [5, 6], [7, 8, 9, 10]]<|/det|>", 999, 999)
    assert layout == PageLayout((Block("dog", ((1.0, 2.0, 3.0, 4.0), (7.0, 8.0, 9.0, 10.0)), ""),), "", 1)


GOOD = "<|ref|>text<|/ref|><|det|>[[1, 2, 3, 4]]<|/det|>\nread\n"


@pytest.mark.parametrize(
    "end",
    ["<|ref|>", "<|ref|>tab", "<|ref|>table<|/ref|>", "<|ref|>table<|/ref|><|det|>", "<|ref|>t<|/ref|><|det|>[[1, 2"],
)
def test_a_reply_cut_off_inside_a_tag_keeps_what_came_before(end: str) -> None:
    assert read_layout(GOOD + end, 999, 999) == PageLayout((Block("text", ((1.0, 2.0, 3.0, 4.0),), "read"),), "", 1)


def test_a_tag_inside_a_tag_does_not_swallow_the_next_block() -> None:
    assert read_layout(f"<|ref|>a <|ref|>b<|ref|>{GOOD}", 999, 999).blocks == read_layout(GOOD, 999, 999).blocks


@pytest.mark.parametrize(
    ("raw", "unplaced", "skipped"),
    [
        ("", "", 0),
        ("  \n", "", 0),
        ("# Just text\nwithout boxes", "Just text without boxes", 0),
        ("Use <|ref|> to mark things", "Use", 1),
        ("<|ref|>", "", 1),
        ("<|det|>[[1, 2, 3, 4]]<|/det|>", "<|det|>[[1, 2, 3, 4]]<|/det|>", 0),
    ],
)
def test_a_reply_without_a_whole_tag_has_no_blocks(raw: str, unplaced: str, skipped: int) -> None:
    assert read_layout(raw, 100, 100) == PageLayout((), unplaced, skipped)


def test_a_box_too_thin_for_a_tiny_picture_is_skipped() -> None:
    assert read_layout("<|ref|>a<|/ref|><|det|>[[10, 10, 20, 20]]<|/det|>", 3, 2) == PageLayout((), "", 1)


PIECES = st.lists(
    st.sampled_from(["<|ref|>", "<|/ref|>", "<|det|>", "<|/det|>", "[[1, 2, 3, 4]]", "[", "]", "9", ",", "x", " "])
)


@given(PIECES)
def test_whatever_the_model_writes_is_read_without_an_error(pieces: list[str]) -> None:
    layout = read_layout("".join(pieces), 640, 480)
    for block in layout.blocks:
        assert block.boxes
        assert all(0 <= x0 < x1 <= 640 and 0 <= y0 < y1 <= 480 for x0, y0, x1, y1 in block.boxes)
    assert len(layout.blocks) + layout.skipped >= "".join(pieces).count("<|ref|>")


CORNERS = st.tuples(*[st.integers(0, 998)] * 2, *[st.integers(1, 400)] * 2).map(
    lambda c: [c[0], c[1], min(c[0] + c[2], 999), min(c[1] + c[3], 999)]
)


@given(st.lists(CORNERS, min_size=1, max_size=4), st.text("abc xyz", min_size=1))
def test_what_is_written_as_the_format_says_is_read_back(boxes: list[list[int]], text: str) -> None:
    layout = read_layout(f"<|ref|>thing<|/ref|><|det|>{json.dumps(boxes)}<|/det|>\n{text}", 999, 999)
    assert layout == PageLayout((Block("thing", tuple(map(tuple, boxes)), " ".join(text.split())),), "", 0)
