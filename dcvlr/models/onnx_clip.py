"""Embedding of pictures and texts by a CLIP or SigLIP in ONNX files, without torch; see `dcvlr.models.clip`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray
from PIL import Image

from dcvlr.errors import ConfigError
from dcvlr.execution.machine import free_cores
from dcvlr.identity import speed
from dcvlr.models.embeddings import Text, packed
from dcvlr.models.onnx_clip_files import (
    PROCESSOR,
    files_state,
    folder_digest,
    json_file,
    model_file,
    processor,
    require_files,
)
from dcvlr.models.onnx_network.graph import Arrays, Engine, Graph, Runnable, open_engine, read_graph, run_in_batches
from dcvlr.records import Embedding, Failure, Picture, within_max_side
from dcvlr.settings import Count, Whole, checked

_CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
_CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
_OWNER = "onnx clip embeddings"
_OUTPUTS = ("image_embeds", "text_embeds", "pooler_output")  # CLIP's in the space of both; SigLIP's
_CONTEXT = 77


@dataclass(frozen=True, kw_only=True)
@checked
class OnnxClipImages:
    """`model` is a folder or a repository of the hub, laid out as transformers.js has them.

    That is both towers as ONNX files, `preprocessor_config.json` and `tokenizer.json`. Each picture is resized and
    cropped as the first says, by Pillow.
    """

    name: ClassVar[str] = "onnx_clip_images"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Embedding
    decode = within_max_side

    model: str
    model_revision: str
    images_file: str
    texts_file: str
    engine: Engine
    max_side: Annotated[int, Meta(ge=224)]
    batch_size: Count = speed()
    threads: Whole = speed()

    @cached_property
    def weights_digest(self) -> str:
        return folder_digest(self.model, self.images_file)

    @property
    def weights_state(self) -> str:
        """Whether the files of both towers are on this machine, in words."""
        return files_state(self.model, [self.images_file, self.texts_file], self.model_revision)

    def check_ready(self) -> None:
        files = [self.images_file, PROCESSOR, self.texts_file, "tokenizer.json"]
        require_files(self.model, files, self.model_revision, engine=self.engine, owner=_OWNER)
        if self.weights_state.startswith("in "):
            _ = self._tower.output, self.texts(1)._tower.output  # refuse other files before work starts

    def texts(self, batch_size: int) -> OnnxClipTexts:
        """The model of texts whose embeddings these are compared with."""
        return OnnxClipTexts(
            model=self.model,
            model_revision=self.model_revision,
            texts_file=self.texts_file,
            engine=self.engine,
            batch_size=batch_size,
            threads=self.threads,
        )

    def __call__(self, items: Sequence[Picture], /) -> list[Embedding | Failure]:
        return packed(self.vectors(items)) if items else []

    def vectors(self, items: Sequence[Picture]) -> NDArray[np.float32]:
        """What the tower gives for each picture, of any length."""
        stated = processor(self.model, self.model_revision)
        pixels = np.stack([prepared(item.pixels, stated) for item in items])
        return self._tower({"pixel_values": pixels})

    @cached_property
    def _tower(self) -> _Tower:
        return _Tower(self.model, self.images_file, self.model_revision, self.engine, self.threads)


@dataclass(frozen=True, kw_only=True)
@checked
class OnnxClipTexts:
    """Embedding of texts; one that is longer than the model's context (77 tokens for CLIP, 64 for SigLIP) is cut."""

    name: ClassVar[str] = "onnx_clip_texts"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Embedding

    model: str
    model_revision: str
    texts_file: str
    engine: Engine
    batch_size: Count = speed()
    threads: Whole = speed()

    @cached_property
    def weights_digest(self) -> str:
        return folder_digest(self.model, self.texts_file)

    def check_ready(self) -> None:
        files = [self.texts_file, "tokenizer.json"]
        require_files(self.model, files, self.model_revision, engine=self.engine, owner=_OWNER)

    def __call__(self, items: Sequence[Text], /) -> list[Embedding | Failure]:
        return packed(self.vectors(items)) if items else []

    def vectors(self, items: Sequence[Text]) -> NDArray[np.float32]:
        """What the tower gives for each text, of any length."""
        read = self._tokenizer.encode_batch([item.text for item in items])
        feeds = {
            "input_ids": np.array([one.ids for one in read], np.int64),
            "attention_mask": np.array([one.attention_mask for one in read], np.int64),
        }
        return self._tower(feeds)

    @cached_property
    def _tokenizer(self) -> Any:
        """Always filled up to the context: SigLIP was trained like that, and a text does not depend on its company."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(model_file(self.model, "tokenizer.json", self.model_revision)))
        stated = json_file(self.model, "tokenizer_config.json", self.model_revision)
        pad = stated.get("pad_token") or "<|endoftext|>"
        pad = pad["content"] if isinstance(pad, Mapping) else str(pad)
        tokenizer.enable_truncation(self._context)
        tokenizer.enable_padding(length=self._context, pad_id=tokenizer.token_to_id(pad) or 0, pad_token=pad)
        return tokenizer

    @property
    def _context(self) -> int:
        """Tokens that the tower reads: by the file, else by config.json."""
        text = json_file(self.model, "config.json", self.model_revision).get("text_config") or {}
        fixed = self._tower.side("input_ids", 1)
        return fixed or int(text.get("max_position_embeddings") or _CONTEXT)

    @cached_property
    def _tower(self) -> _Tower:
        return _Tower(self.model, self.texts_file, self.model_revision, self.engine, self.threads)


class _Tower:
    """One of the two networks, from what goes in to the vectors that come out."""

    def __init__(self, model: str, file: str, revision: str, engine: Engine, threads: int) -> None:
        self._model, self._file, self._revision = model, file, revision
        self._engine, self._threads = engine, threads

    def __call__(self, feeds: Arrays) -> NDArray[np.float32]:
        inputs = {tensor.name: tensor for tensor in self._graph.inputs}
        taken = {name: value.astype(inputs[name].dtype) for name, value in feeds.items() if name in inputs}
        return np.asarray(run_in_batches(self._run, taken, self._graph.inputs[0].shape[0])[self.output], np.float32)

    def side(self, name: str, axis: int) -> int | None:
        """A side of an input where the file fixes it."""
        return next((tensor.shape[axis] for tensor in self._graph.inputs if tensor.name == name), None)

    @cached_property
    def output(self) -> str:
        names = [tensor.name for tensor in self._graph.outputs]
        if found := next((name for name in _OUTPUTS if name in names), None):
            return found
        raise ConfigError(
            f"{_OWNER}: {self._file!r} of {self._model!r} gives {', '.join(names)}; one of {', '.join(_OUTPUTS)} is "
            "needed: name the file of one tower, such as onnx/vision_model.onnx"
        )

    @cached_property
    def _graph(self) -> Graph:
        return read_graph(model_file(self._model, self._file, self._revision))

    @cached_property
    def _run(self) -> Runnable:
        path = model_file(self._model, self._file, self._revision)
        return open_engine(path, self._graph, self._engine, self._threads or free_cores())


def prepared(pixels: NDArray[np.uint8], processor: Mapping[str, Any]) -> NDArray[np.float32]:
    """3 x height x width: resized, the middle cut out, normalized, with the numbers of transformers' own processor."""
    image = Image.fromarray(pixels)
    if processor.get("do_resize", True):
        size = _size_of(image, processor.get("size", 224))
        image = image.resize(size, Image.Resampling(processor.get("resample", Image.Resampling.BICUBIC)))
    values = np.asarray(image)
    if processor.get("do_center_crop", False):
        values = _middle(values, *_sides(processor.get("crop_size", 224)))
    scaled = values.astype(np.float32)
    if processor.get("do_rescale", True):
        scaled *= np.float32(processor.get("rescale_factor") or 1 / 255)
    if processor.get("do_normalize", True):
        scaled -= np.asarray(processor.get("image_mean", _CLIP_MEAN), np.float32)
        scaled /= np.asarray(processor.get("image_std", _CLIP_STD), np.float32)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1), np.float32)


def _size_of(image: Image.Image, size: Any) -> tuple[int, int]:
    """Width and height to bring it to: a square or rectangle, or the shorter side to a length."""
    if isinstance(size, Mapping) and "height" in size:
        return int(size["width"]), int(size["height"])
    shorter = int(size["shortest_edge"] if isinstance(size, Mapping) else size)
    longer = int(shorter * max(image.size) / min(image.size))
    return (shorter, longer) if image.width <= image.height else (longer, shorter)


def _sides(size: Any) -> tuple[int, int]:
    return (int(size["height"]), int(size["width"])) if isinstance(size, Mapping) else (int(size), int(size))


def _middle(values: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    top, left = (values.shape[0] - height) // 2, (values.shape[1] - width) // 2
    return values[top : top + height, left : left + width]
