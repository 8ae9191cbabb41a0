"""Captions by BLIP-2 (Li et al. 2023), through transformers: a frozen language model that is shown the picture."""

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

_OWNER = "binning/captioner=blip2"


@dataclass(frozen=True, kw_only=True)
@checked
class Blip2:
    """One sentence per picture: what the language model says after `prompt`, without the prompt.

    Both kinds of language model will do, OPT and Flan-T5. The network looks at a square of 224 x 224.
    """

    name: ClassVar[str] = "blip2"
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
        inputs, tokens = generated(
            self._network, self._processor, items, self.prompt, self.max_new_tokens, self.num_beams
        )
        texts = self._processor.batch_decode(tokens[:, self._before(inputs) :], skip_special_tokens=True)
        return [caption_of(words) for words in texts]

    def _before(self, inputs: Any) -> int:
        """Tokens in front of the caption: a decoder-only model repeats the picture's tokens and the prompt."""
        if self._network.language_model.config.is_encoder_decoder:
            return 0
        if "input_ids" in inputs:
            return int(inputs["input_ids"].shape[1])
        return int(self._network.config.num_query_tokens) + 1  # and the token that begins a text

    @cached_property
    def _processor(self) -> Any:
        processor = load_processor("Blip2Processor", self.model, self.model_revision)
        pad_left(processor.tokenizer)
        # A checkpoint from before 2024 does not say it, and its prompt would then have no token for the picture.
        processor.num_query_tokens = self._network.config.num_query_tokens
        return processor

    @cached_property
    def _network(self) -> Any:
        return load_model(
            "Blip2ForConditionalGeneration", self.model, self.model_revision, device=self.device, dtype=self.dtype
        )
