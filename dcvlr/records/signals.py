"""What one model measured on one picture."""

from __future__ import annotations

import msgspec

from dcvlr.records.base import Box, Point, Quad, Record
from dcvlr.records.images import ImageRecord


class ImageStatistics(Record, frozen=True):
    """What one cheap pass over a picture measures; see `dcvlr.filtering.statistics` for the definitions."""

    width: int
    height: int
    format: str
    phash: str  # 16 hexadecimal digits, as imagehash prints them
    content_phash: str  # of what is inside plain borders; without borders, of the whole in the tones of ink
    content_pixels: int  # of the file, inside plain borders and those inside them
    sharpness: float
    brightness: float  # mean grey level, 0 to 1
    entropy: float  # bits per grey pixel, 0 to 8
    corner_edge_ratio: float  # 0 to 1


class Score(Record, frozen=True):
    """One number a model gives a picture, as a rule 0 to 1, and what it was given for."""

    value: float
    label: str = ""


class Embedding(Record, frozen=True):
    """Where a model puts a picture or a text, to be compared: a vector of length 1; see `dcvlr.models.embeddings`."""

    data: bytes  # little-endian float16, base64 in JSON


class OcrLine(Record, frozen=True):
    """One line of text; `quad` are its corners clockwise from the text's top left."""

    text: str
    score: float
    quad: Quad

    @property
    def box(self) -> Box:
        (a, b), (c, d), (e, f), (g, h) = self.quad
        return (min(a, c, e, g), min(b, d, f, h), max(a, c, e, g), max(b, d, f, h))


class OcrResult(Record, frozen=True):
    """Lines in reading order; evidence calls the first one T1. `width` and `height` are the full-size picture's.

    `unread` lines were left out, since the reader does not know their script.
    """

    width: int
    height: int
    lines: tuple[OcrLine, ...]
    unread: int = 0

    @property
    def text(self) -> str:
        return "\n".join([line.text for line in self.lines])


class Detection(Record, frozen=True):
    """One object; `label` is None where the detector knows no classes."""

    label: str | None
    score: float
    box: Box


class Detections(Record, frozen=True, omit_defaults=True):
    """Objects, strongest first; evidence calls the first one O1. `labelled` is False for a class-agnostic detector.

    `width` and `height` are the full-size picture's. `unsure` are labels of which something was found and not
    confirmed, so that there may be more of them; `confirmed` those of which a second model saw each object, too.
    """

    width: int
    height: int
    objects: tuple[Detection, ...]
    labelled: bool
    unsure: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()


class Caption(Record, frozen=True):
    text: str


class PartColour(Record, frozen=True):
    """Colour of one rectangular part of a picture; `lab` is the mean CIELAB (D65) colour, L* from 0 to 100.

    Pixels between two named colours count for neither, so shares may sum to less than 1.
    """

    box: Box
    lab: tuple[float, float, float]
    colour: str  # the named colour that most pixels clearly have, "unnamed" if none has one
    share: float  # of all the part's pixels, that have it, 0 to 1
    runner_up_share: float  # of all the part's pixels, that have the second most common named colour
    shares: dict[str, float] = msgspec.field(
        default_factory=dict
    )  # of all the part's pixels, by named colour; from 1 % on


class PixelFacts(Record, frozen=True):
    """Facts read from pixels alone; parts are the keys of `dcvlr.synthesis.pixels.colours.PARTS`."""

    width: int
    height: int
    parts: dict[str, PartColour]


class PrintedLine(Record, frozen=True):
    """Where a line stands: its corners in full-size pixels, clockwise from the text's top left.

    `id` is a digest of the picture's id and the corners.
    """

    id: str
    image: ImageRecord
    quad: tuple[Point, Point, Point, Point]


class Readings(Record, frozen=True):
    """What each further look at a line reads, with its score; an empty text is nothing."""

    looks: tuple[tuple[str, float], ...]
