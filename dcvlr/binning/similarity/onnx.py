"""How well captions match their pictures, by a CLIP or SigLIP in ONNX files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dcvlr.binning.similarity.cosines import cosines
from dcvlr.identity import speed
from dcvlr.models.onnx_clip import OnnxClipImages
from dcvlr.protocols import Remembering, Signals
from dcvlr.records import Caption, Failure, ImageRecord
from dcvlr.settings import Count, checked


@dataclass(frozen=True, kw_only=True)
@checked
class OnnxClipSimilarity:
    """Cosine of the embeddings of picture and caption; a caption longer than the model's context is cut."""

    images: OnnxClipImages
    text_batch_size: Count = speed()

    def __call__(
        self, images: Sequence[ImageRecord], captions: Signals[Caption], memo: Remembering
    ) -> Mapping[str, float | Failure]:
        return cosines(self.images, self.text_batch_size, images, captions, memo)
