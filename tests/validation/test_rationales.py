"""The thoughts that questions keep: whose, cleaned of what, held to what."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace as replace_setting
from pathlib import Path

import pytest
from contracts.checks import qa, text
from msgspec.structs import replace
from scripted import Scripted
from validation.shipped import rationales, settings

from dcvlr.errors import ConfigError
from dcvlr.llm.solver import Solver
from dcvlr.memo import Memo
from dcvlr.protocols import Check
from dcvlr.records import Qa
from dcvlr.records.requests import Reply
from dcvlr.text.rationale import RationaleSource, cleaned, part_of
from dcvlr.validation.checks.consistency import Consistency
from dcvlr.validation.checks.machinery import Machinery
from dcvlr.validation.checks.self_talk import SelfTalk
from dcvlr.validation.checks.solve import Solve

CHECKS: dict[str, Check] = {
    "machinery": Machinery(**settings("machinery")),
    "self_talk": SelfTalk(**settings("self_talk")),
    "consistency": Consistency(**settings("consistency")),
}
GOOD = """The receipt lists two drinks. The milk stands in the first row with 2.50.
The tea stands below it with 4.50.
Adding both prices gives 2.50 + 4.50 = 7.00."""


def asked(rationale: str | None = None) -> Qa:
    made = qa(
        question="What do milk and tea cost together?",
        answer="7.00",
        reasoning="1. Milk is 2.50, tea is 4.50.\n2. 2.50 + 4.50 = 7.00.",
        evidence=(text(1, "Milk 2.50"), text(2, "Tea 4.50")),
    )
    return replace(made, rationale=rationale)


def kept(source: RationaleSource, question: Qa, checks: dict[str, Check] = CHECKS) -> tuple[str | None, dict[str, int]]:
    counts = Counter[str]()
    (found,) = rationales(source)([question], checks, Memo(Path("unused")), counts)
    return found.rationale, dict(counts)


def test_the_thought_of_a_writer_is_kept_without_what_it_says_of_its_task() -> None:
    thought = "I look for something to ask. Two prices could be asked about. So I ask: what do they cost?\n"
    thought += f"Okay, let me look at the data [T1]. I will write a question about the sum.\n{GOOD} [T1, T2]\n"
    thought += "The question must have exactly one answer. Evidence: T1 and T2. The OCR says 2.50."
    assert kept("writer", asked(thought)) == (GOOD, {"kept": 1})


def test_steps_alone_are_kept_unless_a_thought_is_wanted() -> None:
    assert kept("steps", asked(GOOD)) == (None, {})
    assert kept("writer", asked(None)) == (None, {"none": 1})


@pytest.mark.parametrize(
    ("thought", "fault"),
    [
        ("Milk and tea: 7.00.", "too_short"),
        (
            GOOD
            + "\n"
            + "\n".join(f"Row {n} of the receipt is about another drink, not about these." for n in range(99)),
            "too_long",
        ),
        (GOOD.replace("= 7.00", "= 8.00").replace("4.50 =", "5.50 ="), "inconsistent"),
        (GOOD + "\nThe tea stands below it with 4.50.", "inconsistent"),
    ],
)
def test_a_thought_that_does_not_fit_is_dropped_and_the_question_stays(thought: str, fault: str) -> None:
    assert kept("writer", asked(thought)) == (None, {fault: 1})


def test_a_thought_may_have_as_few_and_as_many_words_as_are_allowed() -> None:
    words = len(GOOD.split()) - GOOD.count("=") - GOOD.count("+")
    for least, most, count in ((words, words, "kept"), (words + 1, words + 1, "too_short"), (1, words - 1, "too_long")):
        counts = Counter[str]()
        exact = replace_setting(rationales("writer"), min_words=least, max_words=most)
        list(exact([asked(GOOD)], CHECKS, Memo(Path("unused")), counts))
        assert counts == {count: 1}


def test_a_solver_who_agrees_gives_its_reply_and_nothing_is_asked_twice(tmp_path: Path) -> None:
    def says(request: object) -> Reply:
        right = len(llm.asked) > 1
        return Reply(text=f"{GOOD}\n\\boxed{{{'7.00' if right else '9.00'}}}" if right else "\\boxed{9.00}")

    llm = Scripted(script=says)
    solver = Solver(
        llm=llm,
        samples=2,
        temperature=0.7,
        top_p=1.0,
        max_tokens=99,
        prompt="{question}{options}",
        tolerance=0.0,
        seed=0,
    )
    checks = CHECKS | {"solve": Solve(solver=solver, min_agreement=0.5)}
    memo, counts = Memo(tmp_path), Counter[str]()
    checks["solve"]([asked()], memo)
    before = len(llm.asked)
    (found,) = rationales("solver")([asked()], checks, memo, counts)
    assert len(llm.asked) == before == 2
    assert found.rationale is not None
    assert found.rationale.startswith("The receipt lists two drinks.")
    assert "\\boxed" not in found.rationale
    assert counts == {"kept": 1}


def test_a_solvers_thoughts_need_a_solver() -> None:
    with pytest.raises(ConfigError, match="add \\+validation/checks="):
        rationales("solver").require(CHECKS)


def test_several_questions_share_a_thought_by_its_headings() -> None:
    thought = (
        "I list the rows.\nQuestion 1\nMilk is 2.50.\n**Question 2:** the tea\nTea is 4.50.\n## Question 3\nBoth: 7.00."
    )
    assert [part_of(thought, number, alone=False).strip() for number in (1, 2, 3, 4)] == [
        "Milk is 2.50.",
        "Tea is 4.50.",
        "Both: 7.00.",
        "",
    ]
    assert part_of(thought, 1, alone=True) == thought
    assert part_of("Question 1\na\nQuestion 1\nb", 1, alone=False) == ""
    assert part_of("no headings", 1, alone=False) == ""


def test_marks_of_lists_and_thinking_tags_go() -> None:
    import re

    nothing = re.compile("(?!)")
    assert (
        cleaned("<think>hm</think>1. **Milk** is 2.50 [T1].\n- Tea is 4.50.", nothing) == "Milk is 2.50.\nTea is 4.50."
    )
