"""Objects of the classes that an exported detector knows, from its ONNX file: no torch, made for CPUs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import Any, ClassVar, Literal

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from dcvlr.binning.detector.boxes import detections
from dcvlr.binning.detector.heads import KNOWN, Decoded, Head, Shapes, candidates
from dcvlr.binning.detector.verify_with.classifier import CropClassifier
from dcvlr.errors import ConfigError
from dcvlr.identity import speed
from dcvlr.models.onnx_network import OnnxNetwork, Placed
from dcvlr.records import Detections, Picture, within_max_side
from dcvlr.settings import Count, Fraction, Side, checked

_SIZES = "orig_target_sizes"  # an input of RT-DETR's and D-FINE's own exports: width and height of the pictures
_ROUNDING = 1e-3  # by which a score may lie outside 0 to 1


@dataclass(frozen=True, kw_only=True)
@checked
class OnnxDetector:
    """What kind of head the file has is known by the shapes of its outputs; an unknown one is refused.

    `verify_with` looks at each object's crop: what it does not confirm is dropped. Raises `ConfigError` for a file
    whose outputs are none of the known layouts, or several, and `head` does not say which.
    """

    name: ClassVar[str] = "onnx"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Detections
    decode = within_max_side

    network: OnnxNetwork
    head: Literal["auto", "detr", "boxes", "rtdetr", "yolo_v5", "yolo_v8", "yolo_v10", "nanodet"]
    min_score: Fraction
    iou: Fraction
    max_objects: Count
    verify_with: CropClassifier | None
    max_side: Side
    batch_size: Count = speed()

    def check_ready(self) -> None:
        self.network.check_ready()
        if self.network.is_here:
            self._head  # noqa: B018  read the file and refuse an unknown layout before work starts

    def __call__(self, items: Sequence[Picture], /) -> list[Detections]:
        if not items:
            return []
        preparation = self.network.prepared(self._head.usual)
        placed = [self.network.prepare(item.pixels, preparation) for item in items]
        outputs = self._compute(placed)
        return [
            self._objects(item, placed_one, {name: values[i] for name, values in outputs.items()})
            for i, (item, placed_one) in enumerate(zip(items, placed, strict=True))
        ]

    def _objects(self, picture: Picture, placed: Placed, outputs: Mapping[str, NDArray[Any]]) -> Detections:
        found = strongest(self._decoded(outputs), self.min_score, self._iou, self.max_objects)
        found = found._replace(boxes=placed.to_picture(found.boxes))
        labels, unsure, confirmed = self._labels(found), set[str](), set[str]()
        if self.verify_with is not None:
            stays = self.verify_with.confirmed(picture.pixels, found.boxes, found.scores, labels)
            unsure = {label for label, stayed in zip(labels, stays, strict=True) if not stayed}
            confirmed = {label for label in labels if self.verify_with.knows(label)} - unsure
            found, labels = Decoded(*(values[stays] for values in found)), list(compress(labels, stays))
        full = [picture.box_to_full_size(box) for box in found.boxes]
        seen = detections(picture.width, picture.height, full, found.scores, labels, self.min_score)
        return replace(seen, unsure=tuple(sorted(unsure)), confirmed=tuple(sorted(confirmed)))

    def _decoded(self, outputs: Mapping[str, NDArray[Any]]) -> Decoded:
        """Raises ValueError for a score that is not a number: the picture was not looked at."""
        found = self._head.decode(outputs)
        if not np.isfinite(found.scores).all():
            raise ValueError("the detector gave a score that is not a number")
        if found.scores.size and not -_ROUNDING <= found.scores.min() <= found.scores.max() <= 1 + _ROUNDING:
            what = f"scores that are not from 0 to 1: not a {self._head.name} head"
            raise ConfigError(f"{self.network.key}.model={self.network.model!r} gives {what}")
        return found._replace(scores=found.scores.clip(0, 1))

    def _labels(self, found: Decoded) -> list[str]:
        names = self.network.names
        if found.classes.size and not 0 <= found.classes.min() <= found.classes.max() < len(names):
            what = f"class {found.classes.max()}, of {len(names)} that have names"
            raise ConfigError(f"{self.network.key}.labels: {self.network.model!r} found {what}")
        return [names[int(number)] for number in found.classes]

    @property
    def _iou(self) -> float | None:
        return self.iou if self._head.repeats else None

    def _compute(self, placed: Sequence[Placed]) -> dict[str, NDArray[Any]]:
        others = {tensor.name for tensor in self.network.graph.inputs if len(tensor.shape) != 4}
        if others - {_SIZES}:
            raise ConfigError(f"{self.network.model!r} wants further inputs: {', '.join(sorted(others - {_SIZES}))}")
        sizes = np.tile(self.network.size[::-1], (len(placed), 1))
        return self.network.run(placed, {_SIZES: sizes} if others else None)

    @cached_property
    def _head(self) -> Head:
        names, size, shapes = self.network.names, self.network.size, self._shapes
        found = [head for head in candidates(shapes, size, len(names)) if self.head in ("auto", head.name)]
        if len(found) == 1:
            return found[0]
        has = ", ".join(f"{name} {'×'.join(map(str, shape))}" for name, shape in shapes.items())
        what = f"{self.network.model!r} with outputs {has} for {size[0]}×{size[1]} pixels and {len(names)} labels"
        if found:
            kinds = " or ".join(sorted({head.name for head in found}))
            raise ConfigError(f"binning.detector.head={self.head!r}: {what} may be {kinds}; say which")
        raise ConfigError(f"binning.detector.network.model: {what} is no detector that is known: {KNOWN}")

    @cached_property
    def _shapes(self) -> Shapes:
        """Of the outputs for one picture; where the file leaves sides open, of those for a blank one."""
        stated = {tensor.name: tensor.shape[1:] for tensor in self.network.graph.outputs}
        if all(side is not None for shape in stated.values() for side in shape):
            return {name: tuple(side or 0 for side in shape) for name, shape in stated.items()}
        blank = Placed(np.zeros((3, *self.network.size), np.float32), (1.0, 1.0), (0.0, 0.0))
        return {name: values.shape[1:] for name, values in self._compute([blank]).items()}


def strongest(found: Decoded, min_score: float, iou: float | None, limit: int) -> Decoded:
    """At most `limit` that score `min_score`, the strongest first.

    With `iou` only the surest of boxes of one class that overlap more (non-maximum suppression by OpenCV).
    """
    enough = np.flatnonzero(found.scores >= min_score)
    order = enough[np.argsort(-found.scores[enough], kind="stable")]
    boxes, scores, classes = (values[order] for values in found)
    if iou is not None and order.size:
        import cv2

        sides = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
        kept = cv2.dnn.NMSBoxesBatched(sides.tolist(), scores.tolist(), classes.tolist(), 0.0, iou)
        order = np.sort(np.asarray(kept, int).ravel())
        boxes, scores, classes = boxes[order], scores[order], classes[order]
    return Decoded(boxes[:limit], scores[:limit], classes[:limit])
