"""How well captions match their pictures, from embeddings of both; conf has one option a model of embeddings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dcvlr.identity import speed
from dcvlr.models.embeddings import ImageEmbeddings, cosine, text_item, text_items
from dcvlr.protocols import Remembering, Signals
from dcvlr.records import Caption, Embedding, Failure, ImageRecord
from dcvlr.settings import Count, checked


class Cosines(Mapping[str, float | Failure]):
    """The cosine of each picture and its caption, by image id, computed when it is asked for.

    Captions are read again instead of kept, so that a million of them need no memory.
    """

    def __init__(
        self, ids: Sequence[str], captions: Signals[Caption], pictures: Signals[Embedding], texts: Signals[Embedding]
    ) -> None:
        self._ids = ids
        self._captions = captions
        self._pictures = pictures
        self._texts = texts

    def __getitem__(self, image_id: str) -> float | Failure:
        caption = self._captions[image_id]
        if isinstance(caption, Failure):
            return caption
        picture, text = self._pictures[image_id], self._texts[text_item(caption.text).id]
        if isinstance(picture, Failure):
            return picture
        return text if isinstance(text, Failure) else cosine(picture, text)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


@dataclass(frozen=True, kw_only=True)
@checked
class EmbeddingCosine:
    """Cosine of the embeddings of picture and caption; a caption longer than the model's context is cut.

    Only pictures that have a caption are looked at, and each different caption is read once.
    """

    images: ImageEmbeddings
    text_batch_size: Count = speed()

    def __call__(self, images: Sequence[ImageRecord], captions: Signals[Caption], memo: Remembering) -> Cosines:
        captioned, texts = [], []
        for image in images:
            caption = captions[image.id]
            if not isinstance(caption, Failure):
                captioned.append(image)
                texts.append(caption.text)
        pictures = memo.measure(self.images, captioned)
        read = memo.compute(self.images.texts(self.text_batch_size), text_items(texts))
        return Cosines([image.id for image in images], captions, pictures, read)
