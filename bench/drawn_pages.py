"""Drawn pictures of one layout with other content: forms, slides, charts, prose, equations, receipts, scenes of things.

`draw(kind, layout, content)` gives the same pixels on every machine: `layout` numbers the template, `content` what is
filled in. Read by bench/dedup.py and bench/dedup_truth.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageDraw, ImageFont

WORDS = [
    "amber",
    "anchor",
    "bottle",
    "branch",
    "bridge",
    "butter",
    "candle",
    "carpet",
    "cellar",
    "cheese",
    "copper",
    "corner",
    "cotton",
    "dinner",
    "engine",
    "farmer",
    "feather",
    "finger",
    "flower",
    "forest",
    "garden",
    "ginger",
    "hammer",
    "harbor",
    "island",
    "jacket",
    "kettle",
    "ladder",
    "lemon",
    "letter",
    "marble",
    "market",
    "meadow",
    "mirror",
    "needle",
    "orange",
    "packet",
    "pepper",
    "pillow",
    "pocket",
    "potato",
    "ribbon",
    "saddle",
    "salmon",
    "silver",
    "summer",
    "table",
    "timber",
    "tunnel",
    "turnip",
    "valley",
    "velvet",
    "window",
    "winter",
    "wool",
    "yellow",
    "barrel",
    "basket",
    "beacon",
    "castle",
    "cherry",
]
COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#ff7f0e", "#9467bd", "#8c564b", "#17becf", "#bcbd22")


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(count))


def form(layout: random.Random, content: random.Random) -> Image.Image:
    page = Image.new("RGB", (850, 1100), "white")
    pen = ImageDraw.Draw(page)
    pen.text((60, 50), words(layout, 3).upper(), fill="black", font=font(34))
    for row in range(layout.randint(9, 14)):
        y = 140 + 65 * row
        pen.text((60, y), words(layout, 1).capitalize() + ":", fill="black", font=font(22))
        pen.rectangle((260, y - 8, 790, y + 34), outline="black", width=2)
        entry = words(content, 2).title() if layout.random() < 0.5 else f"{content.randint(1000, 99999):,}"
        pen.text((275, y), entry, fill="black", font=font(22))
    return page


def slide(layout: random.Random, content: random.Random) -> Image.Image:
    page = Image.new("RGB", (960, 540), "white")
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 960, 90), fill=layout.choice(COLOURS))
    pen.text((40, 24), words(content, 3).title(), fill="white", font=font(36))
    for row in range(4):
        pen.text((70, 140 + 80 * row), "* " + words(content, 5), fill="black", font=font(26))
    pen.text((40, 505), words(layout, 3), fill="grey", font=font(16))
    return page


def chart(layout: random.Random, content: random.Random) -> Image.Image:
    page = Image.new("RGB", (640, 480), "white")
    pen = ImageDraw.Draw(page)
    bars = layout.randint(4, 8)
    pen.text((180, 15), words(layout, 3).title(), fill="black", font=font(22))
    pen.line((60, 50, 60, 430, 620, 430), fill="black", width=2)
    for bar in range(bars):
        x = 80 + bar * 530 // bars
        value = content.randint(10, 100)
        pen.rectangle((x, 430 - 3.6 * value, x + 350 // bars, 429), fill=COLOURS[0])
        pen.text((x, 440), words(layout, 1)[:6], fill="black", font=font(14))
    return page


def prose(layout: random.Random, content: random.Random) -> Image.Image:
    page = Image.new("RGB", (850, 1100), "white")
    pen = ImageDraw.Draw(page)
    for row in range(34):
        pen.text((80, 80 + 28 * row), words(content, 9)[:62], fill="black", font=font(20))
    return page


def equation(layout: random.Random, content: random.Random) -> Image.Image:
    page = Image.new("RGB", (600, 300), "white")
    pen = ImageDraw.Draw(page)
    a, b, c = (content.randint(2, 99) for _ in range(3))
    pen.text((300, 60), "Solve for x", fill="black", font=font(30), anchor="mm")
    pen.text((300, 170), f"{a}xx + {b}x - {c} = 0", fill="black", font=font(52), anchor="mm")
    return page


def receipt(layout: random.Random, content: random.Random) -> Image.Image:
    page = Image.new("RGB", (500, 1000), "#f6f4ee")
    pen = ImageDraw.Draw(page)
    pen.text((250, 60), words(layout, 2).upper(), fill="black", font=font(34), anchor="mm")
    pen.text((250, 110), words(layout, 4), fill="black", font=font(18), anchor="mm")
    for row in range(content.randint(12, 14)):
        pen.text((40, 170 + 50 * row), words(content, 2), fill="black", font=font(22))
        pen.text((460, 170 + 50 * row), f"{content.uniform(1, 90):.2f}", fill="black", font=font(22), anchor="ra")
    pen.text((40, 930), "TOTAL", fill="black", font=font(26))
    pen.text((460, 930), f"{content.uniform(50, 900):.2f}", fill="black", font=font(26), anchor="ra")
    return page


def scene(layout: random.Random, content: random.Random, *, moved: float = 0.0) -> Image.Image:
    """Seven things on a coloured ground; one of them stands further to the side by `moved` of the width."""
    page = Image.new("RGB", (640, 480), layout.choice(("#cfe2f3", "#d9ead3", "#fff2cc", "#ead1dc")))
    pen = ImageDraw.Draw(page)
    for index in range(7):
        side, colour = layout.randint(40, 90), layout.choice(COLOURS)
        x, y = layout.randint(20, 500), layout.randint(20, 370)
        x = x + round(640 * moved) * (1 if x < 280 else -1) if index == 6 else x
        draw_one = pen.ellipse if layout.random() < 0.5 else pen.rectangle
        draw_one((x, y, x + side, y + side), fill=colour, outline="black", width=2)
    return page


KINDS: dict[str, Callable[[random.Random, random.Random], Image.Image]] = {
    "form": form,
    "slide": slide,
    "chart": chart,
    "prose": prose,
    "equation": equation,
    "receipt": receipt,
    "scene": scene,
}


def draw(kind: str, layout: int, content: int) -> Image.Image:
    return KINDS[kind](random.Random(f"{kind}/{layout}"), random.Random(f"{kind}/{layout}/{content}"))


def moved_scene(layout: int, share: float) -> Image.Image:
    """`draw("scene", layout, 0)` with one thing moved by `share` of the width."""
    return scene(random.Random(f"scene/{layout}"), random.Random(), moved=share)


def one_other_entry(layout: int) -> tuple[Image.Image, Image.Image]:
    """A form, and the same one with another word or number in one of its fields."""
    page, donor = draw("form", layout, 0), draw("form", layout, 1)
    other = page.copy()
    box = (262, 394, 788, 433)  # inside the frame of the fifth row
    other.paste(donor.crop(box), box)
    return page, other


def numbered_page(number: int, *, other_digit: bool = False) -> Image.Image:
    """Lines with a number each, of A4 and smaller; with `other_digit` one of the digits is another."""
    rng = random.Random(f"numbered/{number}")
    width, height = ((1240, 1754), (850, 1100), (1000, 1414), (1240, 874))[number % 4]
    rows = [[rng.choice("0123456789") for _ in range(5)] for _ in range((height - 250) // 70)]
    row, position = rng.randrange(len(rows)), rng.randrange(5)
    if other_digit:
        rows[row][position] = str((int(rows[row][position]) + 1 + number % 9) % 10)
    page = Image.new("RGB", (width, height), "white")
    pen, face = ImageDraw.Draw(page), font(rng.randint(20, 28))
    for index, digits in enumerate(rows):
        y = 120 + 70 * index
        pen.text((80, y), words(rng, 2).capitalize(), fill="black", font=face)
        if number % 3:
            pen.line((400, y + 32, width - 80, y + 32), fill="#555")
        pen.text((410, y), "".join(digits), fill=rng.choice(("black", "#112288", "#333")), font=face)
    return page
