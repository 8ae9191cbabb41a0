"""Drawn pages of one layout with other entries, and what happens to copies of pictures."""

from __future__ import annotations

import io
import random
from functools import cache

from PIL import Image, ImageDraw, ImageFont

WORDS = [
    "amber",
    "anchor",
    "bottle",
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
]


def words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(count))


@cache
def form(seed: int, entries: int = 10) -> Image.Image:
    """The labels and frames of every form are the same, what is filled in is the seed's."""
    page = Image.new("RGB", (850, 1100), "white")
    pen, font, rng = ImageDraw.Draw(page), ImageFont.load_default(size=26), random.Random(seed)
    pen.text((60, 50), "APPLICATION FOR A GARDEN", fill="black", font=font)
    for row in range(entries):
        y = 140 + 80 * row
        pen.text((60, y), f"Field {row}:", fill="black", font=font)
        pen.rectangle((260, y - 8, 790, y + 40), outline="black", width=2)
        pen.text((275, y), words(rng, 3), fill="black", font=font)
    return page


@cache
def chart(seed: int) -> Image.Image:
    page = Image.new("RGB", (640, 480), "white")
    pen, rng = ImageDraw.Draw(page), random.Random(seed)
    pen.line((60, 50, 60, 430, 620, 430), fill="black", width=2)
    for bar in range(6):
        pen.rectangle((80 + 90 * bar, 430 - rng.randint(40, 360), 140 + 90 * bar, 429), fill="#1f77b4")
    return page


@cache
def slide(seed: int) -> Image.Image:
    page = Image.new("RGB", (960, 540), "white")
    pen, font, rng = ImageDraw.Draw(page), ImageFont.load_default(size=30), random.Random(seed)
    pen.rectangle((0, 0, 960, 90), fill="#8c564b")
    pen.text((40, 24), words(rng, 3), fill="white", font=font)
    for row in range(4):
        pen.text((70, 140 + 80 * row), "- " + words(rng, 5), fill="black", font=font)
    return page


def scene(moved: int = 0) -> Image.Image:
    """Five things on a coloured ground; the last stands `moved` pixels of 640 further to the right."""
    page = Image.new("RGB", (640, 480), "#cfe2f3")
    pen = ImageDraw.Draw(page)
    for index, colour in enumerate(("#d62728", "#2ca02c", "#ff7f0e", "#9467bd", "#17becf")):
        x, y = 40 + 110 * index + (moved if index == 4 else 0), (50, 300, 180, 90, 330)[index]
        pen.ellipse((x, y, x + 70, y + 70), fill=colour, outline="black", width=2)
    return page


@cache
def photograph(seed: int, width: int = 600, height: int = 450) -> Image.Image:
    """Soft shapes and fine grain, as a camera gives them."""
    rng = random.Random(seed)
    soft = Image.frombytes("RGB", (12, 9), rng.randbytes(12 * 9 * 3)).resize((width, height), Image.Resampling.BICUBIC)
    grain = Image.frombytes("L", (width, height), rng.randbytes(width * height)).convert("RGB")
    return Image.blend(soft, grain, 0.08)


@cache
def receipt(seed: int) -> Image.Image:
    """Grey, grainy paper that fills the picture and gets darker to one side."""
    rng, (width, height) = random.Random(seed), (480, 900)
    shade = Image.linear_gradient("L").rotate(90).resize((width, height)).point(lambda level: 195 + level // 6)
    grain = Image.frombytes("L", (width, height), rng.randbytes(width * height))
    paper = Image.blend(shade, grain, 0.1).convert("RGB")
    pen, font = ImageDraw.Draw(paper), ImageFont.load_default(size=22)
    for row in range(15):
        pen.text((30, 40 + 55 * row), words(rng, 2), fill=(70, 70, 80), font=font)
        pen.text((450, 40 + 55 * row), f"{rng.uniform(1, 90):.2f}", fill=(70, 70, 80), font=font, anchor="ra")
    return paper


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")
