"""What a model of pictures must do whose embeddings are compared with those of texts."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from contracts.image_models import ImageModelContract

from dcvlr.identity import identity
from dcvlr.models.embeddings import ImageEmbeddings, Text, text_item, vector
from dcvlr.protocols import Model
from dcvlr.records import Embedding

TEXTS = ("a red bus", "a cup of coffee", "Ein Haus, größer als 3 Bäume!", "", "word " * 300)


def is_near(first: Any, second: Any) -> bool:
    """Whether two embeddings are the same but for what a batch rounds away: 0.001 in any number."""
    return bool(np.abs(vector(first) - vector(second)).max() <= 0.001)


class ImageEmbeddingsContract(ImageModelContract):
    @pytest.fixture
    def model(self) -> ImageEmbeddings:
        raise NotImplementedError

    @pytest.fixture
    def texts(self, model: ImageEmbeddings) -> Model[Text, Embedding]:
        return model.texts(4)

    def is_same(self, first: Any, second: Any) -> bool:
        return is_near(first, second)

    def test_embeddings_have_length_one(self, results: Any) -> None:
        for embeddings in results:
            assert np.linalg.norm(vector(embeddings)) == pytest.approx(1, abs=0.001)

    def test_a_text_alone_is_what_it_is_in_a_batch(self, texts: Model[Text, Embedding]) -> None:
        items = [text_item(text) for text in TEXTS]
        for together, alone in zip(texts(items), [texts([item])[0] for item in items], strict=True):
            assert is_near(together, alone)

    def test_different_texts_are_different_and_as_long_as_pictures_are(
        self, texts: Model[Text, Embedding], model: ImageEmbeddings, pictures: Any
    ) -> None:
        bus, cup = texts([text_item("a red bus"), text_item("a cup of coffee")])
        assert not is_near(bus, cup)
        assert len(vector(bus)) == len(vector(model(pictures[:1])[0]))

    def test_no_texts_have_no_embeddings(self, texts: Model[Text, Embedding]) -> None:
        assert list(texts([])) == []

    def test_a_text_is_cut_where_the_context_ends(self, texts: Model[Text, Embedding]) -> None:
        long, longer = texts([text_item("word " * 300), text_item("word " * 300 + "and a bus")])
        assert is_near(long, longer)

    def test_pictures_and_texts_are_models_of_their_own(
        self, model: ImageEmbeddings, texts: Model[Text, Embedding]
    ) -> None:
        assert model.name != texts.name
        assert identity(model) != identity(texts)
        assert identity(model.texts(99)) == identity(texts)
        texts.check_ready()

    def test_settings_that_change_a_result_are_part_of_both_identities(self, model: Any) -> None:
        another_dtype = "float32" if model.dtype == "bfloat16" else "bfloat16"
        for change in ({"dtype": another_dtype}, {"model_revision": "another"}):
            other = dataclasses.replace(model, **change)
            assert identity(other) != identity(model)
            assert identity(other.texts(4)) != identity(model.texts(4))
