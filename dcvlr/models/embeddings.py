"""Vectors by which pictures and texts are compared: packed into signals, and the cosine of two of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dcvlr.identity import digest
from dcvlr.protocols import ImageModel, Model
from dcvlr.records import Embedding, Failure, Record

_STORED = np.dtype("<f2")


class Text(Record, frozen=True):
    """A text as an item of the memo; make it with `text_item`."""

    id: str
    text: str


class ImageEmbeddings(ImageModel[Embedding], Protocol):
    """A model of pictures that knows which model puts texts into the same space."""

    def texts(self, batch_size: int) -> Model[Text, Embedding]: ...


def text_item(text: str) -> Text:
    return Text(id=digest(text.encode()), text=text)


def text_items(texts: Iterable[str]) -> list[Text]:
    """Each different text once, in the order of its first appearance."""
    return list({item.id: item for item in map(text_item, texts)}.values())


def packed(vectors: NDArray[Any]) -> list[Embedding | Failure]:
    """A signal per row, scaled to length 1; each component is off by at most 0.00025.

    A row that has no direction, because a half-precision model overflowed, is a failure.
    """
    rows = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    good = np.isfinite(lengths[:, 0]) & (lengths[:, 0] > 0)
    scaled = (rows / np.where(good[:, None], lengths, 1)).astype(_STORED)
    lost = Failure(kind="model", message="the embedding is not finite, or all zero; dtype=float32 may help")
    return [Embedding(data=row.tobytes()) if fine else lost for row, fine in zip(scaled, good, strict=True)]


def vector(embedding: Embedding) -> NDArray[np.float64]:
    return np.frombuffer(embedding.data, _STORED).astype(np.float64)


def cosine(first: Embedding, second: Embedding) -> float:
    """Of the angle between the two, -1 to 1, to four decimals."""
    a, b = vector(first), vector(second)
    # What was rounded when it was stored is no longer of length 1.
    return round(float(a @ b / np.sqrt((a @ a) * (b @ b))), 4)
