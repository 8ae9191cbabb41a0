"""Vectors become signals and signals become cosines, whatever their scale."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcvlr.models.embeddings import cosine, packed, text_items, vector
from dcvlr.records import Embedding, Failure, to_json


def signal(*numbers: float) -> Embedding:
    (made,) = packed(np.array([numbers]))
    assert isinstance(made, Embedding)
    return made


def test_a_vector_is_kept_at_length_one() -> None:
    assert vector(signal(3.0, 4.0)).tolist() == pytest.approx([0.6, 0.8], abs=0.00025)


def test_the_cosine_does_not_depend_on_lengths() -> None:
    assert cosine(signal(1.0, 0.0), signal(500.0, 500.0)) == 0.7071
    assert cosine(signal(1e-6, 0.0), signal(-7.0, 0.0)) == -1.0


def test_a_signal_survives_json_in_few_bytes() -> None:
    made = signal(*range(1, 513))
    line = to_json(made)
    assert msgspec.json.decode(line, type=Embedding) == made
    assert len(line) < 1400


@pytest.mark.parametrize("row", [[np.nan, 1.0], [np.inf, 1.0], [0.0, 0.0]])
def test_a_vector_without_direction_is_a_failure_of_its_item_alone(row: list[float]) -> None:
    lost, good = packed(np.array([row, [1.0, 0.0]]))
    assert isinstance(lost, Failure)
    assert "dtype=float32" in lost.message
    assert isinstance(good, Embedding)


@given(st.lists(st.floats(-1, 1, width=32), min_size=8, max_size=8).filter(lambda row: max(map(abs, row)) > 1e-3))
def test_a_vector_is_as_like_itself_as_can_be(row: list[float]) -> None:
    assert cosine(signal(*row), signal(*row)) == 1.0


def test_a_text_that_comes_twice_is_one_item() -> None:
    assert [item.text for item in text_items(["a bus", "a cup", "a bus"])] == ["a bus", "a cup"]
