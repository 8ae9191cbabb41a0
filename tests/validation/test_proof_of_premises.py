"""What a question takes for granted is proven, too: that a row has more, and that a number is a time to pay."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from contracts.checks import qa
from msgspec.structs import replace
from synthesis.made_documents import invoice
from synthesis.made_scenes import english, league, writer

from dcvlr.memo import Memo
from dcvlr.records import Evidence, Qa, Scene
from dcvlr.validation.checks.proof import Proof

PROOF = Proof(wording=english())
MEMO = Memo(Path("unused"))


def reason(one: Qa) -> str:
    return PROOF([one], MEMO)[0].reason


def of_kind(kind: str, scene: Scene) -> Qa:
    """Of the first seed that has one."""
    made = (qa for seed in range(40) for of in writer(seed=seed, qa_per_image=40)([scene], MEMO) for qa in of.qas)
    return next(qa for qa in made if qa.generator == f"computed/{kind}")


@pytest.mark.slow
def test_only_what_is_more_is_so_many_percent_more() -> None:
    one = of_kind("percent_more", league())
    assert reason(one) == ""
    high, low = re.findall(r"at\(a, (T\d+)\)", str(one.program))
    names = {each.ref: each.text for each in one.evidence}
    program = str(one.program).replace(f"at(a, {high}), at(a, {low})", f"at(a, {low}), at(a, {high})")
    question = one.question.replace(names[high], "X").replace(names[low], names[high]).replace("X", names[low])
    first, second = (int(re.findall(rf"entry\({ref}, number\((T\d+)\)\)", program)[0][1:]) for ref in (high, low))
    values = int(names[f"T{first}"]), int(names[f"T{second}"])
    answer = f"{100 * (values[0] - values[1]) / values[0]:.0f}%"
    assert "not the larger" in reason(replace(one, program=program, question=question, answer=answer, options=None))


@pytest.mark.slow
@pytest.mark.parametrize("text", ["14 pages", "Returns within 14 days", "Payment by bank transfer 14"])
def test_a_number_that_is_no_time_to_pay_is_not_proven(text: str) -> None:
    one = of_kind("pay_until", invoice())
    assert reason(one) == ""
    other = tuple(replace(each, text=text) if "within" in each.text else each for each in one.evidence)
    assert "within which one has to pay" in reason(replace(one, evidence=other))


def test_a_miscounted_object_is_found() -> None:
    dogs = [Evidence(kind="object", ref=f"O{n}", box=(90.0 * n, 0, 90.0 * n + 80, 80), text="dog") for n in (1, 2)]
    one = qa(
        generator="computed/object_count",
        question="How many dogs are there in the picture?",
        answer="2",
        program="a = column(entry(O1, number(O1, O2))); at(a, O1)",
        operations=("at",),
        difficulty=1,
        evidence=tuple(dogs),
    )
    assert reason(one) == ""
    fewer = replace(one, program="a = column(entry(O1, number(O1))); at(a, O1)", answer="1")
    assert reason(fewer) == "the program does not look at O2"


def change(question: str, program: str, *, second: str = "Apr") -> Qa:
    """From 200 visitors in Jan to 150 in a later month; those in between are not looked at."""
    shown = (("T1", 0, 0, "visitors"), ("T2", 0, 90, "200"), ("T3", 0, 200, "Jan"))
    later = (("T4", 300, 120, "150"), ("T5", 300, 200, second))
    lines = [Evidence(kind="text", ref=ref, box=(x, y, x + 40, y + 20), text=text) for ref, x, y, text in shown + later]
    return qa(
        generator="computed/growth_fell",
        question=question,
        answer="25%",
        program=f"a = column(unit(T1), entry(T3, number(T2)), entry(T5, number(T4))); {program}",
        operations=("at", "at", "percent_change"),
        difficulty=3,
        evidence=tuple(lines),
    )


def test_a_change_is_from_one_period_to_a_later_one() -> None:
    asked = "By what percentage did the number of visitors fall from {} to {}, to the nearest whole percent?"
    program = "percent_change(at(a, T5), at(a, T3))"
    assert reason(change(asked.format("Jan", "Apr"), program)) == ""
    rose = asked.replace("fall", "rise")
    backwards = replace(
        change(rose.format("Apr", "Jan"), "percent_change(at(a, T3), at(a, T5))"),
        answer="33%",
        generator="computed/growth_rose",
    )
    refused = "the second is not a later period than the first"
    assert reason(backwards) == refused
    assert reason(change(asked.format("Jan", "Ashby"), program, second="Ashby")) == refused
    risen = replace(change(rose.format("Jan", "Apr"), program), generator="computed/growth_rose")
    assert reason(risen) == "the first is not the larger one"
    assert reason(replace(risen, generator="computed/growth_fell")) != ""
