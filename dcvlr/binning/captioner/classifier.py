"""A caption that names what a classifier is sure to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dcvlr.binning.captioner.composed import ComposedCaption
from dcvlr.models.onnx_classifier import OnnxClassifier
from dcvlr.records import Caption, Detections, OcrResult, PixelFacts, Score
from dcvlr.settings import Fraction, Whole, checked
from dcvlr.text.plurals import with_article


@dataclass(frozen=True, kw_only=True)
@checked
class ClassifierCaption:
    """`A photograph of a jacamar.` from `min_share` of the probability on; else what `otherwise` says, without a name.

    Classifiers of photographs see a menu or an envelope in every page, so a picture with more than `max_lines` of text
    is never called a photograph of something.
    """

    classifier: OnnxClassifier
    otherwise: ComposedCaption
    min_share: Fraction
    max_lines: Whole

    @property
    def sources(self) -> tuple[Any, ...]:
        return (self.classifier, *self.otherwise.sources)

    def derive(self, seen: Score, text: OcrResult, objects: Detections, pixels: PixelFacts) -> Caption:
        if seen.value < self.min_share or len(text.lines) > self.max_lines:
            return self.otherwise.derive(text, objects, pixels)
        name = seen.label.partition(",")[0]  # "tench, Tinca tinca": other names of the same class follow
        return Caption(text=f"A photograph of {with_article(name)}.")
