"""A small folder of drawn pictures in the layout the program reads."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

RECEIPT = [("Coffee", "3.50"), ("Bagel", "2.25"), ("Juice", "4.10"), ("Soup", "6.40"), ("Total:", "16.25")]


def receipt(title: str, rows: list[tuple[str, str]]) -> Image.Image:
    image = Image.new("RGB", (420, 480), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=28)
    pen.text((110, 30), title, fill="black", font=font)
    for i, (label, amount) in enumerate(rows):
        pen.text((50, 120 + 60 * i), label, fill="black", font=font)
        pen.text((370, 120 + 60 * i), amount, fill="black", font=font, anchor="ra")
    return image


def shapes(colour: str, count: int) -> Image.Image:
    image = Image.new("RGB", (400, 300), "white")
    pen = ImageDraw.Draw(image)
    for i in range(count):
        pen.ellipse((30 + 120 * i, 30 + 60 * i, 110 + 120 * i, 110 + 60 * i), fill=colour)
    return image


def make_pictures(folder: Path) -> Path:
    """Two receipts, three pictures of discs, a copy, a near copy, a tiny one and a broken one."""
    train = folder / "drawn__by" / "train"
    train.mkdir(parents=True)
    receipt("CORNER CAFE", RECEIPT).save(train / "receipt_1.png")
    other = [("Tea", "1.80"), ("Toast", "2.05"), ("Salad", "7.30"), ("Total:", "11.15")]
    receipt("GREEN LEAF", other).save(train / "receipt_2.png")
    shapes("red", 3).save(train / "red.png")
    shapes("blue", 2).save(train / "blue.png")
    Image.new("RGB", (320, 480), "darkgreen").save(train / "green.png")
    (train / "red_copy.png").write_bytes((train / "red.png").read_bytes())
    receipt("CORNER CAFE", RECEIPT).save(train / "receipt_1_again.jpg", quality=90)
    shapes("red", 1).resize((100, 75)).save(train / "tiny.png")
    (train / "broken.jpg").write_bytes((train / "receipt_1_again.jpg").read_bytes()[:3000])
    return folder
