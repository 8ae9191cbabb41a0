"""A second look at each object: a classifier of ImageNet's classes must find in its crop what the detector says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from dcvlr.errors import ConfigError
from dcvlr.models.onnx_network import OnnxNetwork, class_shares, require_classifier
from dcvlr.settings import Fraction, SettingError, checked


@dataclass(frozen=True, kw_only=True)
@checked
class CropClassifier:
    """An object stays if the classes of its label have `min_share` of the probability of its crop together.

    `classes` says which those are: numbers and ranges of numbers of the classifier's classes. A label that is not in
    it belongs to the classes whose names hold it as words ("laptop" to "laptop, laptop computer"). Of a label that
    belongs to none nothing can be confirmed: it stays from `unknown_min_score` of the detector on.
    """

    name: ClassVar[str] = "crop_classifier"
    revision: ClassVar[int] = 3

    network: OnnxNetwork
    classes: dict[str, list[int | str]]
    min_share: Fraction
    margin: Annotated[float, Meta(ge=0)]
    unknown_min_score: Fraction

    def __post_init__(self) -> None:
        for label, numbers in self.classes.items():
            numbers_of(label, numbers)

    def check_ready(self) -> None:
        self.network.check_ready()
        if self.network.is_here:
            require_classifier(self.network)
            self._numbers  # noqa: B018  refuse numbers that the classifier does not have

    def confirmed(
        self, pixels: NDArray[np.uint8], boxes: NDArray[Any], scores: NDArray[Any], labels: Sequence[str]
    ) -> NDArray[np.bool_]:
        """Which objects stay; `boxes` are in pixels of `pixels`."""
        stays = np.array([score >= self.unknown_min_score for score in scores], bool)
        wanted = [i for i, label in enumerate(labels) if self.knows(label)]
        if wanted:
            shares = class_shares(self.network, [_crop(pixels, boxes[i], self.margin) for i in wanted])
            for row, i in zip(shares, wanted, strict=True):
                stays[i] = row[self._classes_of(labels[i])].sum() >= self.min_share
        return stays

    def knows(self, label: str) -> bool:
        """Whether it can confirm an object of this label."""
        return bool(self._classes_of(label))

    def _classes_of(self, label: str) -> list[int]:
        if label in self._numbers:
            return self._numbers[label]
        words = re.compile(rf"\b{re.escape(label.lower())}\b")
        return [i for i, name in enumerate(self.network.names) if words.search(name.lower())]

    @cached_property
    def _numbers(self) -> Mapping[str, list[int]]:
        found = {label: numbers_of(label, numbers) for label, numbers in self.classes.items()}
        count = len(self.network.names)
        for label, numbers in found.items():
            if numbers and max(numbers) >= count:
                raise ConfigError(
                    f"binning.detector.verify_with.classes.{label}: class {max(numbers)}, but "
                    f"{self.network.model!r} has {count}"
                )
        return found


def numbers_of(label: str, numbers: Sequence[int | str]) -> list[int]:
    """`[7-9, 12]` as 7, 8, 9 and 12."""
    found: list[int] = []
    for part in numbers:
        ends = re.fullmatch(r"(\d+)(?:-(\d+))?", str(part))
        if ends is None:
            raise SettingError(f"classes.{label}", numbers, "class numbers and ranges such as 7-24 are allowed")
        found += range(int(ends[1]), int(ends[2] or ends[1]) + 1)
    return found


def _crop(pixels: NDArray[np.uint8], box: NDArray[Any], margin: float) -> NDArray[np.uint8]:
    """The box with `margin` of its sides around it, at least one pixel."""
    rows, columns = pixels.shape[:2]
    (x0, y0, x1, y1), (wide, high) = box, ((box[2] - box[0]) * margin, (box[3] - box[1]) * margin)
    left, top = int(np.clip(x0 - wide, 0, columns - 1)), int(np.clip(y0 - high, 0, rows - 1))
    right, bottom = int(np.clip(np.ceil(x1 + wide), left + 1, columns)), int(np.clip(np.ceil(y1 + high), top + 1, rows))
    return pixels[top:bottom, left:right]
