from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcvlr.text.equations import equations
from dcvlr.text.words import count_words, number_word, numbers, words

NONE = Decimal(0)


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("— … ?", 0), ("one two-three four's", 3), ("$5 (five)", 2), ("总计 12", 3), ("a\n\tb", 2)],
)
def test_words_are_counted_as_a_person_would(text: str, count: int) -> None:
    assert count_words(text) == count


def test_numbers_lose_separators_but_not_signs() -> None:
    assert numbers("RM 1,234.50, -7 and .5 of Q3; 12/03/2018") == [
        Decimal(value) for value in ("1234.50", "-7", "0.5", "12", "3", "2018")
    ]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Total 9,00", ["9.00"]),
        ("1,2,3", ["1", "2", "3"]),
        ("−$4.14 and $5", ["-4.14", "5"]),
        ("3-5", ["3", "5"]),
        ("1,234,567", ["1234567"]),
    ],
)
def test_a_comma_parts_thousands_only_before_three_digits(text: str, read: list[str]) -> None:
    assert numbers(text) == [Decimal(value) for value in read]


def test_words_and_number_words() -> None:
    assert words("The dog’s BOWL, 2nd-hand") == ["the", "dog’s", "bowl", "2nd", "hand"]
    assert (number_word("twelve"), number_word("dozen")) == (Decimal(12), None)


def test_an_equation_knows_what_goes_in_and_what_comes_out() -> None:
    (found,) = equations("So $1,000.50 + $2 = $1,002.50, all told", NONE)
    assert (found.text, found.right) == ("$1,000.50 + $2 = $1,002.50", True)
    assert found.operands == (Decimal("1000.50"), Decimal(2))
    assert found.results == (Decimal("1002.50"),)


@given(
    a=st.decimals(0, 10**6, places=2),
    b=st.decimals(0, 10**6, places=2),
    wrong=st.decimals(-100, 100, places=2).filter(bool),
)
def test_every_sum_is_right_and_every_changed_sum_is_wrong(a: Decimal, b: Decimal, wrong: Decimal) -> None:
    assert [found.right for found in equations(f"1. {a} + {b} = {a + b}.", NONE)] == [True]
    assert [found.right for found in equations(f"1. {a} + {b} = {a + b + wrong}.", NONE)] == [False]


@given(st.text())
def test_no_text_is_too_odd_to_read(text: str) -> None:
    list(equations(text, NONE))
    count_words(text)


@given(
    st.lists(
        st.sampled_from(["0", "1", "5", ".", ",", "%", "+", "-", "×", "/", "=", "(", ")", "$", "x", "RM"]), max_size=30
    ).map(" ".join)
)
def test_no_formula_is_too_odd_to_read(text: str) -> None:
    list(equations(text, NONE))
    list(equations(text.replace(" ", ""), NONE))


@pytest.mark.slow
def test_a_long_text_takes_no_long_time() -> None:
    for text in ("1-" * 20_000, "1 + " * 20_000, "1 = " * 20_000, "1," * 20_000, "(1+" * 10_000, "(1+1)" * 10_000):
        assert list(equations(text, NONE)) == []
