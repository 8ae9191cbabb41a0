from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcvlr.text.answers import final_answer


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        (r"First \boxed{3}, in the end \boxed{\frac{1}{2}}.", r"\frac{1}{2}"),
        (r"\boxed{\text{a {b} c}}", r"\text{a {b} c}"),
        (r"\boxed{7} and an open \boxed{8", "7"),
        (r"The answer is 5, so \boxed{6}", "6"),
        (r"<think>\boxed{3}</think>The answer is 4.", "4."),
        ("<answer>A</answer> no: <answer> B </answer>", "B"),
        ("It is long.\n**Answer:** 12 km\nThank you", "12 km"),
        ("The answer is 3.5. This follows from the sum.", "3.5"),
        ("The final answer is: **B**", "B**"),
        ("Answer:\n12", "12"),
        ("The answer is Dr. Smith.", "Dr. Smith."),
        ("The answer is (B) because it is red.", "(B)"),
        ("Let me count.\n\n12\n", "12"),
        ("5 + 8.10 = 13.10\n#### 13.10", "13.10"),
        ("The answer is 12, in dollars:\n#### $1,234.", "$1,234"),
        ("#### Step 1\nI count.\n#### Final answer: 12", "12"),
        ("#### Step 1\nThe answer is 5", "5"),
        ("blue", "blue"),
        ("", None),
        (" \n", None),
        (r"\boxed{}", r"\boxed{}"),
        ("word " * 100, None),
        ("<think>never ended", None),
        ("It is <|begin_of_box|>B<|end_of_box|>.", "B"),
        ("I count 42.\n42<|im_end|>", "42"),
        ("答案：B", "B"),
        ("所以答案是 42", "42"),
        ('```json\n{"reason": "It is printed.", "answer": "30"}\n```', "30"),
        ('{"answer": 5.50, "unit": "$"}', "5.50"),
        ("<seed:think>I guess 6.</seed:think>\nIt is 7.\nAnswer: 7", "7"),
    ],
)
def test_the_answer_of_a_reply_is_found(reply: str, answer: str | None) -> None:
    assert final_answer(reply) == answer


@given(st.text(alphabet="{}\\<>/answer: boxedis\n.A1", max_size=200))
def test_no_reply_is_too_odd(reply: str) -> None:
    found = final_answer(reply)
    assert found is None or found.strip() == found != ""


@pytest.mark.parametrize(
    "part", ["{", "\\boxed{", "<answer>", "</answer>", "the answer is ", "\n", "<think>", "is: **"]
)
@pytest.mark.timeout(5)
def test_a_hostile_reply_takes_no_long_time(part: str) -> None:
    final_answer(part * (100_000 // len(part)))
