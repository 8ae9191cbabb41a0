"""Captions by BLIP (Li et al. 2022), through transformers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from dcvlr.binning.captioner.generation import caption_of, generated
from dcvlr.identity import speed
from dcvlr.models.weights import Dtype, digest_of_weights, load_model, load_processor, pad_left, require_weights
from dcvlr.records import Caption, Picture, within_max_side
from dcvlr.settings import Count, Side, checked

_OWNER = "binning/captioner=blip"


@dataclass(frozen=True, kw_only=True)
@checked
class Blip:
    """One sentence per picture, which begins with `prompt` where there is one.

    The network looks at a square of its own size, 384 x 384 for the published models.
    """

    name: ClassVar[str] = "blip"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Caption
    decode = within_max_side
    weights_digest = digest_of_weights

    model: str
    model_revision: str
    prompt: str | None
    max_new_tokens: Count
    num_beams: Count
    max_side: Side
    dtype: Dtype
    batch_size: Count = speed()
    device: str = speed()

    def check_ready(self) -> None:
        require_weights(self.model, self.model_revision, owner=_OWNER)

    def __call__(self, items: Sequence[Picture], /) -> list[Caption]:
        if not items:
            return []
        _, tokens = generated(self._network, self._processor, items, self.prompt, self.max_new_tokens, self.num_beams)
        return [caption_of(text) for text in self._processor.batch_decode(tokens, skip_special_tokens=True)]

    @cached_property
    def _processor(self) -> Any:
        processor = load_processor("BlipProcessor", self.model, self.model_revision)
        pad_left(processor.tokenizer)
        return processor

    @cached_property
    def _network(self) -> Any:
        return load_model(
            "BlipForConditionalGeneration", self.model, self.model_revision, device=self.device, dtype=self.dtype
        )
