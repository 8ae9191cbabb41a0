"""Papers as a phone would see them: somewhere on a desk, a little turned, with a shadow."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageDraw, ImageFilter

from dcvlr.source.samples.sheet import Colour

_DESKS: tuple[Colour, ...] = ((126, 96, 70), (52, 60, 72), (206, 198, 184), (58, 84, 78), (150, 152, 158))


def on_desk(paper: Image.Image, rng: Random, variant: int) -> Image.Image:
    """The paper on one of five desks; margins of 30 to 240 pixels and up to 3 degrees of turn."""
    desk = _DESKS[variant % len(_DESKS)]
    left, right = rng.choice(((30, 240), (240, 30), (60, 60), (150, 60), (200, 200)))
    top, bottom = rng.choice(((30, 130), (130, 30), (40, 40), (180, 60)))
    size = (paper.width + left + right, paper.height + top + bottom)
    picture = Image.new("RGB", size, desk)
    if right == 240:
        _pencil(picture, size[0] - 110, rng)
    mask = Image.new("L", size, 0)
    mask.paste(255, (left, top, left + paper.width, top + paper.height))
    turned = Image.new("RGB", size, desk)
    turned.paste(paper, (left, top))
    angle = rng.uniform(-3, 3) if min(left, right, top, bottom) > 35 else rng.uniform(-1, 1)
    mask, turned = (part.rotate(angle, Image.Resampling.BICUBIC) for part in (mask, turned))
    shadow = mask.filter(ImageFilter.BoxBlur(9)).point([level // 2 for level in range(256)])
    picture.paste((30, 26, 24), (8, 10), shadow)
    picture.paste(turned, (0, 0), mask)
    return picture


def _pencil(picture: Image.Image, x: int, rng: Random) -> None:
    draw = ImageDraw.Draw(picture)
    top = rng.randint(60, picture.height // 3)
    bottom = min(picture.height - 60, top + 420)
    draw.line((x, top, x + 30, bottom), fill=(222, 176, 40), width=18)
    draw.line((x + 30, bottom, x + 33, bottom + 34), fill=(236, 210, 170), width=12)
    draw.line((x + 33, bottom + 34, x + 34, bottom + 44), fill=(40, 40, 44), width=5)
    draw.line((x - 3, top - 36, x, top), fill=(196, 92, 92), width=18)
