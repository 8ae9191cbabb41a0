"""What the duplicate search finds of copies, and what it takes for one.

    python bench/dedup_truth.py IMAGES_DIR [SEED] [OVERRIDE…]

Copies are made of pictures below IMAGES_DIR and of drawn pages, in the ways that copies come about; different pictures
are drawn pages of one layout with other content, scenes in which one thing moved, and all pairs of IMAGES_DIR. Each
pair is put to the finders that the config chooses (filtering/dedup=[phash,…]), the default without overrides. Another
SEED takes other pictures and draws other pages: what a rule was set on says little about it.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np
from drawn_pages import KINDS, draw, moved_scene, numbered_page, one_other_entry
from PIL import Image, ImageDraw, ImageEnhance, ImageOps
from rich.console import Console
from rich.table import Table

from dcvlr.config import compose, make
from dcvlr.filtering.dedup.looks import Looks
from dcvlr.filtering.dedup.phash import ConfirmedHashes
from dcvlr.filtering.dedup.pictures import DuplicateFinder, Pictures, by_most_pixels, pixels_that_count
from dcvlr.filtering.stage import Filtering
from dcvlr.identity import digest
from dcvlr.images.formats import SUFFIXES
from dcvlr.memo import Memo
from dcvlr.records import Failure, ImageRecord, id_bytes

PICTURES = 28  # of IMAGES_DIR, evenly spread; a copy of each kind is made of every one
LONGEST_PX = 2000
LAYOUTS, CONTENTS = 5, 3
NUMBERED = 40  # pages of which one digit is another
BORDERS = ("white", "black", "#888888", "#f4efe0")

Copy = Callable[[Image.Image], Image.Image]


def jpeg(quality: int) -> Copy:
    def encode(image: Image.Image) -> Image.Image:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality)
        return Image.open(buffer).convert("RGB")

    return encode


def resized(factor: float) -> Copy:
    return lambda image: image.resize((round(image.width * factor), round(image.height * factor)), Image.LANCZOS)


def cropped(share: float) -> Copy:
    """Without `share` of the width and the height, more of it at the top left than at the bottom right."""

    def crop(image: Image.Image) -> Image.Image:
        across, down = image.width * share, image.height * share
        left, top = round(across * 0.6), round(down * 0.6)
        return image.crop((left, top, image.width - round(across) + left, image.height - round(down) + top))

    return crop


def bordered(colour: str) -> Copy:
    return lambda image: ImageOps.expand(image, round(0.07 * max(image.size)), colour)


def brighter(factor: float) -> Copy:
    return lambda image: ImageEnhance.Brightness(image).enhance(factor)


def on_screen(image: Image.Image) -> Image.Image:
    """In a window with a title bar and a tool bar, as a screenshot has it."""
    bar = max(24, image.height // 14)
    shot = ImageOps.expand(image, (6, 2 * bar, 6, bar), "#dfe3e8")
    pen = ImageDraw.Draw(shot)
    pen.rectangle((0, 0, shot.width, bar), fill="#3b4252")
    for button in range(3):
        pen.ellipse((12 + 26 * button, bar // 2 - 7, 26 + 26 * button, bar // 2 + 7), fill="#d08770")
    for tool in range(6):
        pen.rectangle((14 + 50 * tool, bar + 6, 44 + 50 * tool, 2 * bar - 6), fill="#aab2bd")
    return shot


COPIES: dict[str, Copy] = {
    "resized to 50 %": resized(0.5),
    "resized to 150 %": resized(1.5),
    "JPEG 30": jpeg(30),
    "JPEG 60": jpeg(60),
    "JPEG 95": jpeg(95),
    "brightness - 20 %": brighter(0.8),
    "brightness + 20 %": brighter(1.2),
    "grey": lambda image: image.convert("L"),
    "border, white": bordered("white"),
    "border, black": bordered("black"),
    "crop 2 %": cropped(0.02),
    "crop 5 %": cropped(0.05),
    "crop 10 %": cropped(0.10),
    "turned by 2 degrees": lambda image: image.rotate(2, Image.BICUBIC, fillcolor="white"),
    "screenshot": on_screen,
    "mirrored": ImageOps.mirror,
    "turned by 90 degrees": lambda image: image.transpose(Image.Transpose.ROTATE_90),
}


@dataclass
class Pairs:
    """Files written to `folder`, and pairs of them by kind."""

    folder: Path
    images: list[ImageRecord] = field(default_factory=list)
    kinds: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, image: Image.Image) -> int:
        path = self.folder / f"{len(self.images):05}.jpg"
        image.save(path, quality=95)
        self.images.append(ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="bench"))
        return len(self.images) - 1

    def pair(self, kind: str, one: int, other: int) -> None:
        self.kinds.setdefault(kind, []).append((one, other))


def real_pictures(folder: Path, seed: int) -> Iterator[Image.Image]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    step = max(1, len(paths) // PICTURES)
    for path in paths[seed % step :: step]:
        with Image.open(path) as image:
            picture = ImageOps.exif_transpose(image).convert("RGB")
        picture.thumbnail((LONGEST_PX, LONGEST_PX))
        yield picture


def add_copies(pairs: Pairs, folder: Path, seed: int) -> None:
    originals = [*real_pictures(folder, seed), *(draw(kind, 1000 * seed, 0) for kind in KINDS)]
    numbers = []
    for original in originals:
        numbers.append(pairs.add(original))
        for kind, copy in COPIES.items():
            pairs.pair(f"same: {kind}", numbers[-1], pairs.add(copy(original)))
    for one, other in combinations(numbers, 2):
        pairs.pair("different: pictures of IMAGES_DIR", one, other)


def add_different(pairs: Pairs, seed: int) -> None:
    first = 1000 * seed
    for kind in KINDS:
        for layout in range(first, first + (LAYOUTS if kind != "scene" else 0)):
            pages = [pairs.add(draw(kind, layout, content)) for content in range(CONTENTS)]
            for one, other in combinations(pages, 2):
                pairs.pair(f"different: {kind}s of one layout", one, other)
    for layout in range(first, first + 4 * LAYOUTS):
        scene = pairs.add(draw("scene", layout, 0))
        for share in (0.05, 0.1):
            pairs.pair(f"different: one thing moved by {share:.0%}", scene, pairs.add(moved_scene(layout, share)))
        page, other_page = one_other_entry(layout)
        pairs.pair("different: one other entry of a form", pairs.add(page), pairs.add(other_page))


def add_numbered(pairs: Pairs, seed: int) -> None:
    for number in range(NUMBERED * seed, NUMBERED * (seed + 1)):
        page, other = numbered_page(number), numbered_page(number, other_digit=True)
        border = bordered(BORDERS[number // 2 % len(BORDERS)])
        original = pairs.add(page)
        pairs.pair("same: a numbered page in a border", original, pairs.add(border(page)))
        pairs.pair("different: one other digit, in a border", original, pairs.add(border(other)))
        pairs.pair("different: one other digit", original, pairs.add(other))


def hashed(pairs: Pairs, stage: Filtering, memo: Memo) -> Pictures:
    signals = memo.measure(stage.statistics, pairs.images)
    found = [signals[image.id] for image in pairs.images]
    assert not any(isinstance(one, Failure) for one in found)
    return Pictures(
        images=pairs.images,
        phashes=np.array([int(one.phash, 16) for one in found], np.uint64),
        content_phashes=np.array([int(one.content_phash, 16) for one in found], np.uint64),
        ranks=by_most_pixels(
            np.array([pixels_that_count(one) for one in found]), id_bytes([i.id for i in pairs.images])
        ),
    )


def not_told_apart(
    finder: DuplicateFinder, pictures: Pictures, pairs: list[tuple[int, int]], memo: Memo
) -> list[tuple[int, int]]:
    """What the finder would propose, were all pairs near each other."""
    if not isinstance(finder, ConfirmedHashes):
        return pairs
    looks = Looks(pictures.images, memo.measure(finder.look, pictures.images))
    left = finder.may_be_copies(looks, np.array(pairs, np.int64).reshape(-1, 2), memo)
    return [pairs[index] for index in np.flatnonzero(left)]


def main() -> None:
    rest = sys.argv[2:]
    seed = int(rest.pop(0)) if rest and rest[0].isdigit() else 0
    stage = make(compose([*rest, "filtering/nsfw=none"]), "filtering")
    with tempfile.TemporaryDirectory() as scratch:
        pairs = Pairs(Path(scratch))
        add_copies(pairs, Path(sys.argv[1]), seed)
        add_different(pairs, seed)
        add_numbered(pairs, seed)
        memo = Memo(Path(scratch) / "checkpoints")
        pictures = hashed(pairs, stage, memo)
        everything = [pair for kind in pairs.kinds.values() for pair in kind]
        found = set()
        for finder in stage.dedup.values():
            left = not_told_apart(finder, pictures, everything, memo)
            findings = finder.confirm(pictures, left, memo)
            found |= {pair for pair, finding in zip(left, findings, strict=True) if finding is not None}
    table = Table(title=f"{len(everything)} pairs, seed {seed}, filtering/dedup={','.join(stage.dedup)}")
    for heading in ("kind", "pairs", "hash alike", "called duplicates", "share"):
        table.add_column(heading, justify="left" if heading == "kind" else "right")
    for kind, members in pairs.kinds.items():
        ends = np.array(members)
        alike = int((pictures.distances(ends[:, 0], ends[:, 1]) < (stage.phash_threshold or 0)).sum())
        called = sum(pair in found for pair in members)
        table.add_row(kind, str(len(members)), str(alike), str(called), f"{called / len(members):.1%}")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
