from __future__ import annotations

from random import Random

import pytest

from dcvlr.text.letters import are_letters, names_letter, shuffled, spelled_out
from dcvlr.text.lone_letters import labels_in

OPTIONS = ("red", "blue", "green", "black")
NONE: frozenset[str] = frozenset()


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
        ("Answer: A) red", "Answer: red"),
        ("We choose A because it is printed there.", "We choose red because it is printed there."),
        ("This means that B is wrong, and C is not there.", "This means that blue is wrong, and green is not there."),
        ("Only the first option, A, has it; it must be A).", "Only the first option, red, has it; it must be red."),
    ],
)
def test_a_letter_in_reasoning_becomes_the_words_of_its_option(text: str, words: str) -> None:
    assert names_letter(text, NONE)
    assert spelled_out(text, OPTIONS, NONE) == words


def test_a_letter_in_front_of_its_own_words_goes() -> None:
    assert spelled_out("A: red is what the heading says.", OPTIONS, NONE) == "red is what the heading says."
    assert spelled_out("Option A: red is what the heading says.", OPTIONS, NONE) == "red is what the heading says."
    assert spelled_out("It matches option A (red).", OPTIONS, NONE) == "It matches red."
    assert spelled_out("A: blue is what the heading says.", OPTIONS, NONE) == "A: blue is what the heading says."


def test_letters_that_are_options_themselves_mean_what_the_picture_shows() -> None:
    assert are_letters(("C", "A", "B", "D"))
    assert not are_letters(OPTIONS)


@pytest.mark.parametrize(
    "text",
    [
        *("B and D have other digits.", "Of these, only A fits.", "So we take option (a).", "Thus, a) is correct."),
        *("A and C can be left out, so it's B.", "The third one is right, i.e. C."),
        *("The answer is **A**.", r"So it is \boxed{A}.", r"It is \boxed{\text{B}}.", "Options B–D can be left out."),
        *("This matches A.", "Of the four, A is the best match.", "Neither B nor C matches.", "Both C and D are out."),
        *("None of B, C, D is on the page.", "[A] is printed at the top.", "We see A is correct."),
        *("I would go with B.", "The right one is C.", "The best match is D.", "So [A] it must be."),
        *("The first option is right.", "Options 2 and 3 are wrong.", "So the last choice does not fit."),
    ],
)
def test_what_may_be_a_letter_is_not_put_into_words(text: str) -> None:
    assert names_letter(text, NONE)
    assert spelled_out(text, OPTIONS, NONE) == text


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
        *("The letter A is printed on the sign.", "Both A and B lie on the circle.", "Bar C is the only one."),
        *("Plan B is not named on the page.", "Statement C is false.", "All of A, B and C lie on it.", "Grade [C]"),
        *("Row [A] is the first one.", "The axis is marked [B].", "Player A is right of player B."),
        *("A cat is black.", "Plan A was dropped.", "The answer is a dog.", "B. Smith signed it.", "f(x) = A(x)"),
    ],
)
def test_other_letters_stay(text: str) -> None:
    assert not names_letter(text, NONE)
    assert spelled_out(text, OPTIONS, NONE) == text


def test_none_of_the_above_stays_last() -> None:
    options = ("None of the above", "12", "13", "14")
    orders = {shuffled(options, Random(seed)) for seed in range(40)}
    assert {order[-1] for order in orders} == {0}
    assert len(orders) == 6
    assert {order[0] for order in (shuffled(("11", *options[1:]), Random(seed)) for seed in range(40))} == {0, 1, 2, 3}


@pytest.mark.parametrize(
    "text",
    [
        *("That leaves only C.", "Among the options, D is the only one above 50.", "B says 30, which is printed."),
        *("C fits best.", "So it must be A.", "Neither A nor B mentions the date.", "Correct: B", "Clearly C."),
        *("This makes B the best match.", "The total is 45, so B it is.", "D gives the same total.", "C, then."),
        *("It follows that A holds.", "That points to B.", "A can be ruled out.", "Checking B: the value is 30."),
        *("Since 45 is printed, C.", "We are left with B.", "Nothing supports A.", "B (30) is printed there."),
    ],
)
def test_a_letter_that_is_of_nothing_may_be_an_option(text: str) -> None:
    assert names_letter(text, NONE)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Seats A to D are by the window.",
            "The route goes from A to B.",
            "He has an A and a B in art.",
            "Exits A, B open.",
        ),
        *("In seat 12 C sat a dog.", "The chord is C major.", "Let A be the area, so A = 25.", "It is 30 °C outside."),
        *("The sign reads B.", "The card is marked D.", "It was signed by A. B. Carter.", "Mr. D. Miller signed it."),
        *(
            "A 5 kg bag costs more.",
            "A total of 40 is printed.",
            "Type G plugs have three pins.",
            "B lies between A and C.",
        ),
        *("Panel (B) shows the curve.", "The point (A) lies on it.", "As seen in part (C), it rises."),
        *("A is the first letter on the plate.", "Team A has 3 goals, B has 1.", "A well-known brand of tea is named."),
    ],
)
def test_a_letter_that_is_of_something_is_none(text: str) -> None:
    assert not names_letter(text, NONE)
    assert spelled_out(text, OPTIONS, NONE) == text


@pytest.mark.parametrize(
    "text",
    [
        *("So B is 3 cm from A.", "B is right of A.", "A is not on the line.", "and so A is not on the line."),
        *("The first letter is B.", "The student's answer is B.", "His choice: B, the middle one."),
    ],
)
def test_what_may_be_of_the_picture_is_asked_about_and_not_put_into_words(text: str) -> None:
    assert names_letter(text, NONE)
    assert spelled_out(text, OPTIONS, NONE) == text


def test_letters_that_are_asked_about_or_printed_are_those_of_the_picture() -> None:
    labels = labels_in(["How far is A from the line through B and C?", "A cat", "D. Miller", "E) 12", "F"])
    assert labels == {"A", "B", "C", "F"}
    assert not names_letter("B is 4 cm to the right of A.", labels)
    assert spelled_out("But B is not the nearest.", OPTIONS, labels) == "But B is not the nearest."
    assert not names_letter("But B is not the nearest.", labels)
    assert names_letter("So D is the nearest.", labels)
    assert names_letter("So the answer is option B.", labels)
    assert spelled_out("It is option B.", OPTIONS, labels) == "It is blue."


@pytest.mark.parametrize("part", ["A ", '"', "(", "A. ", "so A and B or ", " "])
@pytest.mark.timeout(20)
def test_hostile_steps_take_no_long_time(part: str) -> None:
    text = part * (20_000 // len(part))
    names_letter(text, NONE)
    spelled_out(text, OPTIONS, NONE)
