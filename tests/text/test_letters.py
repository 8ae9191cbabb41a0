from __future__ import annotations

import pytest

from dcvlr.text.letters import names_letter, spelled_out

OPTIONS = ("red", "blue", "green", "black")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("So the correct answer is A.", "So the correct answer is red."),
        ("(A) matches it, (B), (C) and (D) do not.", "red matches it, blue, green and black do not."),
        ("Option B is wrong, so choose C.", "blue is wrong, so choose green."),
        ("That is letter A, so A is correct.", "That is red, so red is correct."),
        ("Choice D) fits, B is not right.", "black fits, blue is not right."),
    ],
)
def test_a_letter_in_reasoning_becomes_the_words_of_its_option(text: str, words: str) -> None:
    assert names_letter(text)
    assert spelled_out(text, OPTIONS) == words


@pytest.mark.parametrize(
    "text",
    [
        *(
            "It is the best choice a reader has.",
            "A. thaliana grows in sand.",
            "Vitamin C is in it.",
            "Gate B is open.",
        ),
        *("A cat is black.", "Plan A was dropped.", "The answer is a dog.", "B. Smith signed it.", "f(x) = A(x)"),
    ],
)
def test_other_letters_stay(text: str) -> None:
    assert not names_letter(text)
    assert spelled_out(text, OPTIONS) == text
