"""Objects of the classes a detection transformer knows (COCO's 80 for the usual ones), with transformers.

RT-DETR, RT-DETRv2 and D-FINE are Apache-2.0, code and weights, for those who cannot take the AGPL-3.0 of yolo.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from PIL import Image

from dcvlr.binning.detector.boxes import detections, run_by_size, seen_by
from dcvlr.identity import speed
from dcvlr.models.weights import Dtype, digest_of_weights, load_model, load_processor, require_weights
from dcvlr.records import Detections, Picture, within_max_side
from dcvlr.settings import Count, Fraction, Side, checked


@dataclass(frozen=True, kw_only=True)
@checked
class Detr:
    """Any model of AutoModelForObjectDetection; needs no suppression of overlapping boxes.

    Pictures that the model's processor brings to one size run together, others apart: padding would move boxes.
    """

    name: ClassVar[str] = "detr"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Detections
    decode = within_max_side
    weights_digest = digest_of_weights

    model: str
    model_revision: str
    min_score: Fraction
    dtype: Dtype
    max_side: Side
    batch_size: Count = speed()
    device: str = speed()

    def check_ready(self) -> None:
        require_weights(self.model, self.model_revision, owner="binning/detector=detr")

    def __call__(self, items: Sequence[Picture], /) -> list[Detections]:
        inputs = [self._processor(images=Image.fromarray(item.pixels), return_tensors="pt") for item in items]
        found = run_by_size(inputs, lambda joined, indices: self._detect(joined, [items[i] for i in indices]))
        names = self._model.config.id2label if items else {}
        return [detections_of(raw, names, item, self.min_score) for raw, item in zip(found, items, strict=True)]

    def _detect(self, inputs: Mapping[str, Any], pictures: Sequence[Picture]) -> list[dict[str, Any]]:
        sizes = [(picture.height, picture.width) for picture in pictures]
        found: list[dict[str, Any]] = self._processor.post_process_object_detection(
            seen_by(self._model, inputs), threshold=0.0, target_sizes=sizes
        )
        return found

    @cached_property
    def _model(self) -> Any:
        where = {"device": self.device, "dtype": self.dtype}
        return load_model("AutoModelForObjectDetection", self.model, self.model_revision, **where)

    @cached_property
    def _processor(self) -> Any:
        return load_processor("AutoImageProcessor", self.model, self.model_revision)


def detections_of(raw: Mapping[str, Any], names: Mapping[int, str], picture: Picture, min_score: float) -> Detections:
    """Boxes in full-size pixels with scores and class numbers, as objects with the names of the classes."""
    labels = [names[int(index)] for index in raw["labels"]]
    boxes, scores = [[float(value) for value in box] for box in raw["boxes"]], [float(score) for score in raw["scores"]]
    return detections(picture.width, picture.height, boxes, scores, labels, min_score)
