"""How well a picture fits the best of some texts, as in the CLIP-score filtering of DataComp (Gadre et al. 2023)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dcvlr.errors import DcvlrError
from dcvlr.identity import speed
from dcvlr.models.embeddings import ImageEmbeddings, cosine, text_items
from dcvlr.protocols import ImageModel, Remembering
from dcvlr.records import Embedding, Failure, Score
from dcvlr.settings import Count, SettingError, checked


@dataclass(frozen=True, kw_only=True)
@checked
class ImageText:
    """The highest cosine of the picture and any of `texts`; the score's label is that text.

    Texts are read once in a run's life, and other texts cost no further pass over a picture. A text longer
    than the model's context is cut.
    """

    embeddings: ImageEmbeddings
    texts: Sequence[str]
    text_batch_size: Count = speed()

    def __post_init__(self) -> None:
        if not self.texts or not all(text.strip() for text in self.texts):
            raise SettingError("texts", list(self.texts), "one or more texts that are not empty are allowed")

    def prepared(self, memo: Remembering) -> NearestText:
        """The scorer, with the embeddings of the texts that it compares pictures with."""
        items = text_items(self.texts)
        signals = memo.compute(self.embeddings.texts(self.text_batch_size), items)
        read = []
        for item in items:
            signal = signals[item.id]
            if isinstance(signal, Failure):
                raise DcvlrError(f"filtering.scores: {item.text!r} could not be read: {signal.message}")
            read.append((item.text, signal))
        return NearestText(embeddings=self.embeddings, texts=tuple(read))


@dataclass(frozen=True, kw_only=True)
class NearestText:
    """Reads the score off the embedding of a picture."""

    embeddings: ImageModel[Embedding]
    texts: tuple[tuple[str, Embedding], ...]

    @property
    def sources(self) -> tuple[ImageModel[Embedding]]:
        return (self.embeddings,)

    def derive(self, embedding: Embedding, /) -> Score:
        cosines = [(cosine(embedding, read), text) for text, read in self.texts]
        value, text = max(cosines, key=lambda pair: pair[0])
        return Score(value=value, label=text)
