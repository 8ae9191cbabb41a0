"""Pages of one template that no limit was set on: maps, timetables, sheets of music, invoices, equations.

    python bench/dedup_templates.py [COUNT] [OVERRIDE…]

COUNT pages (12) of one layout for each kind, with other content, and a copy of each third: smaller, at JPEG 40, or in a
border. All stand in one run of the filtering stage. Aim: every page is kept once, every copy is found.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from dedup_pages import run_stage
from drawn_pages import WORDS, font, words
from PIL import Image, ImageDraw, ImageOps

from dcvlr.identity import digest
from dcvlr.records import ImageRecord


def town(content: random.Random) -> Image.Image:
    """Streets of one town; which places are marked and named is the page's own."""
    page, layout = Image.new("RGB", (900, 700), "#f2efe9"), random.Random("town")
    pen = ImageDraw.Draw(page)
    for _ in range(14):
        x, y = layout.randint(0, 900), layout.randint(0, 700)
        pen.line((x, 0, layout.randint(0, 900), 700), fill="white", width=9)
        pen.line((0, y, 900, layout.randint(0, 700)), fill="#fbd98d", width=6)
    pen.polygon([(500, 0), (560, 0), (420, 700), (340, 700)], fill="#aad3df")
    for _ in range(7):
        x, y = content.randint(40, 800), content.randint(40, 640)
        pen.ellipse((x, y, x + 12, y + 12), fill="#d62728")
        pen.text((x + 16, y - 4), words(content, 1).title(), fill="black", font=font(17))
    return page


def timetable(content: random.Random) -> Image.Image:
    page = Image.new("RGB", (800, 1000), "white")
    pen = ImageDraw.Draw(page)
    pen.text((40, 30), "LINE 7  MONDAY TO FRIDAY", fill="black", font=font(30))
    for row, stop in enumerate(WORDS[:20]):
        y = 110 + 42 * row
        pen.line((40, y - 6, 760, y - 6), fill="#cccccc")
        pen.text((50, y), stop.title(), fill="black", font=font(20))
        for column in range(6):
            minute = content.randint(0, 59)
            pen.text((260 + 85 * column, y), f"{6 + column}:{minute:02}", fill="black", font=font(20))
    return page


def music(content: random.Random) -> Image.Image:
    page = Image.new("RGB", (850, 1100), "white")
    pen = ImageDraw.Draw(page)
    pen.text((330, 40), "Study No. 1", fill="black", font=font(30))
    for staff in range(9):
        top = 130 + 105 * staff
        for line in range(5):
            pen.line((60, top + 10 * line, 790, top + 10 * line), fill="black")
        for note in range(16):
            x, y = 110 + 42 * note, top + 5 * content.randint(-1, 8)
            pen.ellipse((x, y, x + 12, y + 9), fill="black")
            pen.line((x + 12, y + 4, x + 12, y - 28), fill="black", width=2)
    return page


def invoice(content: random.Random) -> Image.Image:
    page = Image.new("RGB", (850, 1100), "white")
    pen = ImageDraw.Draw(page)
    pen.text((60, 50), "NORTHWIND SUPPLIES LTD", fill="#1f4e79", font=font(32))
    pen.text((60, 130), f"Invoice {content.randint(10_000, 99_999)}", fill="black", font=font(24))
    pen.text((60, 170), words(content, 2).title(), fill="black", font=font(22))
    total = 0
    for row in range(10):
        y, cents = 270 + 54 * row, content.randint(200, 99_999)
        total += cents
        pen.text((60, y), words(content, 2), fill="black", font=font(20))
        pen.text((780, y), f"{cents / 100:.2f}", fill="black", font=font(20), anchor="ra")
        pen.line((60, y + 36, 790, y + 36), fill="#bbbbbb")
    pen.text((780, 860), f"Total {total / 100:.2f}", fill="black", font=font(26), anchor="ra")
    return page


def equation(content: random.Random) -> Image.Image:
    page = Image.new("RGB", (700, 260), "white")
    a, b, c, d = (content.randint(2, 99) for _ in range(4))
    pen = ImageDraw.Draw(page)
    pen.text((350, 50), "Find both unknowns.", fill="black", font=font(26), anchor="mm")
    pen.text((350, 120), f"{a}x + {b}y = {a * c + b * d}", fill="black", font=font(40), anchor="mm")
    pen.text((350, 190), f"{b}x - {a}y = {b * c - a * d}", fill="black", font=font(40), anchor="mm")
    return page


TEMPLATES: tuple[Callable[[random.Random], Image.Image], ...] = (town, timetable, music, invoice, equation)
COPIES: tuple[Callable[[Image.Image], Image.Image], ...] = (
    lambda page: page.resize((page.width * 3 // 5, page.height * 3 // 5), Image.Resampling.LANCZOS),
    lambda page: page,  # as JPEG of less quality
    lambda page: ImageOps.expand(page, 60, "black"),
)


def main() -> None:
    rest = sys.argv[1:]
    count = int(rest.pop(0)) if rest and rest[0].isdigit() else 12
    with tempfile.TemporaryDirectory() as scratch:
        for draw in TEMPLATES:
            for number in range(count):
                page = draw(random.Random(f"{draw.__name__}/{number}"))
                page.save(Path(scratch, f"{draw.__name__}-{number:03}.jpg"), quality=92)
                if number % 3 == 2:
                    copy = COPIES[number // 3 % len(COPIES)](page)
                    copy.save(Path(scratch, f"{draw.__name__}-{number:03}-copy.jpg"), quality=40)
        paths = sorted(Path(scratch).iterdir())
        images = [ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="bench") for path in paths]
        _, _, duplicates = run_stage(images, rest)
    print(f"{'template':12}{'pages':>7}{'lost':>7}{'copies':>8}{'found':>7}")
    for draw in TEMPLATES:
        names = {Path(path).stem.removesuffix("-copy") for path in duplicates if draw.__name__ in path}
        copied = {f"{draw.__name__}-{number:03}" for number in range(2, count, 3)}
        print(f"{draw.__name__:12}{count:7}{len(names - copied):7}{len(copied):8}{len(names & copied):7}")


if __name__ == "__main__":
    main()
