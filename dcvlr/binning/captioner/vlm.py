"""Captions by any chat model that takes pictures: whatever transformers loads as an image-text-to-text model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from PIL import Image

from dcvlr.binning.captioner.generation import caption_of, images_of, without_chance
from dcvlr.errors import ConfigError
from dcvlr.identity import speed
from dcvlr.models.weights import (
    Dtype,
    digest_of_weights,
    load_model,
    load_processor,
    local_config,
    pad_left,
    require_weights,
    weights_folder,
)
from dcvlr.records import Caption, Picture, within_max_side
from dcvlr.settings import Count, SettingError, Side, checked

_OWNER = "binning/captioner=vlm"


@dataclass(frozen=True, kw_only=True)
@checked
class Vlm:
    """What the model answers to `prompt` about each picture, through the chat template of its processor."""

    name: ClassVar[str] = "vlm"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Caption
    decode = within_max_side
    weights_digest = digest_of_weights

    model: str
    model_revision: str
    prompt: str
    max_new_tokens: Count
    num_beams: Count
    max_side: Side
    dtype: Dtype
    batch_size: Count = speed()
    device: str = speed()

    def __post_init__(self) -> None:
        if not self.prompt.strip():
            raise SettingError("prompt", self.prompt, "a request such as 'Describe it.' is needed")

    def check_ready(self) -> None:
        require_weights(self.model, self.model_revision, owner=_OWNER)
        is_here = local_config(self.model, self.model_revision) is not None
        if is_here and not _has_template(Path(weights_folder(self.model, self.model_revision))):
            raise self._cannot_chat()

    def __call__(self, items: Sequence[Picture], /) -> list[Caption]:
        if not items:
            return []
        import torch

        inputs = self._processor.apply_chat_template(
            [self._chat(image) for image in images_of(items)],
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
            processor_kwargs={"padding": True},
        ).to(self._network.device, self._network.dtype)
        with torch.inference_mode():
            tokens = self._network.generate(**inputs, **without_chance(self.max_new_tokens, self.num_beams))
        replies = tokens[:, inputs["input_ids"].shape[1] :]
        return [caption_of(words) for words in self._processor.batch_decode(replies, skip_special_tokens=True)]

    def _chat(self, image: Image.Image) -> list[dict[str, Any]]:
        content = [{"type": "image", "image": image}, {"type": "text", "text": self.prompt}]
        return [{"role": "user", "content": content}]

    def _cannot_chat(self) -> ConfigError:
        return ConfigError(
            f"{_OWNER}: {self.model!r} has no chat template, so it cannot be asked; choose an instruction-tuned "
            "model, or binning/captioner=blip or blip2"
        )

    @cached_property
    def _processor(self) -> Any:
        processor = load_processor("AutoProcessor", self.model, self.model_revision, trust_remote_code=False)
        if getattr(processor, "chat_template", None) is None:
            raise self._cannot_chat()
        pad_left(processor.tokenizer)
        return processor

    @cached_property
    def _network(self) -> Any:
        where = {"device": self.device, "dtype": self.dtype}
        return load_model(
            "AutoModelForImageTextToText", self.model, self.model_revision, **where, trust_remote_code=False
        )


def _has_template(folder: Path) -> bool:
    """Whether there is a chat template in any of the files where transformers expects it."""
    if any((folder / name).is_file() for name in ("chat_template.jinja", "chat_template.json")):
        return True
    files = [folder / name for name in ("tokenizer_config.json", "processor_config.json")]
    return any('"chat_template"' in file.read_text(encoding="utf-8") for file in files if file.is_file())
