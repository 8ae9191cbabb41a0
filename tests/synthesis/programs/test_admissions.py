"""A ticket for several people: what others would pay at the price of one."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec.structs import replace
from synthesis.made_scenes import english, line, scene, writer

from dcvlr.memo import Memo
from dcvlr.records import Qa, Scene
from dcvlr.validation.checks.proof import Proof

MEMO = Memo(Path("unused"))


def ticket(people: str = "Adults 2 at 28.50", total: str = "Total 57.00") -> Scene:
    return scene(line("Spring Concert", 60, 40, height=40), line(people, 60, 300), line(total, 600, 240))


def asked(of: Scene, kind: str) -> list[Qa]:
    made = [writer(seed=seed)([of], MEMO) for seed in range(8)]
    return [one for each in made for some in each for one in some.qas if one.generator == f"computed/{kind}"]


def test_more_people_pay_the_same_price_each() -> None:
    price = {"two": "114.00", "three": "142.50", "four": "171.00", "five": "199.50"}
    found = asked(ticket(), "people_more")
    assert found
    assert all(one.answer == next(price[word] for word in price if f" {word} " in one.question) for one in found)
    assert {one.operations for one in found} == {("select", "select", "plus", "product")}


def test_others_pay_the_same_price_each_with_a_note() -> None:
    left = {"three": "14.50", "four": "86.00", "five": "57.50", "six": "29.00", "seven": "0.50"}
    found = asked(ticket(), "people_change")
    assert found
    for one in found:
        (word,) = [word for word in left if f"{word} people" in one.question.lower()]
        assert (one.answer, one.operations) == (left[word], ("select", "product", "difference"))
        assert Proof(wording=english())([one], MEMO)[0].passed
        other = replace(one, question=re.sub(r"\d+\.\d\d", "500.00", one.question))
        assert not Proof(wording=english())([other], MEMO)[0].passed


def test_more_people_pay_with_a_note() -> None:
    left = {"two": "86.00", "three": "57.50", "four": "29.00", "five": "0.50"}
    found = asked(ticket(), "people_more_change")
    assert found
    for one in found:
        (word,) = [word for word in left if re.search(rf"\b{word} (?:more )?people", one.question.lower())]
        assert one.answer == left[word]
        assert one.operations == ("select", "select", "plus", "product", "difference")
        assert Proof(wording=english())([one], MEMO)[0].passed


def test_nothing_is_asked_where_the_total_is_another_or_it_is_not_of_people() -> None:
    for other in (ticket(total="Total 58.00"), ticket("Muffins 2 at 28.50"), ticket(total="Sum 57.00")):
        assert asked(other, "people_more") + asked(other, "people_cost") == []


def test_the_proof_reads_number_price_and_people_again() -> None:
    proof, one = Proof(wording=english()), asked(ticket(), "people_more")[0]
    assert proof([one], MEMO)[0].passed
    for text in ("Muffins 2 at 28.50", "Adults 3 at 28.50", "Adults 2 at 29.50"):
        other = tuple(replace(each, text=text) if each.text.startswith("Adults") else each for each in one.evidence)
        assert not proof([replace(one, evidence=other)], MEMO)[0].passed
