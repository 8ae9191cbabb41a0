"""Everything that flows between the parts of the program: frozen, typed, JSON in and out.

Boxes are `(x0, y0, x1, y1)` in pixels of the upright picture at its full size, x to the right and y down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Bin = Literal["A", "B", "C"]
BINS: tuple[Bin, ...] = ("A", "B", "C")

FailureKind = Literal[
    "decode",
    "too_large",
    "refused",
    "missing",
    "io",
    "changed",
    "oom",
    "model",
    "timeout",
    "rate_limited",
    "server",
]
REMEMBERED_FAILURES: frozenset[FailureKind] = frozenset({"decode", "too_large", "refused"})


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """What all JSON records share: immutable, keyword-only, no unknown fields when read back."""


class ImageRecord(Record, frozen=True):
    """One picture of the source; `id` is the first 128 bits of the BLAKE3 of the file's bytes, in hexadecimal.

    `path` is the first place in sorted order, `copies` every other file with the same bytes.
    """

    id: str
    path: str
    dataset: str
    copies: tuple[str, ...] = ()


class Failure(Record, frozen=True):
    """Why a model has no signal for an item.

    `decode` and `too_large` are facts about the picture, `refused` about a request that a server will not answer:
    these are remembered; every other kind may pass and is tried again by the next run.
    """

    kind: FailureKind
    message: str

    @property
    def remembered(self) -> bool:
        return self.kind in REMEMBERED_FAILURES


class Inspection(Record, frozen=True):
    """What one cheap look at a picture gives; see `dcvlr.filtering.inspection` for the definitions."""

    width: int
    height: int
    format: str
    phash: str  # 16 hexadecimal digits, as imagehash prints them
    sharpness: float
    brightness: float  # mean grey level, 0 to 1
    entropy: float  # bits per grey pixel, 0 to 8
    corner_edge_ratio: float  # 0 to 1


class Score(Record, frozen=True):
    """One number a model gives a picture, as a rule 0 to 1, and what it was given for."""

    value: float
    label: str = ""


class Features(Record, frozen=True):
    """Where a model puts a picture or a text, to be compared: a vector of length 1; see `dcvlr.features`."""

    data: bytes  # little-endian float16, base64 in JSON


class OcrLine(Record, frozen=True):
    """One line of text; `quad` are its corners clockwise from the text's top left."""

    text: str
    score: float
    quad: tuple[Point, Point, Point, Point]

    @property
    def box(self) -> Box:
        xs, ys = zip(*self.quad, strict=True)
        return (min(xs), min(ys), max(xs), max(ys))


class OcrResult(Record, frozen=True):
    """Lines in reading order; evidence calls the first one T1. `width` and `height` are the full-size picture's."""

    width: int
    height: int
    lines: tuple[OcrLine, ...]

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


class Detection(Record, frozen=True):
    """One object; `label` is None where the detector knows no classes."""

    label: str | None
    score: float
    box: Box


class Detections(Record, frozen=True):
    """Objects, strongest first; evidence calls the first one O1. `labelled` is False for a class-agnostic detector.

    `width` and `height` are the full-size picture's.
    """

    width: int
    height: int
    objects: tuple[Detection, ...]
    labelled: bool


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


class PixelFacts(Record, frozen=True):
    """Facts read from pixels alone; parts are whole, left, right, top, bottom, centre."""

    width: int
    height: int
    parts: dict[str, PartColour]


class Finding(Record, frozen=True):
    """What one rule or check says of one record: the value it saw, the threshold it was held to, and why."""

    name: str
    passed: bool
    value: float | int | str | bool | None = None
    threshold: float | int | str | None = None
    reason: str = ""


class BinCriteria(Record, frozen=True):
    """The numbers a bin is decided on; None where a number was not needed or its model is not there."""

    num_text_boxes: int
    text_area_ratio: float
    num_objects: int | None = None
    unique_classes: int | None = None
    spatial_dispersion: float | None = None
    clip_similarity: float | None = None


class BinnedImage(Record, frozen=True):
    image: ImageRecord
    bin: Bin
    criteria: BinCriteria


class Scene(Record, frozen=True):
    """All that a question may rest on, for one picture; None is 'not to be used'."""

    image: ImageRecord
    bin: Bin
    text: OcrResult | None = None
    objects: Detections | None = None
    caption: Caption | None = None
    pixels: PixelFacts | None = None


EvidenceKind = Literal["text", "object", "pixels", "caption"]


class Evidence(Record, frozen=True):
    """One thing a QA rests on.

    `ref` is T<n> for the n-th OCR line, O<n> for the n-th object, P:<part> for pixel facts, C for the caption.
    """

    kind: EvidenceKind
    ref: str
    box: Box | None
    text: str


class Qa(Record, frozen=True, omit_defaults=True):
    """One question with its answer; `answer` is one of `options` where there are options.

    `reasoning` is one numbered step per line. `generator` is `<writer>/<family>` or `<writer>:<model family>/<mode>`.
    Fields with a default are written only where they say something.
    """

    id: str
    image: str
    image_id: str
    dataset: str
    bin: Bin
    question: str
    options: tuple[str, ...] | None
    answer: str
    reasoning: str
    evidence: tuple[Evidence, ...]
    generator: str
    created_from: Literal["full features", "caption only", "image"]
    seed: int
    permutation: tuple[int, ...] | None = None  # where each option stood in the writer's reply
    repaired: bool = False  # the writer's reply was no JSON and was mended by json-repair
    passes: int | None = None  # how many of a student's samples were right, see `dcvlr.selection`


class Questions(Record, frozen=True):
    """What a writer made of one scene; `lost` are questions without a usable reply, `failed` those without any."""

    qas: tuple[Qa, ...]
    lost: tuple[Finding, ...] = ()
    failed: tuple[Failure, ...] = ()


class LedgerEntry(Record, frozen=True):
    """One image or QA that was left out, with everything that was evaluated about it.

    `unmeasured` is not a judgement: a model could not be asked this time, the next run tries again.
    """

    stage: str
    verdict: Literal["rejected", "unmeasured"]
    kind: Literal["image", "qa"]
    id: str
    path: str
    dataset: str
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]
    record: Qa | None = None


@dataclass(frozen=True, kw_only=True)
class Decode:
    """How a model wants pictures: `max_side` None is full size; a JPEG is shrunk while it is decoded.

    `revision` is raised when `dcvlr.images` would decode the same file to other pixels.
    """

    revision: ClassVar[int] = 1

    max_side: int | None
    grey: bool = False


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A decoded picture, upright. `pixels` is uint8, H x W x 3 in RGB, or H x W where grey was asked for.

    `width` and `height` are those of the upright picture at full size, `pixels` may be smaller.
    """

    id: str
    path: str
    format: str
    width: int
    height: int
    pixels: NDArray[np.uint8]

    def to_full_size(self, x: float, y: float) -> Point:
        """A point of `pixels` in coordinates of the full-size picture."""
        rows, columns = self.pixels.shape[:2]
        return (x * self.width / columns, y * self.height / rows)


def to_json(record: Any) -> bytes:
    return msgspec.json.encode(record)
