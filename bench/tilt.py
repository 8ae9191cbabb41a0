"""Rows of tilted pages: which value is taken for which label, on drawn pages at all angles and in perspective.

    python bench/tilt.py [STEP]

Receipts, tables and forms whose values are all different, turned by every STEP degrees (1) from -30 to 30, by 90, 180
and 270, and seen from the side. Counts every label with a value that a question could be asked about: right, wrong (the
value of another row or column), and of how many there are. Prints the wrong ones. Aim: none wrong at any angle.
"""

from __future__ import annotations

import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dcvlr.config import compose, make
from dcvlr.records import OcrResult, Picture
from dcvlr.synthesis.scene.lines import TextLimits
from dcvlr.synthesis.scene.read import Document, read_document
from dcvlr.synthesis.scene.values import shown
from dcvlr.text.question_words import WordingFile

GOODS = "Rye bread|Apples|Lemon cake|Olive oil|Green tea|Butter|Tomatoes|Brown rice|Honey|Walnuts"
TEAMS = "Ashby|Brookfield|Eastwick|Granton|Port Ellery|Northam|Westbury|Millbrook"
PITCHES = (1.15, 1.7)  # heights of a line from row to row
Pairs = dict[tuple[str, str], str]  # value by row and column; the column is empty where there is only one


def receipt(rng: random.Random, pitch: float) -> tuple[Image.Image, Pairs]:
    goods, cents = GOODS.split("|"), rng.sample(range(120, 2900), 10)
    total = sum(cents)
    rows = [*zip(goods, cents, strict=True), ("Total", total), ("Cash", total + 1234), ("Change", 1234)]
    pairs = {(name, ""): f"{value / 100:.2f}" for name, value in rows}
    page, pen = _page(700, round(130 + 28 * pitch * len(rows)))
    pen.text((350, 50), "CORNER SHOP", fill="black", font=_font(34), anchor="mm")
    for row, ((name, _), value) in enumerate(pairs.items()):
        y = 100 + 28 * pitch * row
        pen.text((60, y), name, fill="black", font=_font(24))
        pen.text((640, y), value, fill="black", font=_font(24), anchor="ra")
    return page, pairs


def table(rng: random.Random, pitch: float) -> tuple[Image.Image, Pairs]:
    teams, heads = TEAMS.split("|"), ("Played", "Won", "Goals", "Points")
    numbers = iter(rng.sample(range(11, 99), len(teams) * len(heads)))
    pairs = {(team, head): str(next(numbers)) for team in teams for head in heads}
    page, pen = _page(860, round(150 + 28 * pitch * len(teams)))
    for column, head in enumerate(("Team", *heads)):
        pen.text((50 + 220 * min(column, 1) + 140 * max(column - 1, 0), 60), head, fill="black", font=_font(24))
    for row, team in enumerate(teams):
        y = 60 + 28 * pitch * (row + 1)
        pen.text((50, y), team, fill="black", font=_font(24))
        for column, head in enumerate(heads):
            pen.text((270 + 140 * column, y), pairs[team, head], fill="black", font=_font(24))
    return page, pairs


def form(rng: random.Random, pitch: float) -> tuple[Image.Image, Pairs]:
    names = ("Issued on", "Delivery of the desk", "Due", "Payment received", "Returned", "Collected by courier")
    days = rng.sample(range(730000, 738000), len(names))
    pairs = {(name, ""): date.fromordinal(day).isoformat() for name, day in zip(names, days, strict=True)}
    page, pen = _page(640, round(110 + 28 * pitch * len(names)))
    for row, ((name, _), value) in enumerate(pairs.items()):
        y = 60 + 28 * pitch * row
        pen.text((50, y), name, fill="black", font=_font(22))
        pen.text((340, y), value, fill="black", font=_font(22))
    return page, pairs


def _page(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("RGB", (width, height), "white")
    return page, ImageDraw.Draw(page)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def views(page: Image.Image, step: int) -> Iterator[tuple[str, Image.Image]]:
    yield "level", page
    for degrees in range(step, 31, step):
        for sign in (1, -1):
            turned = page.rotate(sign * degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
            yield f"{5 * ((degrees - 1) // 5) + 1} to {5 * ((degrees - 1) // 5) + 5} degrees", turned
    for degrees in (90, 180, 270):
        yield f"turned by {degrees}", page.rotate(degrees, expand=True)
        turned = page.rotate(degrees + 4, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
        yield f"turned by {degrees} and 4", turned
    for share in (0.02, 0.06):
        for side in ("left", "top"):
            yield f"perspective, a side shorter by {2 * share:.0%}", _from_the_side(page, share, side)
            tilted = _from_the_side(page, share, side).rotate(
                5, Image.Resampling.BICUBIC, expand=True, fillcolor="white"
            )
            yield f"perspective, a side shorter by {2 * share:.0%}, and 5 degrees", tilted


def _from_the_side(page: Image.Image, share: float, side: str) -> Image.Image:
    """One side shorter at both of its ends by `share` of it."""
    import cv2

    width, height = page.size
    x, y = share * width, share * height
    corners = {
        "left": [(0, y), (width, 0), (width, height), (0, height - y)],
        "right": [(0, 0), (width, y), (width, height - y), (0, height)],
        "top": [(x, 0), (width - x, 0), (width, height), (0, height)],
        "bottom": [(0, 0), (width, 0), (width - x, height), (x, height)],
    }[side]
    whole = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    warp = cv2.getPerspectiveTransform(whole, np.array(corners, np.float32))
    seen = cv2.warpPerspective(np.asarray(page), warp, (width, height), borderValue=(255, 255, 255))
    return Image.fromarray(seen)


def found_pairs(document: Document) -> Iterator[tuple[str, str, str]]:
    """Row, column and value of all that a question could be asked about."""
    for field in document.fields:
        if field.value.kind == "date":  # what else stands beside a label is asked about in tables and bills alone
            yield field.label, "", shown(field.value)
    bill = document.bill
    for one in bill.sums.values() if bill else ():
        yield one.label, "", shown(one.value)
    tables = [*document.tables, *([document.chart] if document.chart else [])]
    for each in [*tables, *([bill.items] if bill and bill.items else [])]:
        for column in each.columns:
            for one in column.entries:
                yield one.label, column.name, shown(one.value)


def is_right(row: str, column: str, value: str, pairs: Pairs) -> bool:
    """Whether the value stands in that row; the column counts where the page has several."""
    return any(
        value == own and _same(row, name) and (not head or not column or _same(column, head))
        for (name, head), own in pairs.items()
    )


def _same(a: str, b: str) -> bool:
    """Equal but for spaces: what is misread is another matter than rows."""
    return "".join(a.split()).casefold() == "".join(b.split()).casefold()


def main(step: int) -> None:
    cfg = compose(["binning.ocr.engines=1"])
    ocr, limits = make(cfg, "binning.ocr"), make(cfg, "synthesis.generator").text
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    wrong: list[str] = []
    for kind in (receipt, table, form):
        for pitch in PITCHES:
            page, pairs = kind(random.Random(f"{kind.__name__}/{pitch}"), pitch)
            for name, view in views(page, step):
                _count(kind.__name__, name, _read(ocr, view, limits), pairs, counts[name], wrong)
    print(f"{'view':52}{'pages':>7}{'silent':>8}{'pairs':>8}{'right':>8}{'wrong':>8}")
    for name, row in counts.items():
        print(f"{name:52}{row['pages']:7}{row['silent']:8}{row['pairs']:8}{row['right']:8}{row['wrong']:8}")
    print("silent: pages of which nothing is asked; pairs: labels with a value that the pages have")
    print(*wrong, sep="\n")


def _read(ocr: object, view: Image.Image, limits: TextLimits) -> Document:
    pixels = np.asarray(view.convert("RGB"))
    picture = Picture(id="page", path="", format="PNG", width=view.width, height=view.height, pixels=pixels)
    (text,) = ocr([picture])  # type: ignore[operator]
    assert isinstance(text, OcrResult)
    return read_document(text, limits, WordingFile(file="en").words)


def _count(kind: str, view: str, document: Document, pairs: Pairs, counts: Counter[str], wrong: list[str]) -> None:
    found = set(found_pairs(document))
    bad = [one for one in sorted(found) if not is_right(*one, pairs)]
    counts.update(pages=1, silent=not found, pairs=len(pairs), right=len(found) - len(bad), wrong=len(bad))
    wrong += [f"{kind}, {view}, tilt {document.page.tilt}: {' / '.join(one)}" for one in bad]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
