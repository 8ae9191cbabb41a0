from __future__ import annotations

import pytest

from dcvlr.text.citations import without_citations


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("The total is 5 [T1].", "The total is 5."),
        ("5 [T1, O2] and 6 (T3 and p2_T4)", "5 and 6"),
        ("It shows a dog [C] (picture).", "It shows a dog."),
        ("5  (lines T1, T2) + 3 [P:left] = 8 (objects O1 and O2)", "5 + 3 = 8"),
        ("mean L* 61 [P:upper-left:mean]", "mean L* 61"),
        ("one\n[T1] two", "one\n two"),
        ("Gate (T), (5) and [A]", "Gate (T), (5) and [A]"),
        ("f(T1) [T1234567] (Total)", "f [T1234567] (Total)"),
    ],
)
def test_ids_in_brackets_go_with_the_space_before_them(text: str, plain: str) -> None:
    assert without_citations(text) == plain


def test_a_long_gap_takes_no_long_time() -> None:
    gap = " " * 100_000
    assert without_citations(f"a{gap}b") == f"a{gap}b"
