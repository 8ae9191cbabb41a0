from __future__ import annotations

import pytest

from dcvlr.text.citations import needs_citations, without_citations


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


@pytest.mark.parametrize(
    "text",
    [
        *("According to [T3], the total is 5.", "From [T3] we read 5.", "[T1] shows 5.", "The total is in [T3]."),
        *("Compare [T1] with [T2].", "As [T1] says, it is 5.", "It is more (see [T1])."),
    ],
)
def test_a_citation_in_the_place_of_a_noun_is_needed(text: str) -> None:
    assert needs_citations(text)


@pytest.mark.parametrize(
    "text",
    [
        *("[T3] The total is 5.", "[T3] the total is 5.", "The total [T3] is 5.", "5 (T1) is more than 3 (T2)."),
        *("The total (lines T1 and T2) is 5.", "Add 5 [T1] and 6 [T2].", "The word is in red [T4]."),
    ],
)
def test_a_citation_beside_what_it_cites_is_not_needed(text: str) -> None:
    assert not needs_citations(text)


def test_a_long_gap_takes_no_long_time() -> None:
    gap = " " * 100_000
    assert without_citations(f"a{gap}b") == f"a{gap}b"
