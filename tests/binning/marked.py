"""Pictures with red and blue squares, models that count them, and the binning stage over both."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from bins_abc import bins_abc
from contracts.readers import saved
from PIL import Image, ImageDraw

from dcvlr.binning.balance import BalanceLimits
from dcvlr.binning.stage import Binning
from dcvlr.execution.slices import Slices
from dcvlr.identity import speed
from dcvlr.memo import Memo
from dcvlr.protocols import Remembering, Signals
from dcvlr.records import (
    Caption,
    Decode,
    Detection,
    Detections,
    Failure,
    ImageRecord,
    OcrLine,
    OcrResult,
    Picture,
)
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger

RED, BLUE = (255, 0, 0), (0, 0, 255)


@dataclass(frozen=True, kw_only=True)
class RedMarks:
    """Each red 10 x 10 cell is a line of text."""

    name: ClassVar[str] = "red"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = OcrResult
    decode: ClassVar[Decode] = Decode(max_side=None)
    batch_size: int = speed()

    def check_ready(self) -> None: ...

    def __call__(self, items: Sequence[Picture], /) -> list[OcrResult]:
        return [self._read(item) for item in items]

    def _read(self, item: Picture) -> OcrResult:
        lines = tuple(_line(x, y) for x, y in squares(item, RED))
        return OcrResult(width=item.width, height=item.height, lines=lines)


@dataclass(frozen=True, kw_only=True)
class BlueMarks:
    """Each blue 10 x 10 cell is an object; a white corner cannot be looked at today."""

    name: ClassVar[str] = "blue"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Detections
    decode: ClassVar[Decode] = Decode(max_side=None)
    batch_size: int = speed()

    def check_ready(self) -> None: ...

    def __call__(self, items: Sequence[Picture], /) -> list[Detections | Failure]:
        return [self._found(item) for item in items]

    def _found(self, item: Picture) -> Detections | Failure:
        if tuple(item.pixels[-1, -1]) == (255, 255, 255):
            return Failure(kind="timeout", message="try again")
        found = (Detection(label=None, score=0.9, box=(x, y, x + 10, y + 10)) for x, y in squares(item, BLUE))
        return Detections(width=item.width, height=item.height, objects=tuple(found), labelled=False)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A caption that counts the squares."""

    ocr: RedMarks
    detector: BlueMarks

    @property
    def sources(self) -> tuple[RedMarks, BlueMarks]:
        return (self.ocr, self.detector)

    def derive(self, text: OcrResult, objects: Detections) -> Caption:
        return Caption(text=f"{len(text.lines)} red, {len(objects.objects)} blue")


@dataclass(frozen=True, kw_only=True)
class BlueIsSimilar:
    """0.2 for each object the caption tells of."""

    def __call__(
        self, images: Sequence[ImageRecord], captions: Signals[Caption], memo: Remembering
    ) -> Mapping[str, float | Failure]:
        texts = {image.id: captions[image.id] for image in images}
        return {i: text if isinstance(text, Failure) else 0.2 * int(text.text.split()[2]) for i, text in texts.items()}


def _line(x: int, y: int) -> OcrLine:
    return OcrLine(text=f"line at {x}", score=0.9, quad=((x, y), (x + 10, y), (x + 10, y + 10), (x, y + 10)))


def squares(item: Picture, colour: tuple[int, int, int]) -> list[tuple[int, int]]:
    cells = item.pixels[5::10, 5::10]
    return [(10 * x, 10 * y) for y, row in enumerate(cells) for x, cell in enumerate(row) if tuple(cell) == colour]


def marked(red: int = 0, blue: int = 0, *, shade: int = 0, broken: bool = False) -> Image.Image:
    """100 x 100 with `red` squares from the upper left on and `blue` ones from the lower left on."""
    image = Image.new("RGB", (100, 100), (shade, shade, shade))
    pen = ImageDraw.Draw(image)
    for i in range(red):
        pen.rectangle((10 * i, 0, 10 * i + 9, 9), fill=RED)
    for i in range(blue):
        pen.rectangle((10 * i, 90, 10 * i + 9, 99), fill=BLUE)
    if broken:
        image.putpixel((99, 99), (255, 255, 255))
    return image


def binning(**changes: Any) -> Binning:
    ocr, detector = RedMarks(batch_size=4), BlueMarks(batch_size=4)
    stage = Binning(
        ocr=ocr,
        detector=detector,
        captioner=Counted(ocr=ocr, detector=detector),
        similarity=None,
        bins=bins_abc(),
        text_boxes_threshold=2,
        text_area_threshold=0.2,
        object_count_threshold=5,
        unique_objects_threshold=3,
        spatial_dispersion_threshold=0.3,
        clip_similarity_threshold=0.25,
        bins_ratio=None,
        balance=BalanceLimits(size=None, strict=False),
        display_details=False,
    )
    return dataclasses.replace(stage, **changes)


@dataclass(frozen=True)
class Outcome:
    bins: dict[str, str]  # by file name
    folder: Path
    ledger: list[dict[str, Any]]
    computed: dict[str, int]  # by model

    def rows(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]

    @property
    def summary(self) -> Any:
        return json.loads((self.folder / "summary.json").read_text())


HERE = Slices(rows=4096, processes=1)


def run(tmp_path: Path, stage: Binning, records: Sequence[ImageRecord], slices: Slices = HERE) -> Outcome:
    memo, ledger = Memo(tmp_path / "checkpoints", slices=lambda: slices), io.BytesIO()
    kept = stage(records, memo, Ledger(ledger, "binning"), Folder(tmp_path / "files"))
    return Outcome(
        bins={Path(image.image.path).stem: image.bin for image in kept},
        folder=tmp_path / "files",
        ledger=[json.loads(line) for line in ledger.getvalue().splitlines()],
        computed={folder.split("-")[0]: count for folder, count in memo.computed.items()},
    )


def pictures(tmp_path: Path, *images: Image.Image) -> list[ImageRecord]:
    return saved(tmp_path / "pictures", list(images))
