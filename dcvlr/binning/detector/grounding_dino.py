"""Objects of whatever classes a user names, with Grounding DINO (S. Liu et al., ECCV 2024) through transformers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from PIL import Image

from dcvlr.binning.detector.boxes import detections, run_by_size, seen_by
from dcvlr.errors import ConfigError
from dcvlr.identity import speed
from dcvlr.models.weights import Dtype, digest_of_weights, load_model, load_processor, require_weights
from dcvlr.records import Detections, Picture, within_max_side
from dcvlr.settings import Count, Fraction, SettingError, Side, checked


@dataclass(frozen=True, kw_only=True)
@checked
class GroundingDino:
    """Every label is asked for in one pass. A box carries one of `labels`, or is dropped where the model names none.

    Only pictures that come to one size run together: the model sees the padding of others, and its boxes move.
    Raises `ConfigError` for labels that cannot be asked for.
    """

    name: ClassVar[str] = "grounding_dino"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Detections
    decode = within_max_side
    weights_digest = digest_of_weights

    model: str
    model_revision: str
    labels: Sequence[str]
    min_score: Fraction
    text_threshold: Fraction
    dtype: Dtype
    max_side: Side
    batch_size: Count = speed()
    device: str = speed()

    def __post_init__(self) -> None:
        _require_labels(self.labels)

    def check_ready(self) -> None:
        require_weights(self.model, self.model_revision, owner="binning/detector=grounding_dino")

    def __call__(self, items: Sequence[Picture], /) -> list[Detections]:
        inputs = [self._inputs(item) for item in items]
        found = run_by_size(inputs, lambda joined, indices: self._detect(joined, [items[i] for i in indices]))
        return [detections_of(raw, self.labels, item, self.min_score) for raw, item in zip(found, items, strict=True)]

    def _inputs(self, picture: Picture) -> Mapping[str, Any]:
        image, text = Image.fromarray(picture.pixels), [list(self.labels)]
        inputs: Mapping[str, Any] = self._processor(images=image, text=text, return_tensors="pt")
        tokens, most = inputs["input_ids"].shape[1], self._model.config.max_text_len
        if tokens > most:
            raise ConfigError(f"binning.detector.labels: {tokens} tokens of text, {self.model!r} reads {most}")
        return inputs

    def _detect(self, inputs: Mapping[str, Any], pictures: Sequence[Picture]) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self._processor.post_process_grounded_object_detection(
            seen_by(self._model, inputs),
            inputs["input_ids"],
            threshold=self.min_score,
            text_threshold=self.text_threshold,
            target_sizes=[(picture.height, picture.width) for picture in pictures],
        )
        return found

    @cached_property
    def _model(self) -> Any:
        where = {"device": self.device, "dtype": self.dtype}
        return load_model("AutoModelForZeroShotObjectDetection", self.model, self.model_revision, **where)

    @cached_property
    def _processor(self) -> Any:
        return load_processor("AutoProcessor", self.model, self.model_revision)


def detections_of(raw: Mapping[str, Any], labels: Sequence[str], picture: Picture, min_score: float) -> Detections:
    """Boxes in full-size pixels, each with a score and the words it was found by, as objects with one of `labels`."""
    names = [label_of(words, labels) for words in raw["text_labels"]]
    found = zip(raw["boxes"], raw["scores"], names, strict=True)
    kept = [([float(value) for value in box], float(score), name) for box, score, name in found if name is not None]
    boxes, scores, kept_names = [row[0] for row in kept], [row[1] for row in kept], [row[2] for row in kept]
    return detections(picture.width, picture.height, boxes, scores, kept_names, min_score)


def label_of(words: str, labels: Sequence[str]) -> str | None:
    """The label that most of `words` are part of, of several the shortest; None if no word is part of any.

    The model answers with words of its prompt, not with labels: "hot" for "hot dog", "cat dog" where it cannot tell,
    nothing at all where every word stays below its threshold.
    """
    parts = re.findall(r"[^\W_]+", words.lower())
    shared = {label: sum(part in label.lower() for part in parts) for label in labels}
    best = max(labels, key=lambda label: (shared[label], -len(label)))
    return best if shared[best] else None


def _require_labels(labels: Sequence[str]) -> None:
    bad = [label for label in labels if not label.strip() or "." in label]
    if bad or not labels or len({label.strip().lower() for label in labels}) < len(labels):
        needed = "different words or phrases without a full stop are needed"
        raise SettingError("labels", list(labels), needed)
