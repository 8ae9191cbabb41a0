"""Embedding of pictures and texts by CLIP, SigLIP or another two-tower model of transformers.

One model of the hub is two models of the memo, so that another caption costs no image pass, and what several parts of
a run ask about the same pictures is measured once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar

from msgspec import Meta
from PIL import Image

from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.identity import speed
from dcvlr.models.embeddings import Text, packed
from dcvlr.models.weights import Dtype, digest_of_weights, load_model, load_processor, local_config, require_weights
from dcvlr.records import Embedding, Failure, Picture, within_max_side
from dcvlr.settings import Count, checked

_OWNER = "clip embeddings"


@dataclass(frozen=True, kw_only=True)
@checked
class ClipImages:
    """Embedding of pictures; each is resized and cropped as the model's own image processor says.

    In a batch a value may differ in its last bits from the one alone: cosines by up to 0.0005 in float32.
    """

    name: ClassVar[str] = "clip_images"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Embedding
    decode = within_max_side
    weights_digest = digest_of_weights

    model: str
    model_revision: str
    dtype: Dtype
    max_side: Annotated[int, Meta(ge=224)]
    batch_size: Count = speed()
    device: str = speed()

    def check_ready(self) -> None:
        _require(self.model, self.model_revision)

    def texts(self, batch_size: int) -> ClipTexts:
        """The model of texts whose embeddings these are compared with."""
        return ClipTexts(
            model=self.model,
            model_revision=self.model_revision,
            dtype=self.dtype,
            batch_size=batch_size,
            device=self.device,
        )

    def __call__(self, items: Sequence[Picture], /) -> list[Embedding | Failure]:
        if not items:
            return []
        import torch

        images = [Image.fromarray(item.pixels) for item in items]
        inputs = self._processor(images=images, return_tensors="pt").to(self._model.device, self._model.dtype)
        with torch.inference_mode():
            return packed(_pooled(self._model.get_image_features(**inputs)))

    @cached_property
    def _model(self) -> Any:
        return _load(self.model, self.model_revision, self.device, self.dtype)

    @cached_property
    def _processor(self) -> Any:
        return load_processor("AutoImageProcessor", self.model, self.model_revision)


@dataclass(frozen=True, kw_only=True)
@checked
class ClipTexts:
    """Embedding of texts; one that is longer than the model's context (77 tokens for CLIP, 64 for SigLIP) is cut."""

    name: ClassVar[str] = "clip_texts"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Embedding
    weights_digest = digest_of_weights

    model: str
    model_revision: str
    dtype: Dtype
    batch_size: Count = speed()
    device: str = speed()

    def check_ready(self) -> None:
        _require(self.model, self.model_revision)

    def __call__(self, items: Sequence[Text], /) -> list[Embedding | Failure]:
        if not items:
            return []
        import torch

        # Always filled up to the context: SigLIP was trained like that, and a text does not depend on its company.
        tokens = self._tokenizer(
            [item.text for item in items],
            padding="max_length",
            max_length=self._model.config.text_config.max_position_embeddings,
            truncation=True,
            return_tensors="pt",
        ).to(self._model.device)
        if "siglip" in self._model.config.model_type:  # it was trained to read the filling, too
            tokens.pop("attention_mask", None)
        with torch.inference_mode():
            return packed(_pooled(self._model.get_text_features(**tokens)))

    @cached_property
    def _model(self) -> Any:
        return _load(self.model, self.model_revision, self.device, self.dtype)

    @cached_property
    def _tokenizer(self) -> Any:
        return load_processor("AutoTokenizer", self.model, self.model_revision)


def _require(model: str, revision: str) -> None:
    require_weights(model, revision, owner=_OWNER)
    config = local_config(model, revision)
    if config is not None and not {"text_config", "vision_config"} <= set(config):
        kind = config.get("model_type")
        raise ConfigError(f"{_OWNER}: {model!r} is of type {kind!r}, which does not compare pictures with texts")


def _load(model: str, revision: str, device: str, dtype: str) -> Any:
    loaded = load_model("AutoModel", model, revision, device=device, dtype=dtype)
    if not hasattr(loaded, "get_image_features") or not hasattr(loaded, "get_text_features"):
        raise DcvlrError(f"{model!r} is a {type(loaded).__name__}, which does not compare pictures with texts")
    return loaded


def _pooled(output: Any) -> Any:
    """What the towers give, as float32 numbers of the CPU; transformers 5 wraps it with the states it came from."""
    return getattr(output, "pooler_output", output).float().cpu().numpy()
