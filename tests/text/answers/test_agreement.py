from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcvlr.text.answers import agree

SAME = [
    *(("12", "12.0"), ("twenty-five", "25"), ("two thousand and five", "2,005"), ("two dozen", "24"), ("about 5", "5")),
    *(("1,234", "1234"), ("1,234.5", "1.234,5"), ("1 234 567", "1.234.567"), ("1'200", "1200"), ("1,5", "1.5")),
    *(("12,34,567", "1234567"), ("0,125", "0.125"), ("1e3", "1000"), ("3.5 × 10^5", "350000"), ("10²", "100")),
    *(("$3.50", "3.50 USD"), ("USD 1,200", "$1200.00"), ("12 dollars", "$12"), ("−$5", "-$5"), ("RM 5", "5.00")),
    *(("3.5k", "3500"), ("$5m", "$5 million"), ("300K", "300,000"), ("300 K", "300 kelvin"), ("2.1bn", "2.1 billion")),
    *(
        ("3/4", "0.75"),
        ("1 3/4", "1.75"),
        ("2½", "2.5"),
        ("a half", "1/2"),
        (r"\frac{3}{4}", "75%"),
        ("three quarters", "75%"),
    ),
    *(("5%", "0.05"), ("5%", "5"), ("12 percent", "12%"), ("12 %", "12 per cent")),
    *(
        ("5 km", "5000 m"),
        ("3 kg", "3000 grams"),
        ("2 h", "120 minutes"),
        ("5 m²", "5 square meters"),
        ("30°", "30 degrees"),
    ),
    *(
        ("60 km/h", "60 kilometers per hour"),
        ("5 °C", "5 degrees Celsius"),
        ("5 apples", "5"),
        ("5 apples", "five apples"),
    ),
    *(("3 boxes", "3 box"), ("5 apples", "5 Apples")),
    *(
        ("red, blue", "blue and red"),
        ("[red, blue]", "Blue, Red"),
        ("- red\n- blue", "blue, red"),
        ("1, 2, 3", "3,2,1"),
    ),
    *(("2 dogs and 3 cats", "three cats, two dogs"), ("red; blue", "red & blue"), ("{1, 2}", r"\{2, 1\}")),
    *(("(3, 4)", "(3,4)"), ("[1, 2]", "1, 2")),
    *(("Yes, it is.", "yes"), ("True", "YES"), ("no", "false"), ("No", "No, it is not")),
    *(("March 5, 2020", "2020-03-05"), ("5 Mar 2020", "March 5th, 2020"), ("25/12/2020", "12/25/2020")),
    *(("3:30 PM", "15:30"), ("3:30 p.m.", "3.30pm")),
    *(("“Hello”", "hello."), ("The cat", "a cat"), ("cat", "the cats"), ("boxes", "box"), ("T-shirt", "t shirt")),
    *(("**Red**", r"\text{red}"), ("H₂O", "H2O"), ("ﬁsh", "fish"), ("Tom’s", "tom's"), ("café", "cafe\u0301")),
    *((r"\boxed{12}", "12"), ("$1{,}234$", "1234"), ("$x=5$", "5"), (r"2\pi", "2π"), ("2(x+2)", "2x+4")),
    *((r"\frac{\sqrt{2}}{2}", r"\sqrt{2}/2"), ("x^{2}", "x²"), (r"30^\circ", "30°"), ("x+1, x-1", "x-1, x+1")),
]
OTHER = [
    *(("5", "6"), ("-5", "5"), ("102", "10²"), ("21/2", "2½"), ("1,234", "1.234"), ("0.05", "5"), ("5!", "5")),
    *(("5 mW", "5 MW"), ("5 km", "5 m"), ("5 apples", "5 pears"), ("$5", "€5"), ("5 m", "5 million"), ("none", "0")),
    *(("12", "12 or 13"), ("5 to 6", "5"), ("more than 5", "5"), ("2019", "2020"), ("03/04/2020", "04/03/2020")),
    *(("3:30", "3:30 PM"), ("yes", "no"), ("Yes, 5", "Yes, 6"), ("yes", "5")),
    *(("red", "red and blue"), ("red, red, blue", "red, blue, blue"), ("(3, 4)", "(4, 3)"), ("[1, 2]", "[2, 1]")),
    *(("William", "Williams"), ("cat", "dog"), ("not red", "red"), ("C++", "C"), ("a", "an"), ("cat", "cart")),
    *(("x=5", "y=5"), ("3x", "3y"), ("x^2", "2x"), (r"\sqrt{2}", "1.41"), ("AB = 5", "AB = 6")),
    *(("", ""), (" ", "5"), ("...", "!!"), ("…", "5")),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_says_the_same_agrees_both_ways(one: str, other: str) -> None:
    assert agree(one, other, None, tolerance=0.0)
    assert agree(other, one, None, tolerance=0.0)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_says_something_else_does_not(one: str, other: str) -> None:
    assert not agree(one, other, None, tolerance=0.0)
    assert not agree(other, one, None, tolerance=0.0)


def test_the_tolerance_of_an_estimate_is_relative_to_the_smaller_number() -> None:
    assert agree("105", "100", None, tolerance=0.05, estimated=True)
    assert not agree("105.01", "100", None, tolerance=0.05, estimated=True)
    assert agree("3.33", "10/3", None, tolerance=0.01, estimated=True)
    assert agree("$1,020.00", "$1,000.00", None, tolerance=0.05, estimated=True)
    assert agree("105", "about 100", None, tolerance=0.05)
    assert agree("≈ 3.1 km", "3000 m", None, tolerance=0.05)
    assert not agree("1", "0", None, tolerance=1.0, estimated=True)
    assert not agree("5", "-5", None, tolerance=1.0, estimated=True)


def test_what_is_no_estimate_is_exact() -> None:
    assert not agree("105", "100", None, tolerance=0.05)
    assert not agree("$1,020.00", "$1,000.00", None, tolerance=0.05)
    assert agree("12.05", "12.1", ("12.1", "40"), tolerance=0.05, estimated=True)
    assert not agree("12.05", "12.1", ("12.1", "40"), tolerance=0.05)


def test_years_have_no_tolerance() -> None:
    assert not agree("2019", "2010", None, tolerance=0.05, estimated=True)
    assert agree("2,019", "2,010", None, tolerance=0.05, estimated=True)


DRINKS = ("A dog", "12", "a cat", "12.1")


@pytest.mark.parametrize(
    "answer",
    [
        *("B", "b", "(B)", "b)", "B.", "B) 12", "B. 12", "B: twelve", "(B) 12", "B - 12", "Option B", "the answer B"),
        *("B is correct", "B because it is printed", "B) 12 because it is printed", r"\boxed{B}", r"$\text{(B)}$"),
        *("12", "12.0", "twelve", "$12$"),
    ],
)
def test_a_letter_or_text_or_both_mean_an_option(answer: str) -> None:
    assert agree(answer, "12", DRINKS, tolerance=0.05)
    assert agree(answer, "B", DRINKS, tolerance=0.05)
    assert not agree(answer, "a cat", DRINKS, tolerance=0.05)


@pytest.mark.parametrize(
    "answer",
    ["A", "It is a dog", "a", "E", "B, C", "B or C", "B) 12.1", "B) a cat", "12.05", "b and c", "", "2", "B) or C)"],
)
def test_other_letters_contradictions_and_sentences_do_not(answer: str) -> None:
    assert not agree(answer, "12", DRINKS, tolerance=0.05)


def test_an_article_is_no_letter() -> None:
    assert agree("a cat", "a cat", DRINKS, tolerance=0.0)
    assert not agree("a cat", "A dog", DRINKS, tolerance=0.0)
    assert not agree("a bird", "A dog", DRINKS, tolerance=0.0)
    assert agree("cat", "a cat", DRINKS, tolerance=0.0)


def test_a_letter_that_is_also_an_options_text_must_be_marked_as_one() -> None:
    points = ("B", "C", "A")
    assert not agree("A", "A", points, tolerance=0.0)
    assert not agree("A", "B", points, tolerance=0.0)
    assert agree("(A)", "B", points, tolerance=0.0)
    assert agree("C) A", "A", points, tolerance=0.0)
    assert agree("A", "A", ("A", "B", "C"), tolerance=0.0)


def test_an_answer_outside_the_options_is_compared_as_it_is() -> None:
    assert agree("15.0", "15", ("12", "13"), tolerance=0.0)
    assert not agree("12", "15", ("12", "13"), tolerance=0.0)


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_formulas_are_compared_in_any_thread() -> None:
    verdicts: list[bool] = []
    thread = threading.Thread(target=lambda: verdicts.append(agree("2(x+3)", "2x+6", None, tolerance=0.0)))
    thread.start()
    thread.join()
    assert verdicts == [True]


PIECES = "015,.%$kmAx^()-=/ {}\\"
PARTS = ["1", "12", ",", ".", " km", "red", " and ", "/", "x", "^2", "(", ")", r"\frac{", "}", "{", "=", "yes", ", "]
ANSWERS = st.one_of(
    st.text(max_size=30),
    st.sampled_from([text for pair in (*SAME, *OTHER) for text in pair]),
    st.text(alphabet=PIECES, max_size=12),
    st.lists(st.sampled_from(PARTS), max_size=8).map("".join),
)


@given(ANSWERS)
def test_an_answer_agrees_with_itself_unless_it_is_blank(answer: str) -> None:
    assert agree(answer, answer, None, tolerance=0.0) is (answer.strip() != "")


@given(ANSWERS, ANSWERS, st.sampled_from([0.0, 0.05]))
def test_agreement_does_not_depend_on_who_says_what(one: str, other: str, tolerance: float) -> None:
    assert agree(one, other, None, tolerance=tolerance) is agree(other, one, None, tolerance=tolerance)


@settings(max_examples=2 * settings().max_examples // 5)
@given(st.permutations(["red", "12", "a dog", "5 km"]), st.integers(0, 3))
def test_a_letter_means_whatever_stands_at_its_place(options: list[str], position: int) -> None:
    letter = "ABCD"[position]
    for number, option in enumerate(options):
        for written in (letter, f"({letter})", f"{letter}) {options[position]}", options[position]):
            assert agree(written, option, options, tolerance=0.0) is (number == position)


@pytest.mark.slow
@pytest.mark.timeout(20)
@pytest.mark.parametrize("options", [None, ("a", "b", "c")])
def test_hostile_answers_take_no_long_time(options: tuple[str, ...] | None) -> None:
    long = ["{", "(", "1,", "a, ", "the ", r"\frac{1}{", " ", "x^", r"\boxed{", "9", "-", "$", "\n", "²", "½"]
    wild = ["9^{9^{9^9}}", "9^9^9^9", "99999999!", "(a+b+c+d)^99", "1e999", "2^{x^{2}}", "x^99+x^98=0", "5" * 900]
    wild += [(part * 990)[:990] for part in ("one ", "a and ", "1 2 ", r"\text{", "x+", ", x+1")]
    for answer in [*(part * (100_000 // len(part)) for part in long), *wild]:
        agree(answer, f"{answer}x", options, tolerance=0.05)
        agree(answer[:990], f"{answer[:980]}y", options, tolerance=0.05)
        agree(answer, "12", options, tolerance=0.05)
