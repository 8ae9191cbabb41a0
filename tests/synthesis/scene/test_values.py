"""Printed texts as values, and values as they are printed."""

from __future__ import annotations

import pytest

from dcvlr.synthesis.scene.values import dates_in, like_dates, quantity, shown, times_in


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("12.50", "money", "12.50"),
        ("RM 1,234.50", "money", "1234.50"),
        ("$8.20", "money", "8.20"),
        ("-1.00", "money", "-1.00"),
        ("17.7", "number", "17.7"),
        ("1,234", "number", "1234"),
        ("49%", "percent", "49"),
        ("99 min", "duration", "99"),
        ("06:48", "time", "408"),
        ("6:20 PM", "time", "1100"),
        ("12:05 am", "time", "5"),
        ("2024-02-29", "date", "738945"),
        ("29/02/2024", "date", "738945"),
        ("29 February 2024", "date", "738945"),
    ],
)
def test_a_value_is_read_and_written_as_the_picture_has_it(text: str, kind: str, number: str) -> None:
    value = quantity(text)
    assert value is not None
    assert (value.kind, str(value.number)) == (kind, number)
    again = quantity(shown(value))
    assert again is not None
    assert (again.kind, again.number) == (value.kind, value.number)


@pytest.mark.parametrize(
    "text",
    ["", "Total", "A47", "0429", "25:10", "13:75 PM", "03/04/2024", "31/02/2024", "1.2.3", "12-34-56", "2@1.29", "9 W"],
)
def test_what_may_be_something_else_is_no_value(text: str) -> None:
    assert quantity(text) is None


def test_a_street_is_no_day() -> None:
    assert like_dates("12 Market Street") == like_dates("3 Marina Road, unit 5 Decor") == 0
    assert like_dates("12 March") == like_dates("4 Sept 2021") == like_dates("May 5") == 1
    assert dates_in("12 Market 2024") == []


def test_dates_and_times_are_found_in_longer_lines() -> None:
    text = "Date: 25/03/2018 09:42:19 AM"
    assert [shown(one) for one in dates_in(text)] == ["25/03/2018"]
    assert [shown(one) for one in times_in(text)] == ["9:42 AM"]
    assert dates_in("No. 125/03/2018-7") == []
