"""Embedding of a picture whichever way it is laid: mirrored and turned by quarters it has the same one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np

from dcvlr.models.embeddings import packed, vector
from dcvlr.protocols import ImageModel
from dcvlr.records import Decode, Embedding, Failure, Picture, first_failure
from dcvlr.settings import checked

Ways = Literal[1, 2, 8]


@dataclass(frozen=True, kw_only=True)
@checked
class AllSides:
    """The mean embedding of a picture in `ways` ways: as it is; and mirrored; and each of these in four quarter turns.

    The cost is that many looks of the model. A batch holds `ways` times fewer pictures than the model's own.
    """

    name: ClassVar[str] = "embedding_of_all_sides"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Embedding

    embeddings: ImageModel[Embedding]
    ways: Ways

    @property
    def batch_size(self) -> int:
        return max(1, self.embeddings.batch_size // self.ways)

    @property
    def decode(self) -> Decode:
        return self.embeddings.decode

    def check_ready(self) -> None:
        """The model says itself what it lacks."""

    def __call__(self, items: Sequence[Picture], /) -> list[Embedding | Failure]:
        views = [view for item in items for view in _laid(item, self.ways)]
        found = self._model(views)
        return [_mean(found[start : start + self.ways]) for start in range(0, len(views), self.ways)]

    @cached_property
    def _model(self) -> ImageModel[Embedding]:
        """Weights go when the memo drops its copy of this model."""
        return copy(self.embeddings)


def _laid(picture: Picture, ways: Ways) -> Iterator[Picture]:
    for turns in range(4 if ways == 8 else 1):
        turned = np.rot90(picture.pixels, turns)
        for pixels in (turned, turned[:, ::-1])[: min(ways, 2)]:
            yield replace(picture, pixels=np.ascontiguousarray(pixels))


def _mean(views: Sequence[Embedding | Failure]) -> Embedding | Failure:
    if failure := first_failure(views):
        return failure
    (mean,) = packed(np.mean([vector(view) for view in views if isinstance(view, Embedding)], axis=0)[None])
    return mean
