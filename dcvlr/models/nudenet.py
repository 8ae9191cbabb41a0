"""One pass of the NudeNet detector (320n, inside its wheel) for whoever reads it: the NSFW score and the faces.

Its input is 320 x 320: the picture padded right and below to a square. The package swaps red and blue an even number of
times, so the network gets the order it is handed. Handed the BGR of its documentation it is less sure (the face of
skimage's astronaut 0.72) than handed RGB (0.81), so RGB is what this class hands over.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from msgspec import Meta

from dcvlr.errors import require_package
from dcvlr.execution.machine import free_cores
from dcvlr.identity import speed
from dcvlr.models.onnx_network.graph import open_session
from dcvlr.records import Box, Detection, Detections, Picture, within_max_side
from dcvlr.settings import Count, Fraction, Whole, checked


@dataclass(frozen=True, kw_only=True)
@checked
class NudeNet:
    """All that NudeNet finds, under its own labels (FACE_FEMALE, BELLY_EXPOSED, …), strongest first.

    Pictures are looked at side by side, each by one thread: several threads for one picture wait for each other.
    `min_score` is kept low, so that whoever reads the result may choose its own threshold for free; the package itself
    gives nothing below 0.25.
    """

    name: ClassVar[str] = "nudenet"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Detections
    decode = within_max_side

    min_score: Fraction
    max_side: Annotated[int, Meta(ge=320)]
    batch_size: Count = speed()
    threads: Whole = speed()

    def check_ready(self) -> None:
        instead = "it is AGPL-3.0; or choose filtering/nsfw=none and a detector other than faces"
        require_package("nudenet", extra="nsfw", owner="NudeNet", instead=instead)

    def __call__(self, items: Sequence[Picture], /) -> list[Detections]:
        detector = self._detector  # loaded before threads ask for it
        return list(self._pool.map(lambda picture: self._look(detector, picture), items))

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self.threads or free_cores(), thread_name_prefix="dcvlr-nudenet")

    @cached_property
    def _detector(self) -> Any:
        import nudenet

        detector = nudenet.NudeDetector()
        # Its own session takes every core it finds, whatever share of them this process has.
        detector.onnx_session = open_session(Path(nudenet.__file__).with_name("320n.onnx"), threads=1, optimize=True)
        return detector

    def _look(self, detector: Any, picture: Picture) -> Detections:
        # One picture a call: the network is busy with one already, and a batch may round another way.
        found = detector.detect(np.ascontiguousarray(picture.pixels))
        objects = [
            Detection(label=detection["class"], score=round(detection["score"], 4), box=_box(detection["box"], picture))
            for detection in found
            if detection["score"] >= self.min_score
        ]
        ordered = tuple(sorted(objects, key=lambda o: (-o.score, o.box)))
        return Detections(width=picture.width, height=picture.height, objects=ordered, labelled=True)


def _box(found: Sequence[float], picture: Picture) -> Box:
    """From left, top, width, height in decoded pixels to corners in full-size pixels, inside the picture."""
    left, top, width, height = found
    x0, y0, x1, y1 = picture.box_to_full_size((left, top, left + width, top + height))
    limits = ((x0, picture.width), (y0, picture.height), (x1, picture.width), (y1, picture.height))
    a, b, c, d = (round(min(max(value, 0.0), limit), 1) for value, limit in limits)
    return (a, b, c, d)
