"""A white sheet to draw on that remembers the texts written on it. The font is the one inside Pillow: ASCII only."""

from __future__ import annotations

from collections.abc import Iterable

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]

INK: Colour = (28, 28, 32)
GREY: Colour = (110, 112, 118)
PALE: Colour = (214, 216, 220)
WHITE: Colour = (255, 255, 255)
PALETTES: tuple[tuple[Colour, ...], ...] = (
    ((31, 96, 168), (226, 121, 38), (52, 138, 74), (190, 55, 60), (120, 88, 160), (120, 84, 66)),
    ((14, 116, 124), (232, 170, 40), (168, 52, 98), (70, 92, 196), (104, 150, 58), (96, 96, 104)),
    ((44, 62, 102), (206, 84, 70), (92, 158, 170), (226, 178, 88), (110, 134, 84), (150, 108, 148)),
)


class Sheet:
    """`texts` are the strings in the order they were written, `boxes` where each stands.

    Anchors are Pillow's: `la` left top, `ra` right top.
    """

    def __init__(self, width: int, height: int, paper: Colour = WHITE) -> None:
        self.image = Image.new("RGB", (width, height), paper)
        self.texts: list[str] = []
        self.boxes: list[tuple[float, float, float, float]] = []
        self._draw = ImageDraw.Draw(self.image)
        self._fonts: dict[int, ImageFont.FreeTypeFont | ImageFont.ImageFont] = {}

    def text(
        self, x: float, y: float, text: str, size: int, *, fill: Colour = INK, anchor: str = "la", bold: bool = False
    ) -> None:
        self.texts.append(text)
        font = self._font(size)
        self.boxes.append(self._draw.textbbox((x, y), text, font=font, anchor=anchor))
        for shift in (0, max(1, size // 24)) if bold else (0,):  # struck twice: the bundled font has one weight
            self._draw.text((x + shift, y), text, font=font, fill=fill, anchor=anchor)

    def width_of(self, text: str, size: int) -> float:
        return self._font(size).getlength(text)

    def box(
        self, x0: float, y0: float, x1: float, y1: float, *, fill: Colour | None = None, outline: Colour | None = None
    ) -> None:
        self._draw.rectangle((x0, y0, x1, y1), fill=fill, outline=outline, width=2)

    def line(self, points: Iterable[tuple[float, float]], fill: Colour = INK, width: int = 2) -> None:
        self._draw.line(list(points), fill=fill, width=width, joint="curve")

    def dashes(self, x0: float, x1: float, y: float) -> None:
        for x in range(int(x0), int(x1) - 6, 12):
            self._draw.line((x, y, x + 6, y), fill=GREY, width=2)

    def dot(self, x: float, y: float, radius: float, fill: Colour) -> None:
        self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)

    def slice(self, x: float, y: float, radius: float, start: float, end: float, fill: Colour) -> None:
        """A slice of a pie; degrees clockwise from three o'clock."""
        self._draw.pieslice(
            (x - radius, y - radius, x + radius, y + radius), start, end, fill=fill, outline=WHITE, width=3
        )

    def cut(self, bottom: float) -> None:
        """Shorten the sheet."""
        self.image = self.image.crop((0, 0, self.image.width, int(bottom)))

    def _font(self, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        if size not in self._fonts:
            self._fonts[size] = ImageFont.load_default(size)
        return self._fonts[size]


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
