"""The filtering stage over drawn pictures, with a real memo."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from PIL import Image

from dcvlr.execution.slices import Slices
from dcvlr.filtering.dedup.content_look import ContentLook
from dcvlr.filtering.dedup.look import CloserLook
from dcvlr.filtering.dedup.pair_difference import PairDifference
from dcvlr.filtering.dedup.phash import ConfirmedHashes
from dcvlr.filtering.stage import Filtering
from dcvlr.filtering.statistics.basic import BasicStatistics
from dcvlr.filtering.watermark.edges import CornerEdges
from dcvlr.identity import digest
from dcvlr.memo import Memo
from dcvlr.records import ImageRecord, LedgerEntry
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger

HERE = Slices(rows=4096, processes=1)

STATISTICS = BasicStatistics(hash_decode="draft", batch_size=8)


PHASH = ConfirmedHashes(
    threshold=8,
    max_difference=0.7,
    look=CloserLook(batch_size=8),
    content_look=ContentLook(batch_size=8),
    difference=PairDifference(side=640, batch_size=8, threads=2),
)


BARE = Filtering(
    statistics=STATISTICS,
    watermark=None,
    nsfw=None,
    scores={},
    dedup={},
    keep="most_pixels",
    against=[],
    min_resolution=None,
    max_resolution=None,
    oversize="reject",
    phash_threshold=None,
    watermark_threshold=None,
    nsfw_threshold=None,
    min_sharpness=None,
    min_entropy=None,
    min_brightness=None,
    max_brightness=None,
)


USUAL = dataclasses.replace(
    BARE,
    watermark=CornerEdges(statistics=STATISTICS),
    min_resolution=224,
    max_resolution=4096,
    phash_threshold=8,
    dedup={"phash": PHASH},
    watermark_threshold=0.3,
)


class Run:
    """The stage over a folder of pictures, with a real memo."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.images: list[ImageRecord] = []

    def add(self, name: str, image: Image.Image, image_format: str = "PNG") -> ImageRecord:
        buffer = io.BytesIO()
        image.save(buffer, image_format, compress_level=1)
        return self.add_bytes(name, buffer.getvalue())

    def add_bytes(self, name: str, data: bytes) -> ImageRecord:
        path = self.folder / name
        path.write_bytes(data)
        self.images.append(ImageRecord(id=digest(data), path=str(path), dataset="d"))
        return self.images[-1]

    def __call__(self, stage: Filtering, slices: Slices = HERE) -> list[str]:
        """Names of the pictures that are kept; the ledger and the files are there to be looked at."""
        self.memo = Memo(self.folder / "checkpoints", slices=lambda: slices)
        file = io.BytesIO()
        self.ledger = Ledger(file, "filtering")
        kept = stage(self.images, self.memo, self.ledger, Folder(self.folder / stage.folder))
        lines = file.getvalue().splitlines()
        self.entries = {Path(e.path).name: e for e in (msgspec.json.decode(line, type=LedgerEntry) for line in lines)}
        return [Path(image.path).name for image in kept]

    def findings(self, name: str) -> dict[str, tuple[bool, Any, Any]]:
        return {f.name: (f.passed, f.value, f.threshold) for f in self.entries[name].findings}

    def file(self, name: str) -> str:
        return (self.folder / "stage1_filtering" / name).read_text()


def clouds(seed: int, width: int = 400, height: int = 300) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)).resize((width, height))


def stripes(width: int = 400, height: int = 300) -> Image.Image:
    pixels = np.zeros((height, width), np.uint8)
    pixels[:, ::8] = pixels[:, 1::8] = pixels[:, 2::8] = pixels[:, 3::8] = 255
    return Image.fromarray(pixels)
