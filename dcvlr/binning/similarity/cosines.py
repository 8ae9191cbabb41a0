"""How well captions match their pictures, from embeddings of both that the memo remembers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dcvlr.models.embeddings import ImageEmbeddings, cosine, text_item, text_items
from dcvlr.protocols import Remembering, Signals
from dcvlr.records import Caption, Embedding, Failure, ImageRecord


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


def cosines(
    model: ImageEmbeddings,
    text_batch_size: int,
    images: Sequence[ImageRecord],
    captions: Signals[Caption],
    memo: Remembering,
) -> Cosines:
    """Only pictures that have a caption are looked at, and each different caption is read once."""
    captioned, texts = [], []
    for image in images:
        caption = captions[image.id]
        if not isinstance(caption, Failure):
            captioned.append(image)
            texts.append(caption.text)
    pictures = memo.measure(model, captioned)
    read = memo.compute(model.texts(text_batch_size), text_items(texts))
    return Cosines([image.id for image in images], captions, pictures, read)
