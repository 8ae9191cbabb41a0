"""What the search for watermarks finds of drawn ones, and what it takes for one.

    python bench/watermarks.py IMAGES_DIR [OVERRIDE…]

Each photograph below IMAGES_DIR/photos gets a mark in three ways, in one of three strengths each; all pictures of
IMAGES_DIR are looked at as they are, too. The rule is filtering/watermark=written without overrides.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from drawn_pages import font
from PIL import Image, ImageDraw, ImageOps
from rich.console import Console
from rich.table import Table

from dcvlr.config import compose, make
from dcvlr.identity import digest
from dcvlr.images.formats import SUFFIXES
from dcvlr.memo import Memo
from dcvlr.records import Failure, ImageRecord

LONGEST_PX = 1200
STRENGTHS = {"faint": 0.3, "middle": 0.5, "strong": 0.8}
# Agencies, words that mark a proof, and names that nobody has on a list.
TEXTS = (
    *("shutterstock", "gettyimages", "Adobe Stock", "alamy", "dreamstime", "depositphotos", "iStock by Getty"),
    *("SAMPLE", "PREVIEW", "DO NOT COPY", "PROOF", "© 2024 Lena Hart", "© Blue Harbour Studio", "www.fotohaus.example"),
    *("Mira Kessler Photography", "Tom Adeyemi", "Northlight Pictures", "picturebarn", "Atelier Okonkwo"),
)

Marking = Callable[[Image.Image, str, float], Image.Image]


def stamped(picture: Image.Image, stamp: Image.Image, strength: float) -> Image.Image:
    """White where `stamp`, a grey picture of the same size, is white, mixed in by `strength`."""
    return Image.composite(Image.new("RGB", picture.size, "white"), picture, stamp.point(lambda v: round(v * strength)))


def tiled(picture: Image.Image, text: str, strength: float) -> Image.Image:
    width, height = picture.size
    size = max(18, round(0.035 * max(width, height)))
    side = round(1.5 * max(width, height))
    sheet = Image.new("L", (side, side))
    pen = ImageDraw.Draw(sheet)
    step_x, step_y = round(pen.textlength(text, font=font(size)) + 3 * size), 5 * size
    for row, y in enumerate(range(0, side, step_y)):
        for x in range(-step_x // 2 * (row % 2), side, step_x):
            pen.text((x, y), text, fill=255, font=font(size))
    turned = sheet.rotate(30, Image.Resampling.BICUBIC)
    left, top = (side - width) // 2, (side - height) // 2
    return stamped(picture, turned.crop((left, top, left + width, top + height)), strength)


def in_a_corner(picture: Image.Image, text: str, strength: float) -> Image.Image:
    size = max(16, round(0.03 * max(picture.size)))
    stamp = Image.new("L", picture.size)
    corner = (picture.width - size, picture.height - size)
    ImageDraw.Draw(stamp).text(corner, text, fill=255, font=font(size), anchor="rs")
    return stamped(picture, stamp, strength)


def in_the_middle(picture: Image.Image, text: str, strength: float) -> Image.Image:
    stamp = Image.new("L", picture.size)
    pen = ImageDraw.Draw(stamp)
    size = round(0.7 * picture.width / max(1.0, pen.textlength(text, font=font(100)) / 100))
    pen.text((picture.width // 2, picture.height // 2), text, fill=255, font=font(min(size, 160)), anchor="mm")
    return stamped(picture, stamp, strength)


WAYS: dict[str, Marking] = {"tiled, diagonal": tiled, "corner": in_a_corner, "middle": in_the_middle}


@dataclass
class Drawn:
    folder: Path
    images: dict[str, list[ImageRecord]] = field(default_factory=lambda: defaultdict(list))

    def add(self, kind: str, picture: Image.Image) -> None:
        path = self.folder / f"{sum(map(len, self.images.values())):05}.jpg"
        picture.save(path, quality=90)
        self.images[kind].append(ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="bench"))


def pictures_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def draw_all(folder: Path, drawn: Drawn) -> None:
    for number, path in enumerate(pictures_below(folder / "photos")):
        with Image.open(path) as image:
            photo = ImageOps.exif_transpose(image).convert("RGB")
        photo.thumbnail((LONGEST_PX, LONGEST_PX))
        rng = random.Random(number)
        for way, (name, mark) in enumerate(WAYS.items()):
            strength = list(STRENGTHS)[(number + way) % len(STRENGTHS)]
            drawn.add(f"{name}, {strength}", mark(photo, rng.choice(TEXTS), STRENGTHS[strength]))
    for path in pictures_below(folder):
        kind = path.relative_to(folder).parts[0]
        record = ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset=kind)
        drawn.images[f"{kind}, no mark"].append(record)


def main() -> None:
    overrides = sys.argv[2:] or ["filtering/watermark=written"]
    stage = make(compose([*overrides, "filtering/nsfw=none"]), "filtering")
    with tempfile.TemporaryDirectory() as scratch:
        drawn = Drawn(Path(scratch))
        draw_all(Path(sys.argv[1]), drawn)
        signals = Memo(Path(scratch) / "checkpoints").measure(
            stage.watermark, [image for images in drawn.images.values() for image in images]
        )
        table = Table(title=f"{' '.join(overrides)}, threshold {stage.watermark_threshold}")
        for heading in ("pictures", "number", "rejected", "share"):
            table.add_column(heading, justify="left" if heading == "pictures" else "right")
        for kind, images in sorted(drawn.images.items()):
            found = [signals[image.id] for image in images]
            rejected = [not isinstance(one, Failure) and one.value > stage.watermark_threshold for one in found]
            table.add_row(kind, str(len(found)), str(sum(rejected)), f"{sum(rejected) / len(found):.0%}")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
