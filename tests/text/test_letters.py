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
        ("Options B, C and D are wrong.", "blue, green and black are wrong."),
        ("That rules out (B) and (C).", "That rules out blue and green."),
        ("The correct choice: A.", "The correct choice: red."),
        ("Only the first option, A, has it; it must be A).", "Only the first option, red, has it; it must be red."),
    ],
)
def test_a_letter_in_reasoning_becomes_the_words_of_its_option(text: str, words: str) -> None:
    assert names_letter(text)
    assert spelled_out(text, OPTIONS) == words


@pytest.mark.parametrize(
    "text",
    [
        *("B and D have other digits.", "Of these, only A fits.", "So we take option (a).", "Thus, a) is correct."),
        *("A and C can be left out, so it's B.", "The third one is right, i.e. C."),
    ],
)
def test_what_may_be_a_letter_is_not_put_into_words(text: str) -> None:
    assert names_letter(text)
    assert spelled_out(text, OPTIONS) == text


@pytest.mark.parametrize(
    "text",
    [
        *("Vitamins B and C are in it.", "The points A and B lie on it.", "So A + B = 5.", "J. S. Bach wrote it."),
        *("The answer, A. Smith, is the first name.", "Bus line A stops there, line B does not."),
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
