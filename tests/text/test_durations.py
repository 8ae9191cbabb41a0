from __future__ import annotations

from decimal import Decimal

import pytest

from dcvlr.text.durations import durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("It takes 125 min.", [7500]),
        ("2 h 5 min", [7500]),
        ("2 Hours and 5 Minutes, then 30 s", [7500, 30]),
        ("1.5 hours or 90 minutes", [5400, 5400]),
        ("14 days", [14 * 86_400]),
        ("5 min 2 h", [300, 7200]),
        ("an iPhone 5S with 5 H and 3D", []),
        ("5 hats, 3 mints", []),
    ],
)
def test_parts_in_ever_smaller_units_are_one_duration(text: str, seconds: list[int]) -> None:
    assert [one.seconds for one in durations(text)] == [Decimal(one) for one in seconds]


def test_a_duration_knows_its_numbers_and_where_it_stands() -> None:
    text = "It takes 2 h 5 min."
    (found,) = durations(text)
    assert found.numbers == (Decimal(2), Decimal(5))
    assert text[found.start : found.end] == "2 h 5 min."
