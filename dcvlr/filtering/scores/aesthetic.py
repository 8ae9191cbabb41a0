"""How much people like a picture, by a small head on its CLIP embeddings (Schuhmann et al., LAION-Aesthetics)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dcvlr.errors import ConfigError, DcvlrError, require_package
from dcvlr.models.embeddings import vector
from dcvlr.models.hub import fetched_file, require_file
from dcvlr.protocols import ImageModel
from dcvlr.records import Embedding, Score
from dcvlr.settings import checked

Layer = tuple[NDArray[np.float64], NDArray[np.float64]]  # weights, out x in; biases

_OWNER = "filtering/scores=[aesthetic]"
_FILES = ("model.safetensors",)


@dataclass(frozen=True, kw_only=True)
@checked
class Aesthetic:
    """The head's one value, about 1 to 10; 5 is the mean of the photographs that LAION's heads were trained on.

    `head` is a .safetensors file of linear layers, or a repository of the hub with such a `model.safetensors`; layers
    follow each other in the natural order of their names. It must have been trained on such embeddings: those
    of LAION want OpenAI's ViT-L/14. Pickled heads (.pth) are not loaded.
    """

    embeddings: ImageModel[Embedding]
    head: str
    head_revision: str
    activation: Literal["none", "relu"]

    @property
    def sources(self) -> tuple[ImageModel[Embedding]]:
        return (self.embeddings,)

    def check_ready(self) -> None:
        require_package("safetensors", extra="transformers", owner=_OWNER)
        if not _is_path(self.head):
            require_file(self.head, _FILES, self.head_revision, owner=_OWNER)
        elif Path(self.head).expanduser().is_file():
            _read_layers(Path(self.head).expanduser())
        else:
            raise ConfigError(f"{_OWNER}: there is no file {self.head!r}")

    def derive(self, embedding: Embedding, /) -> Score:
        components = vector(embedding)
        wanted = self._layers[0][0].shape[1]
        if len(components) != wanted:
            raise DcvlrError(
                f"{_OWNER}: {self.head!r} was made for embeddings of {wanted} components, {self.embeddings!r} gives "
                f"{len(components)}: choose the model it was trained on"
            )
        components = components / np.linalg.norm(components)
        for index, (weights, biases) in enumerate(self._layers):
            if index and self.activation == "relu":
                components = np.maximum(components, 0)
            components = weights @ components + biases
        return Score(value=round(float(components[0]), 4))

    @cached_property
    def _layers(self) -> list[Layer]:
        if _is_path(self.head):
            return _read_layers(Path(self.head).expanduser())
        return _read_layers(fetched_file(self.head, _FILES, self.head_revision))


def _is_path(head: str) -> bool:
    return head.endswith((".safetensors", ".pth", ".pt", ".bin")) or head.startswith((".", "/", "~"))


def _read_layers(file: Path) -> list[Layer]:
    """The head's layers; raises `ConfigError` where they do not lead from embeddings to one value."""
    if file.suffix != ".safetensors":
        raise ConfigError(
            f"{_OWNER}: {str(file)!r} is no .safetensors file (pickled weights are not loaded); convert it with "
            "torch.load(…, weights_only=True) and safetensors.torch.save_file"
        )
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors: Mapping[str, Any] = load_file(file)
    except (SafetensorError, OSError, TypeError, KeyError) as error:  # the latter two: types numpy does not have
        raise ConfigError(f"{_OWNER}: {str(file)!r} cannot be read: {error}") from error
    return _chain(tensors, file)


def _chain(tensors: Mapping[str, Any], file: Path) -> list[Layer]:
    names = sorted((name.removesuffix("weight") for name in tensors if name.endswith("weight")), key=_natural)
    layers = []
    for name in names:
        weights = np.asarray(tensors[f"{name}weight"], np.float64)
        biases = np.asarray(tensors.get(f"{name}bias", np.zeros(weights.shape[:1])), np.float64)
        layers.append((weights, biases))
    shapes = [weights.shape for weights, _ in layers]
    fits = layers and all(len(shape) == 2 for shape in shapes) and all(a[0] == b[1] for a, b in pairwise(shapes))
    if not fits or shapes[-1][0] != 1 or any(biases.shape != weights.shape[:1] for weights, biases in layers):
        raise ConfigError(
            f"{_OWNER}: {str(file)!r} holds {sorted(tensors)}, not a chain of linear layers that ends in one value"
        )
    return layers


def _natural(name: str) -> list[tuple[int, str]]:
    """A key by which layer 10 comes after layer 2."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
