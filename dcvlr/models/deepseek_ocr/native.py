"""DeepSeek-OCR 2 in this process, as transformers has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import Image

from dcvlr.errors import ConfigError
from dcvlr.models.deepseek_ocr.parsing import PromptReply
from dcvlr.models.weights import load_model, load_processor, local_config, require_weights
from dcvlr.records import Picture

# What the image processor is given: the encoder has queries for 768 px (144 tokens) and 1024 px (256), no others.
SIZES: dict[str, dict[str, Any]] = {
    "small": {"crop_to_patches": False, "tile_size": 768, "size": {"height": 768, "width": 768}},
    "base": {"crop_to_patches": False, "tile_size": 1024, "size": {"height": 1024, "width": 1024}},
    "dynamic": {"crop_to_patches": True},
}
_CELLS = ("<td>", "</td>")


def require_native(model: str, revision: str, owner: str) -> None:
    """Raise `ConfigError` unless this transformers can run these weights."""
    require_weights(model, revision, owner=owner)
    transformers = find_spec("transformers")
    assert transformers is not None
    assert transformers.origin is not None
    if not (Path(transformers.origin).parent / "models" / "deepseek_ocr2").is_dir():
        raise ConfigError(f"{owner} needs a newer transformers: pip install --upgrade transformers")
    kind = (local_config(model, revision) or {}).get("model_type", "deepseek_ocr2")
    if model.startswith("deepseek-ai/") or kind != "deepseek_ocr2":
        raise ConfigError(
            f"{owner}: model={model!r} comes with code of its own, which is not run here; take "
            "deepseek-community/DeepSeek-OCR-2, or serve the model with vLLM and set engine=server"
        )


@dataclass(frozen=True, kw_only=True)
class Native:
    """The model and its processor; see `DeepseekOcr` for the fields."""

    model: str
    revision: str
    size: str
    ngram: int
    window: int
    dtype: str
    device: str

    def ask(self, items: Sequence[Picture], prompt: str, max_new_tokens: int) -> list[PromptReply]:
        return [self._answer(tokens) for tokens in self._generated(items, prompt, max_new_tokens)]

    def _generated(self, items: Sequence[Picture], prompt: str, max_new_tokens: int) -> list[list[int]]:
        import torch

        inputs = self._processor(
            images=[Image.fromarray(item.pixels) for item in items],
            text=[f"<image>\n{prompt}"] * len(items),
            padding=True,
            return_tensors="pt",
            **SIZES[self.size],
        ).to(self._network.device, self._network.dtype)
        start = inputs["input_ids"].shape[1]
        with torch.inference_mode():
            tokens = self._network.generate(
                **inputs,
                max_new_tokens=max_new_tokens,
                do_sample=False,
                logits_processor=[self._ban(start)] if self.ngram else None,
            )
        generated: list[list[int]] = tokens[:, start:].tolist()
        return generated

    def _answer(self, tokens: list[int]) -> PromptReply:
        ends = self._network.generation_config.eos_token_id
        stops = {ends} if isinstance(ends, int) else set(ends or ())
        end = next((index for index, token in enumerate(tokens) if token in stops), None)
        # The tags are special tokens, and so is the end, which is cut off by its index.
        return PromptReply(text=self._processor.tokenizer.decode(tokens[:end]), is_cut=end is None)

    def _ban(self, start: int) -> Callable[[Any, Any], Any]:
        """A processor of logits after which no row repeats `ngram` tokens within `window`, cells of tables aside."""

        def ban(tokens: Any, scores: Any) -> Any:
            for row, generated in enumerate(tokens[:, start:][:, -self.window :].tolist()):
                for token in repeating(generated, self.ngram) - self._free:
                    scores[row, token] = float("-inf")
            return scores

        return ban

    @cached_property
    def _free(self) -> set[int]:
        tokenizer = self._processor.tokenizer
        return set(tokenizer.convert_tokens_to_ids(_CELLS)) - {tokenizer.unk_token_id, None}

    @cached_property
    def _processor(self) -> Any:
        processor = load_processor("AutoProcessor", self.model, self.revision, trust_remote_code=False)
        processor.tokenizer.padding_side = "left"  # replies go on from the last token, which must not be padding
        return processor

    @cached_property
    def _network(self) -> Any:
        where = {"device": self.device, "dtype": self.dtype}
        return load_model("AutoModelForImageTextToText", self.model, self.revision, **where, trust_remote_code=False)


def repeating(generated: Sequence[int], ngram: int) -> set[int]:
    """The tokens that would complete a sequence of `ngram` tokens which is in `generated` already."""
    if len(generated) < ngram:
        return set()
    begun = generated[len(generated) - ngram + 1 :]
    starts = range(len(generated) - ngram + 1)
    return {generated[i + ngram - 1] for i in starts if generated[i : i + ngram - 1] == begun}
