"""How a page lies, by the boxes of its lines as a reader gave them."""

from __future__ import annotations

import math

import pytest
from synthesis.made_scenes import TEXT, english

from dcvlr.records import OcrLine, OcrResult, Point
from dcvlr.synthesis.scene.read import read_document

CELLS = {
    ("Boxes", "Birch", "87"),
    ("Boxes", "Cedar", "79"),
    ("Boxes", "Spruce", "6"),
    ("Boxes", "Larch", "22"),
    ("Boxes", "Fir", "52"),
    ("Boxes", "Quince", "71"),
    ("Boxes", "Maple", "36"),
    ("Price", "Birch", "42.32"),
    ("Price", "Cedar", "30.77"),
    ("Price", "Spruce", "77.87"),
    ("Price", "Larch", "58.81"),
    ("Price", "Fir", "68.47"),
    ("Price", "Quince", "59.64"),
    ("Price", "Maple", "7.03"),
}

# A level page of short lines: the boxes of a third of them slope by about two degrees.
LINES: tuple[tuple[str, Point, Point, Point, Point], ...] = (
    ("Deep grey", (55, 61), (244, 68), (242, 113), (53, 106)),
    ("Boxes", (457, 142), (545, 145), (544, 178), (456, 176)),
    ("Price", (771, 141), (844, 141), (844, 178), (771, 178)),
    ("Item", (56, 141), (118, 144), (116, 179), (54, 176)),
    ("87", (507, 191), (543, 191), (543, 226), (507, 226)),
    ("42.32", (769, 186), (847, 188), (845, 229), (768, 226)),
    ("Birch", (55, 189), (124, 189), (124, 227), (55, 227)),
    ("79", (507, 239), (543, 239), (543, 273), (507, 273)),
    ("30.77", (769, 235), (847, 237), (845, 278), (768, 275)),
    ("Cedar", (56, 237), (135, 237), (135, 274), (56, 274)),
    ("6", (524, 289), (541, 289), (541, 319), (524, 319)),
    ("77.87", (771, 285), (845, 285), (845, 323), (771, 323)),
    ("Spruce", (56, 286), (147, 286), (147, 326), (56, 326)),
    ("58.81", (770, 329), (847, 333), (845, 374), (768, 370)),
    ("Larch", (55, 332), (129, 332), (129, 369), (55, 369)),
    ("22", (507, 335), (543, 335), (543, 370), (507, 370)),
    ("52", (507, 383), (543, 383), (543, 418), (507, 418)),
    ("68.47", (770, 379), (845, 382), (844, 420), (769, 418)),
    ("Fir", (56, 381), (95, 381), (95, 417), (56, 417)),
    ("71", (507, 430), (543, 430), (543, 466), (507, 466)),
    ("59.64", (769, 426), (847, 429), (845, 469), (768, 467)),
    ("Quince", (55, 429), (148, 429), (148, 469), (55, 469)),
    ("36", (506, 478), (543, 478), (543, 514), (506, 514)),
    ("7.03", (783, 477), (844, 477), (844, 515), (783, 515)),
    ("Maple", (54, 477), (135, 477), (135, 518), (54, 518)),
)


def read(degrees: float) -> OcrResult:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def turned(x: float, y: float) -> Point:
        return (500 + cos * (x - 500) - sin * (y - 300), 300 + sin * (x - 500) + cos * (y - 300))

    lines = [OcrLine(text=text, score=1.0, quad=tuple(turned(*p) for p in quad)) for text, *quad in LINES]  # type: ignore[arg-type]
    return OcrResult(width=1000, height=632, lines=tuple(lines))


@pytest.mark.parametrize("degrees", [-12, -4, -3, 0, 2, 3, 4, 8])
def test_a_page_of_short_lines_lies_as_what_stands_beside_each_other_says(degrees: float) -> None:
    found = read_document(read(degrees), TEXT, english().words)
    assert found.page.tilt == pytest.approx(degrees, abs=0.1)
    (table,) = found.tables
    cells = [
        (column.name, one.label, str(one.value.number)) for column in table.columns for one in column.entries if one
    ]
    assert len(cells) == 14
    assert set(cells) == CELLS


def test_a_level_page_with_a_few_boxes_that_slope_is_read() -> None:
    cells = (
        ("Bolt M6", "1,240", "0.08"),
        ("Nut M6", "980", "0.05"),
        ("Washer", "310", "0.02"),
        ("Clamp", "66", "1.85"),
    )
    sloping = {"Price list of parts": 3, "Bolt M6": -3, "0.02": 2, "Clamp": -3}
    texts = [("Price list of parts", 40, 20), ("Item", 40, 90), ("Stock", 400, 90), ("Price", 760, 90)]
    texts += [(cell, 40 + 360 * n, 140 + 50 * row) for row, of in enumerate(cells) for n, cell in enumerate(of)]
    lines = []
    for text, x, y in texts:
        right, down = x + 13 * len(text), sloping.get(text, 0)
        quad = ((x, y), (right, y + down), (right, y + 36 + down), (x, y + 36))
        lines.append(OcrLine(text=text, score=1.0, quad=quad))
    found = read_document(OcrResult(width=900, height=400, lines=tuple(lines)), TEXT, english().words)
    assert [len(column.entries) for column in found.tables[0].columns] == [4, 4]
