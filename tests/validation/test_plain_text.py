from __future__ import annotations

import pytest
from contracts.checks import qa, text
from validation.shipped import verdict

from dcvlr.validation.checks.plain_text import PlainText

PLAIN = PlainText()


@pytest.mark.parametrize(
    "question",
    [
        *("**Which** total?", "### Which total?", "Which `total`?", "Which <b>total</b>?", "| total | 5 |"),
        *("Which [total](https://x.org)?", "Which total?\x07", "Which\u202e total?", "Which\u200b total?"),
        *("Which \ud800 total?", "Which \ufffd total?", "- Which total?"),
    ],
)
def test_markup_and_what_cannot_be_seen_fail(question: str) -> None:
    assert not verdict(PLAIN, qa(question=question)).passed


@pytest.mark.parametrize(
    "question",
    [
        *("What is 3 * 4 * 5?", "Is x < 5 and y > 3?", r"What is $\frac{1}{2}$ of x_1?", "What does #5 cost?"),
        *("What is 5 - 3?", "Who wrote café_menu_v2?", "Which key: 2**3?"),
    ],
)
def test_signs_of_mathematics_and_names_stay(question: str) -> None:
    assert verdict(PLAIN, qa(question=question)).passed


def test_markup_that_the_picture_shows_is_part_of_it() -> None:
    assert verdict(PLAIN, qa(question="What stands beside `make all`?", evidence=(text(1, "run `make all`"),))).passed
