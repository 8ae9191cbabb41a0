"""Embedding of pictures and texts by a model of open_clip; see `dcvlr.models.clip` for why there are two models."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar

from msgspec import Meta
from PIL import Image

from dcvlr.identity import speed
from dcvlr.models.embeddings import Text, packed
from dcvlr.models.open_clip_weights import checkpoint, local_digest, require_checkpoint, require_names
from dcvlr.models.weights import Dtype, torch_device, torch_dtype
from dcvlr.records import Embedding, Failure, Picture, within_max_side
from dcvlr.settings import Count, checked

log = logging.getLogger(__name__)

_OWNER = "open_clip embeddings"
_PRECISIONS = {"float32": "fp32", "bfloat16": "bf16", "float16": "fp16"}


@dataclass(frozen=True, kw_only=True)
@checked
class OpenClipImages:
    """Embedding of pictures; each is resized and cropped as the weights say.

    In a batch a value may differ in its last bits from the one alone: cosines by up to 0.0005 in float32.
    """

    name: ClassVar[str] = "open_clip_images"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Embedding
    decode = within_max_side

    model: str
    pretrained: str | None
    model_revision: str
    dtype: Dtype
    max_side: Annotated[int, Meta(ge=224)]
    batch_size: Count = speed()
    device: str = speed()

    def __post_init__(self) -> None:
        require_names(self.model, self.pretrained)

    @cached_property
    def weights_digest(self) -> str:
        return local_digest(self.model, self.pretrained)

    def check_ready(self) -> None:
        require_checkpoint(self.model, self.pretrained, self.model_revision, owner=_OWNER)

    def texts(self, batch_size: int) -> OpenClipTexts:
        """The model of texts whose embeddings these are compared with."""
        return OpenClipTexts(
            model=self.model,
            pretrained=self.pretrained,
            model_revision=self.model_revision,
            dtype=self.dtype,
            batch_size=batch_size,
            device=self.device,
        )

    def __call__(self, items: Sequence[Picture], /) -> list[Embedding | Failure]:
        if not items:
            return []
        import torch

        loaded = self._loaded
        batch = torch.stack([loaded.prepare(Image.fromarray(item.pixels)) for item in items])
        with torch.inference_mode():
            return packed(loaded.model.encode_image(batch.to(loaded.device, loaded.dtype)).float().cpu().numpy())

    @cached_property
    def _loaded(self) -> LoadedModel:
        return _load(self)


@dataclass(frozen=True, kw_only=True)
@checked
class OpenClipTexts:
    """Embedding of texts; one that is longer than the model's context (77 tokens as a rule) is cut."""

    name: ClassVar[str] = "open_clip_texts"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Embedding

    model: str
    pretrained: str | None
    model_revision: str
    dtype: Dtype
    batch_size: Count = speed()
    device: str = speed()

    def __post_init__(self) -> None:
        require_names(self.model, self.pretrained)

    @cached_property
    def weights_digest(self) -> str:
        return local_digest(self.model, self.pretrained)

    def check_ready(self) -> None:
        require_checkpoint(self.model, self.pretrained, self.model_revision, owner=_OWNER)

    def __call__(self, items: Sequence[Text], /) -> list[Embedding | Failure]:
        if not items:
            return []
        import torch

        loaded = self._loaded
        tokens = loaded.tokenize([item.text for item in items]).to(loaded.device)
        with torch.inference_mode():
            return packed(loaded.model.encode_text(tokens).float().cpu().numpy())

    @cached_property
    def _loaded(self) -> LoadedModel:
        return _load(self)


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """`prepare` makes a tensor of a picture, `tokenize` one of texts."""

    model: Any
    prepare: Any
    tokenize: Any
    device: Any
    dtype: Any


def _load(settings: OpenClipImages | OpenClipTexts) -> LoadedModel:
    import open_clip

    device = torch_device(settings.device)
    dtype = torch_dtype(settings.dtype, device)
    precision = str(dtype).removeprefix("torch.")
    found = checkpoint(settings.model, settings.pretrained, settings.model_revision)
    log.info("loading %s (%s) on %s as %s", settings.model, settings.pretrained or found.name, device, precision)
    model, prepare = open_clip.create_model_from_pretrained(
        found.name,
        pretrained=found.file,
        precision=_PRECISIONS[precision],
        device=device,
        force_quick_gelu=found.quick_gelu,
        **{f"image_{key}": value for key, value in found.preprocessing.items()},
        weights_only=True,
    )
    return LoadedModel(
        model=model.eval(),
        prepare=prepare,
        tokenize=open_clip.get_tokenizer(found.name),
        device=device,
        dtype=dtype,
    )
