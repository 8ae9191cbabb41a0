from __future__ import annotations

from pathlib import Path

from contracts.checks import qa

from dcvlr.memo import Memo
from dcvlr.records import AskedFor, ImageRecord, Qa
from dcvlr.validation.checks.monotony import Monotony

WRITER = "openai:qwen/image"


def test_of_one_question_on_many_pictures_some_are_kept(tmp_path: Path) -> None:
    asked = [
        qa(id=f"q{n}", image_id=f"i{n}", question="What is the number here?", generator="openai:qwen/image")
        for n in range(40)
    ]
    numbered = [
        qa(id=f"n{n}", image_id=f"i{n}", question=f"What stands on page {n}?", generator=WRITER) for n in range(40)
    ]
    other = qa(id="other", image_id="i0", question="Which colour is the saucer?", generator=WRITER)
    check = Monotony(max_share=0.1, max_answer_share=None, min_kept=3, seed=0)
    findings = check([*asked, *numbered, other], Memo(tmp_path))
    assert [finding.passed for finding in findings].count(True) == 4 + 40 + 1
    assert findings[-1].passed
    assert check(asked[:3], Memo(tmp_path)) == [
        finding for finding in check(asked[:3], Memo(tmp_path)) if finding.passed
    ]


def test_computed_and_gold_questions_are_not_counted(tmp_path: Path) -> None:
    asked = [
        qa(id=f"q{n}", image_id=f"i{n}", question="What is the total?", generator="computed/text") for n in range(9)
    ]
    asked += [qa(id=f"g{n}", image_id=f"i{n}", question="Find x.", generator="openai:qwen/gold") for n in range(9)]
    findings = Monotony(max_share=0.1, max_answer_share=0.5, min_kept=1, seed=0)(asked, Memo(tmp_path))
    assert all(finding.passed for finding in findings)


def test_of_one_answer_to_questions_of_a_style_some_are_kept(tmp_path: Path) -> None:
    def asked(n: int, style: str, answer: str) -> Qa:
        wanted = AskedFor(number=0, answer_type="yes_no", difficulty="easy", style=style)
        question = f"Is number {n} of the {style} blue?"
        return qa(
            id=f"{style}{n}", image_id=f"i{n}", question=question, answer=answer, generator=WRITER, asked_for=wanted
        )

    cups = [asked(n, "cups", "Yes." if n < 15 else "no") for n in range(20)]
    plates = [asked(n, "plates", "yes") for n in range(4)]
    check = Monotony(max_share=1, max_answer_share=0.6, min_kept=3, seed=0)
    findings = check([*cups, *plates], Memo(tmp_path))
    assert [sum(finding.passed for finding in part) for part in (findings[:15], findings[15:20], findings[20:])] == [
        12,
        5,
        3,
    ]
    refused = next(finding for finding in findings if not finding.passed)
    assert (refused.value, refused.threshold) == ("Yes.", 0.6)
    assert refused.reason == "too many other questions of this style have the same answer"


def test_a_question_about_two_pictures_is_asked_on_both(tmp_path: Path) -> None:
    shown = [ImageRecord(id=f"i{n}", path=f"{n}.png", dataset="d") for n in range(40)]
    asked = [
        qa(id=f"q{n}", image_id=f"i{n}", images=(shown[n], shown[n + 1]), question="Which is redder?", generator=WRITER)
        for n in range(0, 40, 2)
    ]
    check = Monotony(max_share=0.1, max_answer_share=None, min_kept=1, seed=0)
    assert sum(finding.passed for finding in check(asked, Memo(tmp_path))) == 4
