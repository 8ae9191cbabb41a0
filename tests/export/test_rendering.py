from __future__ import annotations

import re
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcvlr.errors import DcvlrError
from dcvlr.export.rendering import problem_text, solution_text
from dcvlr.records import Evidence, Qa

BASE = Qa(
    id="q",
    image="a.png",
    image_id="0",
    dataset="d",
    bin="A",
    question="What is the total?",
    options=None,
    answer="12.50",
    reasoning="1. Read it [T1].\n2. It is 12.50.",
    evidence=(),
    generator="computed/x",
    created_from="full features",
    seed=0,
)


def changed(**changes: object) -> Qa:
    fields = {name: getattr(BASE, name) for name in BASE.__struct_fields__}
    return Qa(**{**fields, **changes})


def test_an_open_question_ends_in_its_boxed_answer() -> None:
    assert problem_text(BASE) == "What is the total?"
    assert solution_text(BASE, "steps") == "1. Read it [T1].\n2. It is 12.50.\n\n\\boxed{12.50}"


def test_options_get_letters_and_the_box_holds_the_letter() -> None:
    choice = changed(options=("9.00", "12.50", "<image>"), answer="12.50")
    assert problem_text(choice) == "What is the total?\nA. 9.00\nB. 12.50\nC. &lt;image&gt;"
    assert solution_text(choice, "steps").endswith("\n\n\\boxed{B}")


def test_a_literal_image_token_is_escaped() -> None:
    odd = changed(question="Where does <image> or <IMAGE> stand?", reasoning="1. <video> is text.\n2. So is <image>.")
    assert problem_text(odd) == "Where does &lt;image&gt; or &lt;IMAGE&gt; stand?"
    assert solution_text(odd, "steps") == "1. &lt;video&gt; is text.\n2. So is &lt;image&gt;.\n\n\\boxed{12.50}"


def test_a_stray_box_in_the_reasoning_is_made_harmless() -> None:
    odd = changed(reasoning="1. Perhaps \\boxed{3}.\n2. No: \\\\boxed {4} or \\fbox{5}.")
    assert solution_text(odd, "steps") == "1. Perhaps 3.\n2. No: 4 or 5.\n\n\\boxed{12.50}"


@pytest.mark.parametrize(
    ("answer", "box"),
    [
        (r"\frac{1}{2}", r"\boxed{\frac{1}{2}}"),
        (r"\boxed{7}", r"\boxed{7}"),
        (r"\boxed{\frac{1}{2}} cm", r"\boxed{\frac{1}{2} cm}"),
        (r"\boxed{\text{a \fbox{b}}}", r"\boxed{\text{a b}}"),
        (r"\boxed{7", r"\boxed{7}"),
        (r"\boxed{\}boxed{7}", r"\boxed{7}"),
        (r"\boxed 7", r"\boxed{boxed 7}"),
        (r"{x} y} {z", r"\boxed{{x} y) (z}"),
        ("a}{b\nc", r"\boxed{a)(b c}"),
    ],
)
def test_an_answer_leaves_one_box_whose_braces_pair(answer: str, box: str) -> None:
    assert solution_text(changed(answer=answer), "steps").endswith(f"\n\n{box}")


def test_an_answer_that_is_no_option_is_refused() -> None:
    with pytest.raises(DcvlrError, match=r"question q has the answer 'c': one of its options \('a', 'b'\)"):
        solution_text(changed(options=("a", "b"), answer="c"), "steps")


def test_more_options_than_letters_are_refused() -> None:
    many = changed(options=tuple(f"option {i}" for i in range(27)), answer="option 26")
    with pytest.raises(DcvlrError, match="question q has 27 options: 26 have a letter"):
        problem_text(many)
    with pytest.raises(DcvlrError, match="question q has the answer 'option 26'"):
        solution_text(many, "steps")


def test_an_option_is_one_line_with_one_letter() -> None:
    choice = changed(options=("A) 9.00\nEUR", "B. 12.50", "A. Smith"), answer="B. 12.50")
    assert problem_text(choice) == "What is the total?\nA. 9.00 EUR\nB. 12.50\nC. A. Smith"
    assert solution_text(choice, "steps").endswith("\\boxed{B}")


OTHER_MARKS = [
    *("|image_pad|", "|vision_start|", "|vision_end|", "image_0", "IMG_CONTEXT", "/img", "image-placeholder"),
    *("im_start", "/s", "eos", "end_of_turn", "start_of_image", "think", "/think", "|im_end|", "｜end▁of▁sentence｜"),
]


@pytest.mark.parametrize("mark", OTHER_MARKS)
def test_the_marks_of_other_trainers_are_escaped_too(mark: str) -> None:
    assert problem_text(changed(question=f"Is <{mark}> printed?")) == f"Is &lt;{mark}&gt; printed?"


@pytest.mark.parametrize("mark", ["IMG", "IMG_END", "INST", "/INST"])
def test_marks_in_square_brackets_are_escaped(mark: str) -> None:
    assert problem_text(changed(question=f"Is [{mark}] printed?")) == f"Is &#91;{mark}&#93; printed?"


def test_what_only_looks_like_a_mark_stays() -> None:
    assert problem_text(changed(question="Is [T1] <a|b> or <strong>?")) == "Is [T1] <a|b> or <strong>?"
    assert problem_text(changed(question="Is <b>a < image</b> and <images>?")) == "Is <b>a < image</b> and <images>?"


TEXTS = st.text() | st.lists(st.sampled_from(["\\", "boxed", "fbox", "{", "}", "<", "image", ">", " ", "7"])).map(
    "".join
)


@given(reasoning=TEXTS, answer=TEXTS)
def test_there_is_always_exactly_one_box_at_the_end(reasoning: str, answer: str) -> None:
    text = solution_text(changed(reasoning=reasoning, answer=answer), "steps")
    assert len(re.findall(r"\\boxed\b", text)) == 1
    box = text[text.index("\\boxed{") + len("\\boxed") :]
    depths = list(accumulate((c == "{") - (c == "}") for c in box))
    assert min(depths[:-1]) == 1
    assert depths[-1] == 0
    assert "<image>" not in text.lower()


def test_paths_do_not_matter_to_the_texts(tmp_path: Path) -> None:
    assert problem_text(changed(image=str(tmp_path))) == problem_text(BASE)


def test_ids_of_evidence_are_left_out_since_no_student_can_know_them() -> None:
    line = Evidence(kind="text", ref="T1", box=(0, 0, 9, 9), text="12.50")
    cited = changed(reasoning="1. Read it [T1, P:whole].\n2. Keep [note].", evidence=(line,))
    assert solution_text(cited, "steps") == "1. Read it.\n2. Keep [note].\n\n\\boxed{12.50}"


def test_the_long_rationale_is_chosen_or_thought_aloud() -> None:
    long = changed(rationale="It is printed at the foot [T1].\nIt says 12.50. </think>")
    steps = "1. Read it [T1].\n2. It is 12.50."
    rationale = "It is printed at the foot [T1].\nIt says 12.50. &lt;/think&gt;"
    assert solution_text(long, "steps") == f"{steps}\n\n\\boxed{{12.50}}"
    assert solution_text(long, "rationale") == f"{rationale}\n\n\\boxed{{12.50}}"
    assert solution_text(long, "think") == f"<think>\n{rationale}\n</think>\n\n{steps}\n\n\\boxed{{12.50}}"
    assert solution_text(BASE, "rationale") == f"{steps}\n\n\\boxed{{12.50}}"
    assert solution_text(BASE, "think") == f"<think>\n{steps}\n</think>\n\n\\boxed{{12.50}}"
