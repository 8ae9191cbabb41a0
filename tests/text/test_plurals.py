"""Plurals of labels."""

from __future__ import annotations

import pytest

from dcvlr.text.plurals import plural


@pytest.mark.parametrize(
    ("one", "several"),
    [
        ("dog", "dogs"),
        ("bus", "buses"),
        ("bench", "benches"),
        ("toothbrush", "toothbrushes"),
        ("berry", "berries"),
        ("toy", "toys"),
        ("person", "people"),
        ("man", "men"),
        ("mouse", "mice"),
        ("knife", "knives"),
        ("leaf", "leaves"),
        ("sheep", "sheep"),
        ("deer", "deer"),
        ("skis", "skis"),
        ("scissors", "scissors"),
        ("wine glass", "wine glasses"),
        ("traffic light", "traffic lights"),
    ],
)
def test_one_and_several(one: str, several: str) -> None:
    assert plural(one) == several
