from __future__ import annotations

import pytest

from dcvlr.runs.in_words import shortened


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5"),
        (["a", "b", "c", "d", "e"], "['a', 'b', 'c', 'd', 'e']"),
        ([f"word{n}" for n in range(40)], "['word0', 'word1', 'word2', 'word3', … 40 in all]"),
        ("x" * 80, f"'{'x' * 59}…"),
        (["y" * 80], f"['{'y' * 58}…"),
    ],
)
def test_a_value_takes_one_line(value: object, text: str) -> None:
    assert shortened(value) == text
