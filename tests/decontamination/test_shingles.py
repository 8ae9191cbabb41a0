from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcvlr.decontamination.pack import Header, Item, Pack
from dcvlr.decontamination.shingles import QuestionIndex, shingles, stem_of, words_of

WORDS = ["red", "car", "tree", "how", "many", "is", "the", "of", "left", "value", "bar", "2019", "sum", "angle"]


def pack(*questions: str, name: str = "bench", words: int = 3) -> Pack:
    items = [Item(id=f"q{n}", shingles=shingles(words_of(text), words)) for n, text in enumerate(questions)]
    return Pack(Header(name=name, words=words, statistics=""), items)


def test_words_lose_case_and_marks_and_ideographs_stand_alone() -> None:
    assert words_of("What's the TOTAL, in 2019?") == ["what", "s", "the", "total", "in", "2019"]
    assert words_of("总计是 12") == ["总", "计", "是", "12"]


def test_shingles_are_a_set_in_ascending_order() -> None:
    three = shingles(["a", "b", "c", "d", "a", "b", "c"], 3)  # abc bcd cda dab
    assert len(three) == 4 * 4
    values = [int.from_bytes(three[at : at + 4], "little") for at in range(0, 16, 4)]
    assert values == sorted(values)
    assert shingles(["a", "b"], 3) == shingles(["a", "b"], 2)
    assert shingles([], 3) == b""


def test_the_nearest_question_is_found_with_its_similarity() -> None:
    index = QuestionIndex(
        [pack("How many red cars are left of the big tree?"), pack("What is the value of the bar?", name="other")], 0.7
    )
    same = index.nearest("how many RED cars are left of the big tree")
    assert same is not None
    assert (same.value, same.benchmark, same.item) == (1.0, "bench", "q0")
    near = index.nearest("How many red cars are left of the big house?")  # 7 of 9 trigrams in both
    assert near is not None
    assert near.value == 0.7778
    assert index.nearest("Which animal sits on the wooden bench over there?") is None
    assert index.nearest("?") is None


def test_packs_with_n_grams_of_other_lengths_go_together() -> None:
    question = "How many red cars are left of the big tree?"
    index = QuestionIndex([pack("Something else altogether is asked here", words=5), pack(question, words=2)], 0.7)
    found = index.nearest(question)
    assert found is not None
    assert (found.value, found.item) == (1.0, "q0")


@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=4, max_size=12).map(" ".join), min_size=1, max_size=20))
def test_a_question_of_a_pack_is_always_found(questions: list[str]) -> None:
    index = QuestionIndex([pack(*questions)], 0.7)
    for question in questions:
        found = index.nearest(question)
        assert found is not None
        assert found.value == 1.0


@pytest.mark.timeout(20)
def test_hostile_questions_take_no_long_time() -> None:
    index = QuestionIndex([pack("How many red cars are left of the big tree?")], 0.7)
    for part in ("a ", "?", "计", "a", "\n"):
        index.nearest(part * (100_000 // len(part)))


STEM = "Which of these materials is the best conductor in the circuit?"


@pytest.mark.parametrize(
    "choices",
    [
        "(A) wire (B) rod",
        "\nA. wire\nB. rod",
        "\nChoices:\n(A) wire\n(B) rod",
        "Options: A: wire, B: rod",
        "（A） 丝 （B） 棒",
    ],
)
def test_choices_in_the_text_of_a_question_are_not_part_of_it(choices: str) -> None:
    assert stem_of(f"{STEM} {choices}").split() == STEM.split()
    assert stem_of(f"Is A. larger than B. here? {STEM}") != ""
    assert stem_of(choices) == choices
    index = QuestionIndex([pack(stem_of(f"{STEM} {choices}"))], 0.7)
    found = index.nearest(f"{STEM} (A) a glass rod (B) a copper wire (C) nothing")
    assert found is not None
    assert found.value == 1.0


@pytest.mark.parametrize(
    ("question", "is_found"),
    [
        ("How many red cars are left of the 12 trees in front of the house?", True),
        (
            "Hint: say 1, 2 or 3. How many red cars are left of the 12 trees in front of the house? (A) 7 (B) 8",
            True,
        ),
        ("How many red cars are left of the 15 trees in front of the house?", False),
        ("How many red cars are left of the 12 trees in front of a house?", True),
        ("How many red cars are left of the 13 trees in front of the house? (A) 12 (B) 13", False),
    ],
)
def test_with_other_numbers_it_is_another_question(question: str, is_found: bool) -> None:
    index = QuestionIndex([pack("How many red cars are left of the 12 trees in front of the house?")], 0.6)
    found = index.nearest(question), index.contained(question)
    assert any(one is not None and one.value > 0.6 for one in found) is is_found


def test_a_number_at_the_end_is_held_too() -> None:
    index = QuestionIndex([pack("For how many values of x in the coordinate plane is f(x) = 2?")], 0.7)
    assert index.contained("For how many values of x in the coordinate plane is f(x) = 5?") is None
    assert index.contained("For how many values of x in the coordinate plane is f(x) = 2? 1 2 3 4") is not None
