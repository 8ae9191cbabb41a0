"""Bullets that lines begin with: no part of labels, entries and questions, and kept in the evidence."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from synthesis.made_scenes import english, line, rows, scene, writer
from synthesis.scene.read_scenes import document

from dcvlr.memo import Memo
from dcvlr.records import Finding, Qa, Scene
from dcvlr.synthesis.scene.values import shown
from dcvlr.validation.checks.proof import Proof

UNUSED = Memo(Path("unused"))
BULLETS = ("• ", "•", "● ", "▪ ", "■ ", "· ", "·", "– ", "- ", "* ")
FACTS = ("Launch: 2026-06-30", "Review: 2026-04-17", "Stand-up: 09:15")
COURSES = ("Drawing from life", "Pottery", "Screen printing", "Weaving")


def slide(title: str, *texts: str) -> Scene:
    return scene(line(title, 40, 40, height=45), *(line(text, 60, 130 + 50 * n) for n, text in enumerate(texts)))


def fields(of: Scene) -> dict[str, str]:
    return {one.label: shown(one.value) for one in document(of).fields}


def lists(of: Scene) -> list[list[str]]:
    return [[each.label for each in one.entries.entries] for one in document(of).lists]


def written(of: Scene) -> list[Qa]:
    return list(writer()([of], UNUSED)[0].qas)


def proof(*qas: Qa) -> list[Finding]:
    return Proof(wording=english())(qas, UNUSED)


def of_kind(kind: str, of: Scene) -> Qa:
    """Of the first seed that has one: nearly the same words are not asked twice."""
    asked = (qa for seed in range(10) for qa in writer(seed=seed)([of], Memo(Path("unused")))[0].qas)
    return next(qa for qa in asked if qa.generator == f"computed/{kind}")


@pytest.mark.parametrize("bullet", BULLETS)
def test_a_bullet_is_no_part_of_a_label_or_an_entry(bullet: str) -> None:
    facts = fields(slide("Project Heron", *(bullet + text for text in FACTS)))
    assert facts.items() >= {"Launch": "2026-06-30", "Review": "2026-04-17", "Stand-up": "09:15"}.items()
    assert lists(slide("Courses", *(bullet + text for text in COURSES))) == [list(COURSES)]


def test_a_label_beside_its_value_may_have_a_bullet() -> None:
    cells = (("• Launch", "2026-06-30"), ("• Review", "2026-04-17"))
    asked = written(scene(*rows(cells, (40, 300), 100)))
    assert any('"Launch"' in one.question for one in asked)
    assert all(one.passed for one in proof(*asked))


def test_bullets_of_one_list_may_be_read_as_different_ones() -> None:
    mixed = [bullet + text for bullet, text in zip(("• ", "·", "– ", "- "), COURSES, strict=True)]
    assert lists(slide("Courses", *mixed)) == [list(COURSES)]
    assert lists(slide("Courses", *mixed[:3], COURSES[3])) == []
    assert lists(slide("• Courses", *mixed)) == []


def test_entries_may_begin_with_a_number() -> None:
    assert lists(slide("Needed", "- 3 eggs", "– Salt", "• 200 grams of flour", "• Milk")) == [
        ["3 eggs", "Salt", "200 grams of flour", "Milk"]
    ]


@pytest.mark.parametrize(
    "text", ["- 5.00", "- RM 5.00", "– RM5.00", "· 50", "·50", "- 5 min", "- 12:00", "- 5.00 USD", "-Launch"]
)
def test_a_sign_before_an_amount_and_a_dot_before_digits_are_no_bullets(text: str) -> None:
    (first,) = document(scene(line(text, 40, 100))).page.lines
    assert (first.text, first.is_bulleted) == (text, False)


@pytest.mark.parametrize(
    "of",
    [slide("Project Heron", *(f"• {text}" for text in FACTS)), slide("Courses", *(f"– {text}" for text in COURSES))],
)
def test_words_show_no_bullet_and_the_evidence_is_what_was_read(of: Scene) -> None:
    asked = [one for seed in range(2) for one in writer(seed=seed)([of], UNUSED)[0].qas]
    assert len(asked) > 8
    assert all(one.passed for one in proof(*asked))
    assert of.text is not None
    printed = {one.text for one in of.text.lines}
    assert {each.text for one in asked for each in one.evidence} <= printed
    words = [text for one in asked for text in (one.question, one.answer, one.reasoning or "", *(one.options or ()))]
    assert not any(bullet in text for text in words for bullet in "•●▪■·–")


def test_another_entry_or_one_with_its_bullet_is_not_proven() -> None:
    one = of_kind("list_next", slide("Courses", *(f"• {text}" for text in COURSES)))
    named = next(text for text in COURSES if f'"{text}"' in one.question)
    assert [each.passed for each in proof(one)] == [True]
    for other in (*(text for text in COURSES if text != named), f"• {named}", "Sugar"):
        changed = replace(one, question=one.question.replace(f'"{named}"', f'"{other}"'))
        assert not proof(changed)[0].passed, other
    for answer in (*(text for text in COURSES if text != one.answer), f"• {one.answer}"):
        assert not proof(replace(one, answer=answer))[0].passed, answer


@pytest.mark.parametrize("bullet", ["• ", ""])
def test_the_label_of_another_value_is_not_proven(bullet: str) -> None:
    of = slide("Project Heron", *(bullet + text for text in FACTS))
    one = of_kind("days_between", of)
    assert proof(one)[0].passed
    exchanged = one.question.replace("Launch", "?").replace("Review", "Launch").replace("?", "Review", 1)
    for question in (exchanged, *(one.question.replace("Launch", other) for other in ("Sugar", "Review", "• Launch"))):
        assert not proof(replace(one, question=question))[0].passed, question
    read = of_kind("read", of)
    name = "Launch" if "Launch" in read.question else "Review"
    assert not proof(replace(read, question=read.question.replace(name, "Stand-up")))[0].passed
